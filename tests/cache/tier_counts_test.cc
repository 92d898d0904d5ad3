#include "cache/tier_counts.h"

#include <gtest/gtest.h>

#include "cache/uses.h"
#include "support/scratch_tree.h"

namespace skein::cache {
namespace {

WallTime day(int n) { return WallTime{} + std::chrono::days(n); }

class TierCountsOnDisk : public ::testing::Test {
 protected:
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
};

CacheCounts some() {
  CacheCounts counts;
  counts.hits = 5;
  counts.expired = 1;
  counts.damaged = 2;
  counts.misses = 4;
  counts.puts = 3;
  counts.saved = Micros(70);
  counts.money_saved = {9};
  counts.entries = 8;
  counts.bytes = 100;
  counts.get.record(Nanos(1000));
  counts.put.record(Nanos(2000));
  return counts;
}

TEST_F(TierCountsOnDisk, AddUpOverProcessesWithTheirLatencies) {
  for (const int n : {1, 1, 3}) ASSERT_TRUE(add_tier_counts(*files_, tree_.root(), {{"disk", some()}}, day(n)));
  ASSERT_TRUE(add_tier_counts(*files_, tree_.root(), {{"shared", CacheCounts{}}}, day(3)));
  const auto all = read_tier_counts(*files_, tree_.root()).value();
  ASSERT_EQ(all.size(), 1u) << "a tier that was not asked leaves no line";
  const auto& disk = all.at("disk");
  EXPECT_EQ(disk.hits, 15);
  EXPECT_EQ(disk.expired, 3);
  EXPECT_EQ(disk.damaged, 6);
  EXPECT_EQ(disk.misses, 12);
  EXPECT_EQ(disk.saved, Micros(210));
  EXPECT_EQ(disk.money_saved.value, 27);
  EXPECT_EQ(disk.entries, 8) << "not a sum: the most that one had";
  EXPECT_EQ(disk.get.count(), 3);
  EXPECT_EQ(disk.get.quantile(0.5), some().get.quantile(0.5));
  EXPECT_EQ(read_tier_counts(*files_, tree_.root(), day(2)).value().at("disk").hits, 5);
}

TEST_F(TierCountsOnDisk, DamagedLinesAreLeftOutAndManyBecomeOne) {
  ASSERT_TRUE(add_tier_counts(*files_, tree_.root(), {{"disk", some()}}, day(1)));
  const std::string line = tree_.read("cache-tiers");
  std::string text = "1 2 disk x\n1 86400 disk 1 2 3 4 5 6 7 8 9 10 11 12 13 14 999=1 -\n2 " + line.substr(2);
  std::int64_t lines = 0;
  for (; text.size() <= (256u << 10); ++lines) text += line;
  tree_.write("cache-tiers", text);
  ASSERT_TRUE(add_tier_counts(*files_, tree_.root(), {{"disk", some()}}, day(1)));
  EXPECT_LT(tree_.read("cache-tiers").size(), 200u);
  EXPECT_EQ(read_tier_counts(*files_, tree_.root()).value().at("disk").hits, 5 * (lines + 1));
}

TEST_F(TierCountsOnDisk, UsesAreCountedByStepAndBounded) {
  ASSERT_TRUE(add_uses(*files_, tree_.root(), {"page a", "page b", "page a"}));
  ASSERT_TRUE(add_uses(*files_, tree_.root(), {"page b", "page b", "page c", "two\nlines"}));
  auto uses = read_uses(*files_, tree_.root()).value();
  ASSERT_EQ(uses.size(), 3u);
  EXPECT_EQ(uses[0].step, "page b");
  EXPECT_EQ(uses[0].hits, 3);
  EXPECT_EQ(uses[2].hits, 1);
  std::vector<std::string> many;
  for (std::size_t i = 0; i < 2 * kMostUses; ++i) many.push_back("step " + std::to_string(i));
  ASSERT_TRUE(add_uses(*files_, tree_.root(), many));
  uses = read_uses(*files_, tree_.root()).value();
  EXPECT_EQ(uses.size(), kMostUses);
  EXPECT_EQ(uses[0].step, "page b") << "who is used more stays";
  tree_.write("cache-uses", "skein.cache-uses/1\nx y\n-3 z\n4\n5 good\n6 cut");
  uses = read_uses(*files_, tree_.root()).value();
  ASSERT_EQ(uses.size(), 1u);
  EXPECT_EQ(uses[0].step, "good");
}

}  // namespace
}  // namespace skein::cache
