// Any bytes as a stat table. Its checksum is set right first, or nothing would ever get past it.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "store/stat_table.h"
#include "store/stat_table_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  namespace format = store::format;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size >= sizeof(format::Header)) {
    format::Header head;
    std::memcpy(&head, bytes.data(), sizeof head);
    head.magic = format::kMagic;
    head.version = format::kVersion;
    head.header_bytes = sizeof head;
    head.total_bytes = size;
    std::memcpy(bytes.data(), &head, sizeof head);
    head.checksum =
        checksum64(std::string_view(bytes).substr(offsetof(format::Header, checksum) + sizeof head.checksum));
    std::memcpy(bytes.data(), &head, sizeof head);
  }
  const int file = ::memfd_create("table", MFD_CLOEXEC);
  if (file < 0 || ::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return 0;
  if (const auto table = store::StatTable::open("/proc/self/fd/" + std::to_string(file))) {
    (void)table->check("/proc/self/fdinfo");
    for (std::uint32_t folder = 0; folder < table->folder_count(); ++folder) {
      (void)table->find_folder(folder, "a");
      (void)table->find_file(folder, "a");
    }
  }
  ::close(file);
  return 0;
}
