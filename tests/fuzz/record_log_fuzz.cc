// Any bytes as a log: a scan ends, what it gives lies inside the file, and a writer that opens it leaves a valid log.
#include <cstdint>
#include <cstdlib>

#include "base/sim_file_system.h"
#include "store/record_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  SeededRandom random(1);
  SimFileSystem disk(random);
  if (!disk.make_directories("d")) std::abort();
  auto file = disk.open("d/log", OpenMode::create);
  if (!file || !(*file)->append({reinterpret_cast<const char*>(data), size})) std::abort();
  std::uint64_t records = 0;
  const auto end = store::scan_records(**file, store::LogKind::journal, 0, [&](const store::Record& record) {
    if (record.offset + store::kRecordHeaderBytes + record.payload.size() > size) std::abort();
    const auto again = store::read_record(**file, record.offset, static_cast<std::uint32_t>(record.payload.size()));
    if (!again || *again != record.payload) std::abort();
    ++records;
    return true;
  });
  [[maybe_unused]] const auto ends_somehow = store::last_record(**file, store::LogKind::journal, 6);
  if (!end) return 0;
  {
    auto writer = store::RecordLogWriter::open(disk, "d/log", store::LogKind::journal);
    if (!writer) std::abort();
    writer->add(7, "more");
    if (!writer->write()) std::abort();
  }
  auto read = disk.open("d/log", OpenMode::read);
  std::uint64_t after = 0;
  const auto whole =
      store::scan_records(**read, store::LogKind::journal, 0, [&](const store::Record&) { return ++after, true; });
  if (!whole || after != records + 1 || *whole != *(*read)->size()) std::abort();
  const auto last = store::last_record(**read, store::LogKind::journal, 7);
  if (!last || !*last || **last != "more") std::abort();
  return 0;
}
