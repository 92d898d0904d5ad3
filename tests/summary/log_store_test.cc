#include "summary/log_store.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sim_file_system.h"

namespace skein::summary {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

LogStart start(bool keep_secrets = false) {
  LogStart start;
  start.id = "3f2a01";
  start.command = {"make", "TOKEN=abcdef12"};
  start.keep_secrets = keep_secrets;
  return start;
}

std::string text_of(const LogReader& log, std::uint64_t first = 1, std::uint64_t last = kAll) {
  std::string text;
  EXPECT_TRUE(log.pieces(first, last, [&](const LogPiece& piece) {
    text += piece.bytes;
    return true;
  }));
  return text;
}

/// What a log must hold: the input, its secrets replaced.
std::string replaced(const std::string& input, const std::vector<LogSecret>& secrets) {
  std::string out;
  std::uint64_t done = 0;
  for (const LogSecret& secret : secrets) {
    out += input.substr(done, secret.offset - done) + "[redacted:" + secret.rule + "]";
    done = secret.offset + secret.length;
  }
  return out + input.substr(done);
}

TEST(LogStore, EqualsItsInputOutsideTheListedSecretsHoweverItCame) {
  SeededRandom random(3);
  const std::vector<std::string> words{"compiling a.cc\n",      "password=hunter2!",    "\n",     " ",
                                       "https://u:s3cret@h/\n", std::string(5000, 'x'), "a\0b\n", "\x1b[31mred\n"};
  for (int round = 0; round < 60; ++round) {
    SeededRandom disk(1);
    SimFileSystem files(disk);
    auto writer = LogWriter::create(files, "/s/logs", start(), "20261121-010203.000001");
    ASSERT_TRUE(writer);
    std::string input;
    for (std::uint64_t i = random.below(300); i > 0; --i) input += words[random.below(words.size())];
    std::string out_bytes;
    for (std::size_t at = 0; at < input.size();) {
      const std::string piece = input.substr(at, 1 + random.below(4000));
      ASSERT_TRUE(
          writer->add(random.below(2) == 0 ? LogStream::out : LogStream::err, static_cast<std::int64_t>(at), piece));
      if (random.below(10) == 0) {
        ASSERT_TRUE(writer->flush());
      }
      at += piece.size();
    }
    const auto end = writer->finish({});
    ASSERT_TRUE(end);
    const auto log = LogReader::open(files, "/s/logs/20261121-010203.000001-3f2a01.log");
    ASSERT_TRUE(log) << log.error().to_string();
    const auto secrets = log->secrets();
    ASSERT_TRUE(secrets);
    const std::string text = text_of(*log);
    EXPECT_EQ(text, replaced(input, *secrets)) << "round " << round;
    EXPECT_EQ(text.find("hunter2"), std::string::npos);
    EXPECT_EQ(end->bytes, text.size());
    EXPECT_EQ(end->secrets, secrets->size());
  }
}

std::string many_lines(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i * 7919) + " of a long build\n";
  return text;
}

TEST(LogStore, OfALargeLogHandsOnWhatItStoredInOrderAndAllBeforeItsEnd) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  auto writer = LogWriter::create(files, "/s/logs", start(), "t");
  ASSERT_TRUE(writer);
  std::string stored;
  writer->listen({}, [&](std::string bytes) { stored += bytes; });
  const std::string input = many_lines(5 << 20);
  for (std::size_t at = 0; at < input.size(); at += 60'000)
    ASSERT_TRUE(writer->add(LogStream::out, 1, std::string_view(input).substr(at, 60'000)));
  ASSERT_TRUE(writer->flush());
  EXPECT_GT(stored.size() + 100, input.size());  // Some bytes at the end may begin a secret.
  const auto end = writer->finish({});
  ASSERT_TRUE(end);
  EXPECT_TRUE(stored == input);
  EXPECT_EQ(end->bytes, input.size());
  const auto log = LogReader::open(files, "/s/logs/t-3f2a01.log");
  ASSERT_TRUE(log) << log.error().to_string();
  EXPECT_TRUE(text_of(*log) == input);
}

TEST(LogStore, SaysThatTheDiskIsFullAlsoWhereAThreadOfItsOwnMetIt) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  auto writer = LogWriter::create(files, "/s/logs", start(), "t");
  ASSERT_TRUE(writer);
  const std::string input = many_lines(3 << 20);
  ASSERT_TRUE(writer->add(LogStream::out, 1, input));
  ASSERT_TRUE(writer->flush());
  files.set_faults({.append_fails = 1});
  Status status;
  for (int i = 0; i < 20 && status; ++i) status = writer->add(LogStream::out, 2, input);
  EXPECT_FALSE(status && writer->flush());
  EXPECT_FALSE(writer->finish({}));
}

TEST(LogStore, FindsAnyRangeOfLines) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  auto writer = LogWriter::create(files, "/s/logs", start(), "t");
  ASSERT_TRUE(writer);
  std::vector<std::string> lines;
  SeededRandom random(5);
  for (int i = 0; i < 30'000; ++i) {
    lines.push_back(std::to_string(i) + std::string(random.below(60), 'y') + (i + 1 < 30'000 ? "\n" : ""));
    ASSERT_TRUE(writer->add(i % 7 == 0 ? LogStream::err : LogStream::out, i, lines.back()));
  }
  lines.insert(lines.begin(), "");
  ASSERT_TRUE(writer->finish({}));
  const auto log = LogReader::open(files, "/s/logs/t-3f2a01.log");
  ASSERT_TRUE(log);
  EXPECT_EQ(log->lines(), 30'000U);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t first = 1 + random.below(30'000);
    const std::uint64_t last = first + random.below(50);
    std::string expected;
    for (std::uint64_t i = first; i <= std::min<std::uint64_t>(last, 30'000); ++i) expected += lines[i];
    EXPECT_EQ(text_of(*log, first, last), expected) << first << "-" << last;
  }
}

TEST(LogStore, IsReadableAfterAnyCut) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  const std::string path = "/s/logs/t-3f2a01.log";
  std::string input;
  {
    auto writer = LogWriter::create(files, "/s/logs", start(), "t");
    ASSERT_TRUE(writer);
    for (int i = 0; i < 40; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      input += line;
      ASSERT_TRUE(writer->add(LogStream::out, i, line));
      ASSERT_TRUE(writer->flush());
    }
    ASSERT_TRUE(writer->finish({}));
  }
  auto whole = read_file(files, path);
  ASSERT_TRUE(whole);
  std::size_t longest = 0;
  for (std::size_t size = 0; size <= whole->size(); ++size) {
    ASSERT_TRUE(write_file_atomically(files, path, whole->substr(0, size), false));
    const auto log = LogReader::open(files, path);
    if (!log) continue;  // Its beginning was cut.
    const std::string text = text_of(*log);
    EXPECT_TRUE(input.starts_with(text)) << size;
    EXPECT_GE(text.size(), longest);
    longest = text.size();
  }
  EXPECT_EQ(longest, input.size());
}

TEST(LogStore, KeepsSecretsWhereAskedAndMarksThemInTheCommandElse) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  for (const bool keep : {false, true}) {
    auto writer = LogWriter::create(files, "/s/logs", start(keep), keep ? "k" : "m");
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->add(LogStream::out, 0, "password=hun"));
    ASSERT_TRUE(writer->add(LogStream::out, 1, "ter2!\n"));
    ASSERT_TRUE(writer->finish({}));
    const std::string path = keep ? "/s/logs/k-3f2a01.log" : "/s/logs/m-3f2a01.log";
    const auto log = LogReader::open(files, path);
    ASSERT_TRUE(log);
    EXPECT_EQ(text_of(*log), keep ? "password=hunter2!\n" : "password=[redacted:password]\n");
    EXPECT_EQ(log->start().command[1], keep ? "TOKEN=abcdef12" : "TOKEN=[redacted:password]");
  }
}

TEST(LogStore, FindsALogByTheBeginningOfItsName) {
  SeededRandom disk(1);
  SimFileSystem files(disk);
  for (const auto* id : {"3f2a01", "3f2b02", "aaaaaa"}) {
    LogStart one = start();
    one.id = id;
    auto writer = LogWriter::create(files, "/s/logs", one, std::string("t") + id[3]);
    ASSERT_TRUE(writer && writer->finish({}));
  }
  EXPECT_EQ(find_log(files, "/s/logs", "3f2a")->id, "3f2a01");
  EXPECT_EQ(find_log(files, "/s/logs", "3f").error().code(), Code::invalid_argument);
  EXPECT_EQ(find_log(files, "/s/logs", "9").error().code(), Code::not_found);
}

}  // namespace
}  // namespace skein::summary
