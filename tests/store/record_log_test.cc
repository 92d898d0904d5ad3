#include "store/record_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include "base/sim_file_system.h"
#include "support/bytes_file.h"

namespace skein::store {
namespace {

struct Log {
  std::string bytes;
  std::vector<std::string> payloads;
  std::vector<std::uint64_t> ends;  // After each record.
};

std::vector<std::string> read_all(const std::string& bytes, LogKind kind = LogKind::journal) {
  std::vector<std::string> payloads;
  const test::BytesFile file(bytes);
  const auto end = scan_records(file, kind, 0, [&](const Record& record) {
    payloads.emplace_back(record.payload);
    EXPECT_EQ(read_record(file, record.offset, static_cast<std::uint32_t>(record.payload.size())).value(),
              record.payload);
    return true;
  });
  EXPECT_TRUE(end) << end.error().to_string();
  return payloads;
}

Log random_log(std::uint64_t seed) {
  SeededRandom random(seed);
  SimFileSystem disk(random);
  EXPECT_TRUE(disk.make_directories("d"));
  auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal);
  EXPECT_TRUE(writer);
  Log log;
  for (std::size_t i = 1 + random.below(8); i > 0; --i) {
    std::string payload(random.below(random.chance(0.2) ? 2'000 : 40), '\0');
    for (auto& c : payload) c = static_cast<char>(random.next());
    const auto offset = writer->add(static_cast<std::uint32_t>(random.below(5)), payload);
    EXPECT_EQ(writer->end(), offset + kRecordHeaderBytes + payload.size());
    log.payloads.push_back(std::move(payload));
    log.ends.push_back(writer->end());
    EXPECT_TRUE(random.chance(0.5) || writer->write());
  }
  EXPECT_TRUE(writer->write());
  EXPECT_TRUE(writer->sync());
  EXPECT_EQ(writer->written(), writer->end());
  EXPECT_EQ(writer->buffered(), "");
  log.bytes = read_file(disk, "d/log").value();
  return log;
}

TEST(RecordLog, RecoversTheWholeRecordsOfEveryPrefix) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Log log = random_log(seed);
    for (std::size_t cut = 0; cut <= log.bytes.size(); ++cut) {
      const auto whole = static_cast<std::size_t>(
          std::count_if(log.ends.begin(), log.ends.end(), [&](std::uint64_t end) { return end <= cut; }));
      const auto found = read_all(log.bytes.substr(0, cut));
      ASSERT_EQ(found, std::vector(log.payloads.begin(), log.payloads.begin() + static_cast<std::ptrdiff_t>(whole)));
    }
  }
}

TEST(RecordLog, EndsBeforeARecordThatWasChanged) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Log log = random_log(seed);
    SeededRandom random(seed);
    for (int round = 0; round < 50; ++round) {
      const auto at = kRecordLogHeaderBytes + random.below(log.bytes.size() - kRecordLogHeaderBytes);
      std::string bytes = log.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
      const auto before = static_cast<std::size_t>(
          std::count_if(log.ends.begin(), log.ends.end(), [&](std::uint64_t end) { return end <= at; }));
      ASSERT_EQ(read_all(bytes),
                std::vector(log.payloads.begin(), log.payloads.begin() + static_cast<std::ptrdiff_t>(before)));
    }
  }
}

TEST(RecordLog, CutsATornTailOffAndGoesOn) {
  const Log log = random_log(3);
  SeededRandom random(1);
  for (std::size_t cut = 0; cut < log.bytes.size(); cut += 7) {
    SimFileSystem disk(random);
    ASSERT_TRUE(disk.make_directories("d"));
    ASSERT_TRUE((*disk.open("d/log", OpenMode::create))->append(log.bytes.substr(0, cut)));
    const auto before = read_all(log.bytes.substr(0, cut));
    auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal);
    ASSERT_TRUE(writer) << writer.error().to_string();
    writer->add(1, "new");
    ASSERT_TRUE(writer->write());
    auto expected = before;
    expected.emplace_back("new");
    EXPECT_EQ(read_all(read_file(disk, "d/log").value()), expected);
  }
}

TEST(RecordLog, StopsWhereTheVisitorSaysAndGoesOnFromThere) {
  const Log log = random_log(11);
  ASSERT_GT(log.payloads.size(), 2u);
  const test::BytesFile file(log.bytes);
  const auto end = scan_records(file, LogKind::journal, 0, [](const Record&) { return false; });
  EXPECT_EQ(end.value(), log.ends[0]);
  std::size_t rest = 0;
  EXPECT_EQ(scan_records(file, LogKind::journal, log.ends[0], [&](const Record&) { return ++rest, true; }).value(),
            log.bytes.size());
  EXPECT_EQ(rest, log.payloads.size() - 1);
}

TEST(RecordLog, RefusesFilesOfAnotherKindVersionOrMaker) {
  const auto code = [](std::string bytes) {
    const test::BytesFile file(std::move(bytes));
    const auto end = scan_records(file, LogKind::journal, 0, [](const Record&) { return true; });
    return end ? Code::internal : end.error().code();
  };
  std::string bytes = random_log(1).bytes;
  std::string newer = bytes;
  newer[8] = 2;
  EXPECT_EQ(code(newer), Code::unsupported_version);
  std::string none = bytes;
  none[8] = 0;
  EXPECT_EQ(code(none), Code::data_corrupt);
  std::string other = bytes;
  other[12] = static_cast<char>(LogKind::pack);
  EXPECT_EQ(code(other), Code::data_corrupt);
  EXPECT_EQ(code("#!/bin/sh\necho a script\n"), Code::data_corrupt);
  EXPECT_EQ(code("short"), Code::data_corrupt);
  EXPECT_EQ(code("skeinlog\x09"), Code::data_corrupt) << "torn and damaged: its version says nothing";
}

TEST(RecordLog, AsksForARecordWhereThereIsNoneOrAnother) {
  const Log log = random_log(11);
  const test::BytesFile file(log.bytes);
  EXPECT_EQ(read_record(file, kRecordLogHeaderBytes + 1, 4).error().code(), Code::data_corrupt);
  EXPECT_EQ(read_record(file, log.bytes.size(), 0).error().code(), Code::data_corrupt);
  EXPECT_EQ(
      read_record(file, kRecordLogHeaderBytes, static_cast<std::uint32_t>(log.payloads[0].size() + 1)).error().code(),
      Code::data_corrupt);
}

TEST(RecordLogWriter, TakesAPartialWriteBack) {
  SeededRandom random(4);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal);
  ASSERT_TRUE(writer);
  writer->add(1, "first");
  ASSERT_TRUE(writer->write());
  writer->add(1, std::string(1000, 'x'));
  disk.set_faults({.append_fails = 1});
  EXPECT_EQ(writer->write().error().code(), Code::resource_exhausted);
  EXPECT_EQ(read_all(read_file(disk, "d/log").value()).size(), 1u);
  disk.set_faults({});
  ASSERT_TRUE(writer->write()) << "there is room again";
  EXPECT_EQ(read_all(read_file(disk, "d/log").value()).size(), 2u);
}

TEST(RecordLogWriter, RefusesEverythingAfterAFailedSync) {
  SeededRandom random(4);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal);
  ASSERT_TRUE(writer);
  writer->add(1, "first");
  ASSERT_TRUE(writer->write());
  disk.set_faults({.sync_fails = 1});
  EXPECT_FALSE(writer->sync());
  disk.set_faults({});
  EXPECT_FALSE(writer->sync());
  writer->add(1, "second");
  EXPECT_FALSE(writer->write());
}

TEST(RecordLogWriter, DoesNotReadAgainWhatWasFoundValid) {
  SeededRandom random(4);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  std::uint64_t first = 0;
  {
    auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal);
    writer->add(1, "first");
    first = writer->end();
    writer->add(1, "second");
    ASSERT_TRUE(writer->write());
  }
  for (const std::uint64_t trusted : {std::uint64_t{0}, first, std::uint64_t{100'000}}) {
    const auto writer = RecordLogWriter::open(disk, "d/log", LogKind::journal, trusted);
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->written(), *writer->file().size());
    EXPECT_EQ(writer->path(), "d/log");
  }
  EXPECT_FALSE(RecordLogWriter::open(disk, "none/log", LogKind::journal));
  EXPECT_FALSE(RecordLogWriter::open(disk, "d/log", LogKind::pack)) << "of another kind";
}

/// A log of random records, and a file system that holds it.
struct RandomLog {
  explicit RandomLog(std::uint64_t seed) : random(seed) {
    EXPECT_TRUE(files.make_directories("/d"));
    auto log = RecordLogWriter::open(files, "/d/log", LogKind::pack).value();
    for (int i = 0; i < 40; ++i) {
      std::string payload(random() % 3 == 0 ? random() % 5000 : random() % 40, '\0');
      if (random() % 4 != 0)
        for (auto& byte : payload) byte = static_cast<char>(random());
      offsets.push_back(log.add(static_cast<std::uint32_t>(1 + random() % 2), payload));
      payloads.push_back(payload);
    }
    EXPECT_TRUE(log.write());
    bytes = read_file(files, "/d/log").value();
  }
  /// Puts other bytes in place of the file.
  void replace(std::string_view now) {
    auto file = files.open("/d/log", OpenMode::create).value();
    ASSERT_TRUE(file->append(now));
  }
  std::mt19937_64 random;
  SeededRandom chance{1};
  SimFileSystem files{chance};
  std::vector<std::uint64_t> offsets;
  std::vector<std::string> payloads;
  std::string bytes;
};

TEST(RecordLogDamage, EveryRecordThatNoFlippedBitTouchedIsFoundAndNothingElse) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    RandomLog log(seed);
    std::string damaged = log.bytes;
    std::set<std::size_t> hit;
    for (std::uint64_t n = 1 + log.random() % 6; n > 0; --n) {
      const std::size_t at = kRecordLogHeaderBytes + log.random() % (damaged.size() - kRecordLogHeaderBytes);
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (log.random() % 8)));
      hit.insert(
          static_cast<std::size_t>(std::upper_bound(log.offsets.begin(), log.offsets.end(), at) - log.offsets.begin()) -
          1);
    }
    // A bit may have been flipped twice: such a record is whole.
    std::erase_if(hit, [&](std::size_t i) {
      const auto size = kRecordHeaderBytes + log.payloads[i].size();
      return damaged.compare(log.offsets[i], size, log.bytes, log.offsets[i], size) == 0;
    });
    log.replace(damaged);
    const auto file = log.files.open("/d/log", OpenMode::read).value();
    std::set<std::size_t> found;
    const auto end = scan_past_damage(*file, LogKind::pack, 0, [&](const Record& record, bool) {
      const auto at = std::lower_bound(log.offsets.begin(), log.offsets.end(), record.offset);
      EXPECT_TRUE(at != log.offsets.end() && *at == record.offset) << "a record where there was none";
      const auto i = static_cast<std::size_t>(at - log.offsets.begin());
      EXPECT_EQ(record.payload, log.payloads[i]);
      found.insert(i);
      return true;
    });
    ASSERT_TRUE(end);
    EXPECT_EQ(found.size() + hit.size(), log.offsets.size());
    for (const auto i : hit) EXPECT_FALSE(found.contains(i));
  }
}

TEST(RecordLogDamage, ATornTailIsNoGap) {
  RandomLog log(7);
  log.replace(std::string_view(log.bytes).substr(0, log.offsets.back() + 5));
  const auto file = log.files.open("/d/log", OpenMode::read).value();
  const auto end = scan_past_damage(*file, LogKind::pack, 0, [](const Record&, bool) { return true; });
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->gaps.empty());
  EXPECT_EQ(end->end, log.offsets.back());
}

}  // namespace
}  // namespace skein::store
