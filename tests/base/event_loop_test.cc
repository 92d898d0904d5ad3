#include "base/event_loop.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/platform/machine.h"
#include "base/sim_loop.h"

namespace skein {
namespace {

Task<int> number(EventLoop& loop, int value, Nanos after) {
  co_await sleep(loop, after);
  co_return value;
}

Task<int> sum(EventLoop& loop) {
  const int a = co_await number(loop, 1, Millis(5));
  const int b = co_await number(loop, 2, Nanos(0));
  co_return a + b;
}

TEST(Task, GivesItsResultWhenItsTimersAreOver) {
  SeededRandom random(1);
  SimLoop loop(random);
  int result = 0;
  sum(loop).start([&](int value) { result = value; });
  EXPECT_EQ(result, 0) << "it waits";
  loop.run();
  EXPECT_EQ(result, 3);
  EXPECT_EQ(loop.now() - Instant{}, Millis(5));
  EXPECT_FALSE(loop.was_stopped());
}

TEST(Task, ThatIsNeverStartedCostsNothing) {
  SeededRandom random(1);
  SimLoop loop(random);
  {
    auto task = number(loop, 1, Millis(1));
    auto other = number(loop, 2, Millis(1));
    task = std::move(other);
  }
  EXPECT_TRUE(loop.idle());
}

TEST(SimLoop, RunsTimersInTheirOrderAndSkipsTheTimeBetween) {
  SeededRandom random(1);
  SimLoop loop(random);
  std::string order;
  loop.call_at(Instant{} + std::chrono::hours(2), [&] { order += "b"; });
  loop.call_at(Instant{} + std::chrono::hours(1), [&] { order += "a"; });
  const auto cancelled = loop.call_at(Instant{} + std::chrono::hours(1), [&] { order += "x"; });
  loop.cancel(cancelled);
  loop.cancel(cancelled);
  loop.cancel(12345);
  loop.run();
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(loop.clock().now() - Instant{}, std::chrono::hours(2));
}

TEST(SimLoop, DrawsTheOrderOfWhatWaitsTogether) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SeededRandom random(seed);
    SimLoop loop(random);
    std::string order;
    for (const char c : {'a', 'b', 'c'}) loop.post([&order, c] { order += c; });
    loop.run();
    seen.insert(order);
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST(SimLoop, StopsWhenToldAndWhenInterrupted) {
  SeededRandom random(1);
  SimLoop loop(random);
  loop.post([&] { loop.stop(); });
  loop.call_at(Instant{} + Millis(1), [] {});
  loop.run();
  EXPECT_TRUE(loop.was_stopped());
  EXPECT_FALSE(loop.idle());
  loop.interrupt_when([] { return true; });
  loop.post([] {});
  loop.run();
  EXPECT_FALSE(loop.idle()) << "the timer is still there";
}

TEST(SimExecutor, NeverRunsMoreThanItsWidthAtOnce) {
  SeededRandom random(1);
  SimLoop loop(random);
  SimExecutor executor(loop, random, 3, Millis(10));
  EXPECT_EQ(executor.width(), 3);
  int done = 0;
  for (int i = 0; i < 100; ++i)
    executor.submit([&] {
      EXPECT_LE(executor.busy(), 3);
      ++done;
    });
  loop.run();
  EXPECT_EQ(done, 100);
  EXPECT_EQ(executor.busy(), 0);
}

TEST(SimClock, NeverGoesBack) {
  SimClock clock;
  clock.advance(Millis(5));
  clock.advance_to(Instant{} + Millis(3));
  EXPECT_EQ(clock.now() - Instant{}, Millis(5));
  EXPECT_GT(clock.wall().time_since_epoch(), std::chrono::days(20'000));
}

TEST(SystemClock, GoesForward) {
  const SystemClock clock;
  const auto first = clock.now();
  EXPECT_GE(clock.now(), first);
  EXPECT_GT(clock.wall().time_since_epoch(), std::chrono::days(19'000));
}

TEST(Machine, HasAProcessorAndMemory) {
  EXPECT_GE(usable_processors(), 1);
  EXPECT_GT(physical_memory().value, 0);
  EXPECT_GT(peak_resident_memory().value, 0);
  EXPECT_GE(thread_cpu().user.count() + thread_cpu().system.count(), 0);
}

TEST(Random, IsTheSameForOneSeedAndWithinItsBounds) {
  SeededRandom a(9);
  SeededRandom b(9);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(a.next(), b.next());
    EXPECT_LT(a.below(7), 7u);
    const double unit = b.unit();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
    (void)a.unit();
    (void)b.below(7);
  }
  EXPECT_EQ(a.below(0), 0u);
  EXPECT_FALSE(a.chance(0));
  SystemRandom system;
  EXPECT_NE(system.next(), system.next());
}

}  // namespace
}  // namespace skein
