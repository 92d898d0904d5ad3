#include "base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <latch>
#include <numeric>

namespace skein {
namespace {

TEST(ThreadPool, DoesEveryTaskBeforeItGoes) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(3);
    EXPECT_EQ(pool.width(), 3);
    for (int i = 0; i < 1000; ++i) pool.submit([&done] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(ThreadPool, RunsAsManyTasksAtOnceAsItIsWide) {
  ThreadPool pool(2);
  std::latch both(2);
  std::latch done(2);
  for (int i = 0; i < 2; ++i)
    pool.submit([&] {
      both.arrive_and_wait();  // Would never return on one thread.
      done.count_down();
    });
  done.wait();
}

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

TEST(ThreadPool, StartsAThreadOnlyForATaskThatWouldElseWait) {
  std::latch all(5);
  const auto before = threads_of_this_process();
  ThreadPool pool(1'000);
  EXPECT_EQ(pool.width(), 1'000);
  EXPECT_EQ(threads_of_this_process(), before);
  pool.submit([&all] { all.arrive_and_wait(); });
  const auto with_one = threads_of_this_process();  // ThreadSanitizer starts a thread of its own beside the first.
  for (int i = 0; i < 3; ++i) pool.submit([&all] { all.arrive_and_wait(); });
  EXPECT_EQ(threads_of_this_process(), with_one + 3);
  all.arrive_and_wait();
}

TEST(ThreadPool, HasAThreadEvenWhenAskedForNone) {
  ThreadPool pool(0);
  EXPECT_EQ(pool.width(), 1);
  std::latch done(1);
  pool.submit([&done] { done.count_down(); });
  done.wait();
}

TEST(ParallelFor, CallsTheBodyOncePerIndex) {
  ThreadPool pool(3);
  for (const std::size_t count : {0u, 1u, 2u, 100u, 5000u}) {
    std::vector<std::atomic<int>> calls(count);
    parallel_for(pool, count, [&](std::size_t i) { ++calls[i]; });
    for (const auto& one : calls) EXPECT_EQ(one, 1);
  }
}

TEST(ParallelFor, EndsAlsoWhenEveryThreadOfThePoolIsInOne) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  std::latch both(2);
  std::latch done(2);
  for (int task = 0; task < 2; ++task)
    pool.submit([&] {
      both.arrive_and_wait();  // From here on nobody is left to help.
      parallel_for(pool, 100, [&](std::size_t) { ++calls; });
      done.count_down();
    });
  done.wait();
  EXPECT_EQ(calls, 200);
}

TEST(InlineExecutor, RunsTasksWhereItStands) {
  InlineExecutor executor;
  int sum = 0;
  parallel_for(executor, 10, [&](std::size_t i) { sum += static_cast<int>(i); });
  EXPECT_EQ(sum, 45);
  EXPECT_EQ(executor.width(), 1);
}

}  // namespace
}  // namespace skein
