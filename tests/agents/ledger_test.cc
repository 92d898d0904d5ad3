#include "agents/ledger.h"

#include <gtest/gtest.h>

#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

WallTime at(int day, int hour) {
  return std::chrono::sys_days(std::chrono::year(2026) / 11 / day) + std::chrono::hours(hour);
}

TEST(SpentSoFar, AddsUpTheDayAndTheMonthAsTheLedgerGrows) {
  const auto files = make_system_file_system();
  const test::ScratchTree state;
  SpentSoFar spent(*files, state.root());
  const auto add = [&](WallTime when, std::int64_t money) {
    LedgerEntry entry{"run", "/w", {}};
    entry.call.at = when;
    entry.call.money = {money};
    entry.call.usage.input = {10};
    ASSERT_TRUE(add_to_ledger(*files, state.root(), entry));
  };
  EXPECT_EQ(spent.at(at(28, 9)).month.money.value, 0) << "no ledger yet";
  add(at(27, 23), 5);
  add(at(28, 1), 7);
  EXPECT_EQ(spent.at(at(28, 9)).day.money.value, 7);
  EXPECT_EQ(spent.at(at(28, 9)).month.money.value, 12);
  add(at(28, 10), 1);
  EXPECT_EQ(spent.at(at(28, 11)).day.money.value, 8) << "another process may have added it";
  EXPECT_EQ(spent.at(at(28, 11)).month.tokens.value, 30);
  add(at(29, 1), 3);
  EXPECT_EQ(spent.at(at(29, 2)).day.money.value, 3) << "a new day";
  EXPECT_EQ(spent.at(at(29, 2)).month.money.value, 16);
  EXPECT_EQ(spent.at(at(30, 0) + std::chrono::hours(24)).month.money.value, 0) << "a new month";
}

}  // namespace
}  // namespace skein::agents
