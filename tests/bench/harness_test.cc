#include "bench/harness/bench.h"

#include <gtest/gtest.h>

namespace skein::bench {
namespace {

TEST(BenchLine, HasNameValueUnitGoalAndVerdict) {
  EXPECT_EQ(bench_line("engine.null_step", 1.234, "us", Op::at_most, 2),
            "BENCH engine.null_step 1.23 us goal <= 2.00 met");
  EXPECT_EQ(bench_line("engine.rate", 40'000, "steps/s", Op::at_least, 50'000),
            "BENCH engine.rate 40000 steps/s goal >= 50000 missed");
}

TEST(BenchLine, KeepsTheFirstDigitsOfSmallNumbers) {
  EXPECT_EQ(bench_line("x", 0.00123, "s", Op::below, 0.002), "BENCH x 0.00123 s goal < 0.002 met");
}

TEST(BenchGoal, TellsTheBoundItselfApart) {
  EXPECT_TRUE(holds(2, Op::at_most, 2));
  EXPECT_FALSE(holds(2, Op::below, 2));
  EXPECT_TRUE(holds(2, Op::at_least, 2));
  EXPECT_FALSE(holds(2, Op::above, 2));
}

TEST(BenchStatistics, TakeTheMiddleAndTheRank) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9), 9);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3}, 0.99), 3);
  EXPECT_DOUBLE_EQ(quantile({1, 2, 3}, 0), 1);
}

TEST(BenchReport, RunsTheSectionsWhoseNamesHoldThePart) {
  char program[] = "bench";
  char part[] = "noop";
  char* arguments[] = {program, part};
  const Report one(2, arguments);
  EXPECT_TRUE(one.wants("engine.noop_fan"));
  EXPECT_FALSE(one.wants("engine.null_step"));
  const Report all(1, arguments);
  EXPECT_TRUE(all.wants("anything"));
}

}  // namespace
}  // namespace skein::bench
