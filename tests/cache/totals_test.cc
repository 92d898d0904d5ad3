#include "cache/totals.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "cache/contents.h"
#include "engine/store_results.h"
#include "support/scratch_tree.h"

namespace skein::cache {
namespace {

class TotalsOnDisk : public ::testing::Test {
 protected:
  TotalsOnDisk() { open(); }
  void open() { store_ = std::move(*store::Store::open(*files_, tree_.root(), {})); }
  void put(int number, const std::string& output) {
    engine::StoreResults results(*store_);
    engine::StoredResult result;
    result.declared = result.key = sha256(std::to_string(number));
    result.outputs = {results.put_blob(output).value()};
    result.agent = number % 2 == 0 ? "even@1.0" : "odd@2.1";
    result.usage.wall = Micros(number);
    result.usage.money = {number};
    ASSERT_TRUE(results.put(result));
  }
  /// The same sums, from every entry.
  Totals counted() {
    Totals totals;
    const auto entries = list_entries(*store_).value();
    for (const auto& entry : entries) {
      auto& one = totals.by_agent[entry.agent.substr(0, entry.agent.find('@'))];
      ++one.entries;
      one.cost += entry.cost;
      one.money += entry.money;
    }
    return totals;
  }
  void expect_equal() {
    ASSERT_TRUE(store_->flush());
    const auto sums = read_totals(*files_, tree_.root()).value();
    const auto all = counted();
    ASSERT_EQ(sums.by_agent.size(), all.by_agent.size());
    for (const auto& [agent, total] : all.by_agent) {
      EXPECT_EQ(sums.by_agent.at(agent).entries, total.entries) << agent;
      EXPECT_EQ(sums.by_agent.at(agent).cost, total.cost) << agent;
      EXPECT_EQ(sums.by_agent.at(agent).money, total.money) << agent;
    }
  }
  test::ScratchTree tree_;
  std::unique_ptr<FileSystem> files_ = make_system_file_system();
  std::unique_ptr<store::Store> store_;
};

TEST_F(TotalsOnDisk, AreWhatTheEntriesAddUpToWhateverHappensToTheStore) {
  SeededRandom random(4);
  int next = 0;
  for (int round = 0; round < 40; ++round) {
    switch (random.below(5)) {
      case 0:
        for (int i = 0; i < 10; ++i) put(next++, "output " + fmt::format("{}", random.below(1000)));
        break;
      case 1:
        if (next > 0) put(static_cast<int>(random.below(static_cast<std::uint64_t>(next))), "made again");
        break;
      case 2:
        store_.reset();
        open();
        break;
      case 3:
        ASSERT_TRUE(store_->gc([&](const Digest&) { return random.chance(0.8); }, {}));
        break;
      default:
        expect_equal();
    }
  }
  expect_equal();
}

TEST_F(TotalsOnDisk, ReadOnlyWhatWasAppended) {
  const std::string noise = [] {
    SeededRandom random(1);
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += static_cast<char>(random.next());
    return text;
  }();
  put(0, noise);
  ASSERT_TRUE(store_->flush());
  EXPECT_GT(read_totals(*files_, tree_.root())->read_bytes, 50'000u);
  EXPECT_EQ(read_totals(*files_, tree_.root())->read_bytes, 0u);
  put(1, "small");
  put(3, noise);
  ASSERT_TRUE(store_->flush());
  const auto totals = read_totals(*files_, tree_.root()).value();
  EXPECT_LT(totals.read_bytes, 1000u);
  EXPECT_EQ(totals.by_agent.at("even").bytes, 50'000) << "a shared blob counts once";
  EXPECT_EQ(totals.by_agent.at("odd").bytes, 5);
}

TEST_F(TotalsOnDisk, ADamagedOrForeignFileOfSumsIsMadeAgain) {
  put(0, "a");
  put(1, "b");
  expect_equal();
  const std::string whole = tree_.read("cache-totals");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 8);
    tree_.write("cache-totals", bad);
    expect_equal();
  }
  tree_.write("cache-totals", "");
  expect_equal();
  store_.reset();
  tree_.remove("packs");
  tree_.remove("index.db");
  open();
  put(5, "other");
  expect_equal();
  tree_.remove("packs");
  EXPECT_TRUE(read_totals(*files_, tree_.root())->by_agent.empty());
}

}  // namespace
}  // namespace skein::cache
