#include "base/executor.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <system_error>

namespace skein {

ThreadPool::~ThreadPool() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void ThreadPool::submit(std::move_only_function<void()> task) {
  {
    const std::scoped_lock lock(mutex_);
    queue_.push_back(std::move(task));
    // While it ends, those that there are do the rest.
    if (!stopping_ && queue_.size() > free_ && threads_.size() < most_) {
      try {
        threads_.emplace_back([this] { work(); });
        ++free_;
      } catch (const std::system_error&) {
        if (threads_.empty()) throw;  // The system gives no more of them: the task waits for one that there is.
      }
    }
  }
  wake_.notify_one();
}

void ThreadPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    --free_;
    std::move_only_function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    task = {};  // What it holds goes before anybody locks.
    lock.lock();
    ++free_;
  }
}

void parallel_for(Executor& executor, std::size_t count, const std::function<void(std::size_t)>& body) {
  if (count == 0) return;
  // Shared by helpers that begin when all is done.
  struct Work {
    std::size_t count = 0;
    const std::function<void(std::size_t)>* body = nullptr;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;              // Guards the two below.
    std::condition_variable left;  // A helper.
    std::size_t helping = 0;
    bool over = false;

    void drain() {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) (*body)(i);
    }
  };
  const auto work = std::make_shared<Work>();
  work->count = count;
  work->body = &body;
  for (auto helpers = std::min(count, static_cast<std::size_t>(executor.width())) - 1; helpers > 0; --helpers)
    executor.submit([work] {
      {
        const std::scoped_lock lock(work->mutex);
        if (work->over) return;
        ++work->helping;
      }
      work->drain();
      const std::scoped_lock lock(work->mutex);
      --work->helping;
      work->left.notify_one();
    });
  work->drain();
  std::unique_lock lock(work->mutex);
  work->over = true;
  work->left.wait(lock, [&] { return work->helping == 0; });
}

}  // namespace skein
