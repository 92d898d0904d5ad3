// Where computing happens: a pool of threads, or the caller's own thread under simulation.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace skein {

/// Runs tasks some time later. `submit` is thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;
  /// `task` must not throw.
  virtual void submit(std::move_only_function<void()> task) = 0;
  /// How many tasks can run at once, at least 1.
  [[nodiscard]] virtual int width() const = 0;
};

/// At most so many threads over one queue, each started when a task would else wait: what is never busy costs nothing.
/// The destructor waits for all tasks.
class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(int threads) : most_(threads > 1 ? static_cast<std::size_t>(threads) : 1) {}
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void submit(std::move_only_function<void()> task) override;
  [[nodiscard]] int width() const override { return static_cast<int>(most_); }

 private:
  void work();

  const std::size_t most_;
  std::mutex mutex_;  // Guards what follows.
  std::condition_variable wake_;
  std::deque<std::move_only_function<void()>> queue_;
  std::size_t free_ = 0;  // Threads that wait for a task, or were just started for one.
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

/// Runs every task at once, on the caller's thread.
class InlineExecutor final : public Executor {
 public:
  void submit(std::move_only_function<void()> task) override { task(); }
  [[nodiscard]] int width() const override { return 1; }
};

/// Calls `body(i)` for every i in [0, count) on `executor` and on this thread; returns when all are done.
/// `body` must be safe to call from several threads. May be called from a task of `executor`: helpers that do not come
/// to run, since all its threads are busy, are not waited for.
void parallel_for(Executor& executor, std::size_t count, const std::function<void(std::size_t)>& body);

}  // namespace skein
