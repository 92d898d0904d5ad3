#include "app/own_log.h"

#include <gtest/gtest.h>

#include "support/scratch_tree.h"

namespace skein::app {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class OwnLogTest : public testing::Test {
 protected:
  OwnLogTest() { tree.write("format", "skein state 1\n"); }
  std::string text() { return bytes_of(tree.path("log/skein.jsonl")); }

  test::ScratchTree tree;
  SimClock clock;
};

TEST_F(OwnLogTest, WritesJsonLinesWithWhatTheyAreAbout) {
  OwnLog log({.folder = tree.root()}, clock);
  log.write(LogLevel::error, "it \"failed\"", {.run = "r1", .step = "facts src/a.c", .key = "abc"});
  const auto json = engine::parse_json(text());
  ASSERT_TRUE(json) << text();
  EXPECT_EQ((*json)["schema"], "skein.log/1");
  EXPECT_EQ((*json)["level"], "error");
  EXPECT_EQ((*json)["message"], "it \"failed\"");
  EXPECT_EQ((*json)["run"], "r1");
  EXPECT_EQ((*json)["step"], "facts src/a.c");
  EXPECT_EQ((*json)["key"], "abc");
  EXPECT_EQ((*json)["time"], "2024-10-04T00:00:00.000000Z");
}

TEST_F(OwnLogTest, OpensNoFileForLinesBelowItsLevel) {
  OwnLog log({.folder = tree.root()}, clock);
  log.write(LogLevel::info, "small talk");
  EXPECT_FALSE(std::filesystem::exists(tree.path("log")));
  OwnLog off({.folder = tree.root(), .level = LogLevel::off}, clock);
  off.write(LogLevel::error, "nobody listens");
  EXPECT_FALSE(std::filesystem::exists(tree.path("log")));
}

TEST_F(OwnLogTest, MakesNoStateFolderOfItsOwn) {
  const test::ScratchTree empty;
  OwnLog log({.folder = empty.path(".skein")}, clock);
  log.write(LogLevel::error, "no folder yet");
  EXPECT_FALSE(std::filesystem::exists(empty.path(".skein")));
}

TEST_F(OwnLogTest, HidesSecretsUnlessTold) {
  OwnLog log({.folder = tree.root()}, clock);
  log.write(LogLevel::error, "password=hunter2!", {.run = {}, .step = "token=abcdef", .key = {}});
  EXPECT_EQ(text().find("hunter2"), std::string::npos);
  EXPECT_EQ(text().find("abcdef"), std::string::npos);
  OwnLog open({.folder = tree.root(), .keep_secrets = true}, clock);
  open.write(LogLevel::error, "password=hunter2!");
  EXPECT_NE(text().find("hunter2"), std::string::npos);
}

TEST_F(OwnLogTest, StaysWithinItsSize) {
  OwnLog log({.folder = tree.root(), .most = Bytes{100'000}}, clock);
  for (int i = 0; i < 5'000; ++i)
    log.write(LogLevel::error, "a line of about a hundred bytes, written many times over");
  std::uintmax_t total = 0;
  for (const auto& file : std::filesystem::directory_iterator(tree.path("log"))) total += file.file_size();
  EXPECT_LE(total, 100'000U);
  EXPECT_GE(total, 50'000U);
}

TEST_F(OwnLogTest, AFullOrLostFolderIsNoFailure) {
  tree.write("log", "a file where the folder should be");
  OwnLog log({.folder = tree.root()}, clock);
  log.write(LogLevel::error, "lost");
  log.write(LogLevel::error, "lost again");
}

}  // namespace
}  // namespace skein::app
