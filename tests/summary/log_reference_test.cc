#include "summary/log_reference.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sim_file_system.h"
#include "summary/log_store.h"

namespace skein::summary {
namespace {

class LogReferences : public testing::Test {
 protected:
  void write(const std::string& path, std::string_view bytes) {
    ASSERT_TRUE(files_.make_directories(parent_path(path)));
    const auto file = files_.open(path, OpenMode::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->append(bytes));
  }
  /// What is known of a file with these bytes.
  static LogReference reference(const std::string& path, std::string_view bytes) {
    LogReference made;
    made.path = path;
    made.bytes = static_cast<std::int64_t>(bytes.size());
    made.lines = std::ranges::count(bytes, '\n');
    FileSum sum;
    for (std::size_t at = 0; at < bytes.size(); at += FileSum::kBlock) sum.add(bytes.substr(at, FileSum::kBlock));
    made.digest = sum.text();
    return made;
  }
  std::string keep(const std::string& path, std::string_view bytes,
                   const std::string& when = "20261121-010203.000001") {
    const auto id = keep_reference(files_, "/s/logs", reference(path, bytes), when);
    EXPECT_TRUE(id);
    return id.value_or("");
  }
  Result<LogReader> open(const std::string& id) {
    SKEIN_TRY(const auto found, find_log(files_, "/s/logs", id));
    return LogReader::open(files_, found.path);
  }
  static std::string text_of(const LogReader& log, std::uint64_t first, std::uint64_t last) {
    std::string text;
    EXPECT_TRUE(log.pieces(first, last, [&](const LogPiece& piece) {
      text += piece.bytes;
      return true;
    }));
    return text;
  }

  SeededRandom disk_{1};
  SimFileSystem files_{disk_};
};

std::string many_lines(std::size_t bytes) {
  std::string text;
  for (int i = 1; text.size() < bytes; ++i) text += "line " + std::to_string(i) + " of a build\n";
  return text;
}

TEST_F(LogReferences, ShowLinesOfTheFileAsAStoredLogWould) {
  const std::string text = many_lines(900'000);
  write("/w/build.log", text);
  const auto log = open(keep("/w/build.log", text));
  ASSERT_TRUE(log) << log.error().to_string();
  EXPECT_TRUE(log->is_reference());
  EXPECT_EQ(log->changed(), "");
  EXPECT_EQ(text_of(*log, 2, 3), "line 2 of a build\nline 3 of a build\n");
  EXPECT_EQ(text_of(*log, 30'001, 30'001), "line 30001 of a build\n");
  EXPECT_TRUE(text_of(*log, 1, ~std::uint64_t{0}) == text);
  EXPECT_EQ(text_of(*log, log->lines() + 1, ~std::uint64_t{0}), "");
}

TEST_F(LogReferences, ReplaceSecrets) {
  const std::string text = "a\npassword=hunter2!\nb\n";
  write("/w/build.log", text);
  const auto log = open(keep("/w/build.log", text));
  ASSERT_TRUE(log);
  EXPECT_EQ(text_of(*log, 2, 3), "password=[redacted:password]\nb\n");
  const auto secrets = log->secrets();
  ASSERT_TRUE(secrets);
  ASSERT_EQ(secrets->size(), 1U);
  EXPECT_EQ((*secrets)[0].offset, 11U);
}

TEST_F(LogReferences, TellAFileThatHasChanged) {
  const std::string text = many_lines(600'000);
  write("/w/build.log", text);
  const std::string id = keep("/w/build.log", text);
  write("/w/build.log", text + "more\n");
  EXPECT_TRUE(open(id)->changed().contains("has changed since it was summarised"));
  std::string other = text;
  other[500'000] = other[500'000] == 'x' ? 'y' : 'x';
  write("/w/build.log", other);
  EXPECT_TRUE(open(id)->changed().contains("as many bytes, but others"));
  write("/w/build.log", text);
  EXPECT_EQ(open(id)->changed(), "");
  ASSERT_TRUE(files_.remove("/w/build.log"));
  EXPECT_EQ(open(id).error().code(), Code::not_found);
}

TEST_F(LogReferences, AreOneAFileAndNotTheLastLog) {
  write("/w/a.log", "a\n");
  write("/w/b.log", "a\n");
  const std::string first = keep("/w/a.log", "a\n");
  EXPECT_EQ(keep("/w/a.log", "a\n", "20261122-010203.000001"), first);
  const std::string second = keep("/w/b.log", "a\n");
  EXPECT_NE(first, second);
  write("/w/a.log", "b\n");
  const std::string third = keep("/w/a.log", "b\n");
  EXPECT_NE(first, third);
  const auto logs = list_logs(files_, "/s/logs");
  ASSERT_TRUE(logs);
  EXPECT_EQ(logs->size(), 2U);
  EXPECT_EQ(find_log(files_, "/s/logs", "last").error().code(), Code::not_found);
  LogStart start;
  start.id = "3f2a01";
  auto writer = LogWriter::create(files_, "/s/logs", start, "20261121-010203.000000");
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->finish({}));
  EXPECT_EQ(find_log(files_, "/s/logs", "last")->id, "3f2a01");
}

TEST_F(LogReferences, RefuseWhatIsNoReference) {
  write("/s/logs/t-123456.ref", "{");
  EXPECT_EQ(LogReader::open(files_, "/s/logs/t-123456.ref").error().code(), Code::data_corrupt);
  write("/s/logs/t-123456.ref", R"({"format": 99, "id": "123456", "path": "/w/a.log"})");
  EXPECT_EQ(LogReader::open(files_, "/s/logs/t-123456.ref").error().code(), Code::unsupported_version);
}

}  // namespace
}  // namespace skein::summary
