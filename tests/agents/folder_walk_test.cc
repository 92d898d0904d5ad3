#include "agents/folder_walk.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <set>

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

/// A tree of folders called "0" to "width - 1", `depth` levels of them.
VisitFolder tree(int width, int depth, std::mutex& mutex, std::multiset<std::string>& seen) {
  return [=, &mutex, &seen](const std::string& path, std::vector<std::string>& inner) {
    const auto level = path.empty() ? 0 : std::ranges::count(path, '/') + 1;
    for (int i = 0; level < depth && i < width; ++i) inner.push_back(below_folder(path, std::to_string(i)));
    const std::scoped_lock lock(mutex);
    EXPECT_TRUE(path.empty() || seen.contains("")) << path;
    seen.insert(path);
    return Status();
  };
}

TEST(FolderWalk, VisitsEachFolderOnceOnAnyNumberOfThreads) {
  for (const int threads : {0, 1, 2, 5}) {
    std::optional<ThreadPool> pool;
    if (threads > 0) pool.emplace(threads);
    std::mutex mutex;
    std::multiset<std::string> seen;
    ASSERT_TRUE(over_folders(pool ? &*pool : nullptr, tree(5, 3, mutex, seen)));
    EXPECT_EQ(seen.size(), 1U + 5 + 25 + 125);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), seen.size());
  }
}

TEST(FolderWalk, WaitsForNoTaskThatHasNotBegun) {
  std::latch busy(2), over(1);  // Before the pool: its threads look at them until they end.
  ThreadPool pool(2);
  for (int i = 0; i < 2; ++i)
    pool.submit([&] {
      busy.count_down();
      over.wait();
    });
  busy.wait();  // All of its threads are taken, until the walk is done.
  std::mutex mutex;
  std::multiset<std::string> seen;
  EXPECT_TRUE(over_folders(&pool, tree(3, 2, mutex, seen)));
  EXPECT_EQ(seen.size(), 1U + 3 + 9);
  over.count_down();
}

TEST(FolderWalk, EndsAtTheFirstErrorAndTellsIt) {
  ThreadPool pool(3);
  std::atomic<int> visited = 0;
  const Status done = over_folders(&pool, [&](const std::string& path, std::vector<std::string>& inner) -> Status {
    ++visited;
    for (int i = 0; i < 3; ++i) inner.push_back(below_folder(path, std::to_string(i)));  // Without an end.
    if (path.ends_with("2/2/2")) return fail(Code::io, "no way on");
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "no way on");
  EXPECT_GE(visited, 4);
}

}  // namespace
}  // namespace skein::agents
