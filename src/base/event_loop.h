// The loop on which waiting work lives: timers, and tasks posted from other threads. A thousand waiting steps cost
// memory and nothing else. net/ runs it on Asio; simulations run it on virtual time.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/clock.h"

namespace skein {

/// One thread runs the loop; `post` may be called from any, the rest from tasks of the loop only.
class EventLoop {
 public:
  using TimerId = std::uint64_t;

  virtual ~EventLoop() = default;
  virtual void post(std::move_only_function<void()> task) = 0;
  /// Runs `task` once, not before `when`.
  virtual TimerId call_at(Instant when, std::move_only_function<void()> task) = 0;
  /// The task will not run; nothing where it has run.
  virtual void cancel(TimerId timer) = 0;
  [[nodiscard]] virtual Instant now() const = 0;
  /// Runs tasks on this thread until `stop` is called.
  virtual void run() = 0;
  /// Makes `run` return after the task at hand. From a task of the loop.
  virtual void stop() = 0;
};

/// A coroutine that gives a T. It starts when awaited (or by `start`), and ends on the loop's thread.
///   Task<int> answer(EventLoop& loop) { co_await sleep(loop, 5ms); co_return 42; }
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> waiter;
    std::move_only_function<void(T)> done;

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        auto& promise = self.promise();
        if (promise.waiter) return promise.waiter;
        auto done = std::move(promise.done);
        T value = std::move(*promise.value);
        self.destroy();  // Started by `start`: nobody else owns it.
        if (done) done(std::move(value));
        return std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() noexcept { std::terminate(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(Task other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value); }

  /// Runs it on its own; `done` gets the result, on the thread on which it ends.
  void start(std::move_only_function<void(T)> done) && {
    SKEIN_CHECK(handle_);
    auto handle = std::exchange(handle_, nullptr);
    handle.promise().done = std::move(done);
    handle.resume();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

/// `co_await sleep(loop, 5ms)`.
[[nodiscard]] inline auto sleep(EventLoop& loop, Nanos duration) {
  struct Awaiter {
    EventLoop& loop;
    Nanos duration;
    bool await_ready() const noexcept { return duration <= Nanos::zero(); }
    void await_suspend(std::coroutine_handle<> self) {
      loop.call_at(loop.now() + duration, [self] { self.resume(); });
    }
    void await_resume() const noexcept {}
  };
  return Awaiter{loop, duration};
}

}  // namespace skein
