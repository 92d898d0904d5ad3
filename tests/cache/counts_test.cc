#include "cache/counts.h"

#include <gtest/gtest.h>

#include "support/scratch_tree.h"

namespace skein::cache {
namespace {

WallTime day(int n) { return WallTime{} + std::chrono::days(n); }

class CountsOnDisk : public ::testing::Test {
 protected:
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
};

TEST_F(CountsOnDisk, AddUpOverProcessesAndBeginWhereAsked) {
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"a", {.hits = 3, .misses = 1, .made = Micros(50)}}}, day(1)));
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"a", {.hits = 2}}, {"b", {.evictions = 7}}}, day(5)));
  const auto all = read_counts(*files_, tree_.root()).value();
  EXPECT_EQ(all.at("a"), (Count{.hits = 5, .misses = 1, .made = Micros(50)}));
  EXPECT_EQ(all.at("b").evictions, 7);
  EXPECT_EQ(all.at("a").saved(), Micros(250));
  EXPECT_FALSE(all.at("b").saved());
  EXPECT_EQ(read_counts(*files_, tree_.root(), {.since = day(2)}).value().at("a").hits, 2);
  EXPECT_TRUE(read_counts(*files_, tree_.root() + "/none").value().empty());
}

TEST_F(CountsOnDisk, DamagedAndHalfLinesAreLeftOut) {
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"a", {.hits = 3}}}, day(1)));
  tree_.write("cache-counts",
              tree_.read("cache-counts") + "1 x a 1 1 1 1\n1 1 a -4 0 0 0\n2 1 a 9 0 0 0\n1 86400 a 5 0 0");
  EXPECT_EQ(read_counts(*files_, tree_.root()).value().at("a").hits, 3);
}

TEST_F(CountsOnDisk, ManyLinesOfADayBecomeOneAndKeepTheirSum) {
  const std::string line = "1 86400 agent 1 2 3 4\n";
  std::string text;
  while (text.size() <= (256u << 10)) text += line;
  const auto lines = static_cast<std::int64_t>(text.size() / line.size());
  tree_.write("cache-counts", text);
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"agent", {.hits = 10}}}, day(1)));
  EXPECT_LT(tree_.read("cache-counts").size(), 100u);
  EXPECT_EQ(read_counts(*files_, tree_.root()).value().at("agent"),
            (Count{.hits = lines + 10, .misses = 2 * lines, .evictions = 3 * lines, .made = Micros(4 * lines)}));
}

TEST_F(CountsOnDisk, AreAskedForByCommitAndKeepTheReasonsOfEvictions) {
  Count count{.hits = 1};
  count.evict(EvictionReason::clear);
  count.evict(EvictionReason::size);
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"a", count}}, day(1), "commit abc123"));
  ASSERT_TRUE(add_counts(*files_, tree_.root(), {{"a", {.hits = 5}}}, day(1), "tree def"));
  EXPECT_EQ(read_counts(*files_, tree_.root(), {.commit = "abc"}).value().at("a"), count);
  EXPECT_EQ(read_counts(*files_, tree_.root(), {.commit = "def"}).value().at("a").hits, 5);
  EXPECT_TRUE(read_counts(*files_, tree_.root(), {.commit = "commit"}).value().empty());
  EXPECT_EQ(read_counts(*files_, tree_.root()).value().at("a").evicted[3], 1);
  EXPECT_TRUE(is_source("commit abc123", "abc"));
  EXPECT_FALSE(is_source("commit abc123", "b"));
  EXPECT_FALSE(is_source("", "abc"));
}

TEST(RunCounts, CountsHitsAndMissesByAgentAndWhatTheMissesTook) {
  RunCounts observer;
  engine::Usage usage;
  usage.wall = Micros(40);
  observer.on(engine::CacheMiss{"s", "a"});
  observer.on(engine::StepFinished{"s", "a", &usage});
  observer.on(engine::CacheHit{"t", "a"});
  observer.on(engine::StepFinished{"t", "a", &usage});
  observer.on(engine::StepFinished{"effect", "b", &usage});
  EXPECT_EQ(observer.counts().at("a"), (Count{.hits = 1, .misses = 1, .made = Micros(40)}));
  EXPECT_EQ(observer.counts().size(), 1u);
}

}  // namespace
}  // namespace skein::cache
