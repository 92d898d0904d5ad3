// An event loop and an executor on virtual time, for simulations: hours pass in microseconds, and the order of what
// could happen at one moment is drawn by chance.
#pragma once

#include <map>
#include <vector>

#include "base/event_loop.h"
#include "base/executor.h"
#include "base/random.h"

namespace skein {

/// Single-threaded. Posted tasks that wait at the same time run in random order.
class SimLoop final : public EventLoop {
 public:
  explicit SimLoop(Random& random) : random_(random) {}

  void post(std::move_only_function<void()> task) override { posted_.push_back(std::move(task)); }
  TimerId call_at(Instant when, std::move_only_function<void()> task) override;
  void cancel(TimerId timer) override;
  [[nodiscard]] Instant now() const override { return clock_.now(); }
  /// Also returns when nothing is left to do: `idle` then tells a run that hangs.
  void run() override;
  void stop() override { stopped_ = true; }

  /// True if the last `run` ended because of `stop`, false if nothing was left to do: whoever waited waits for ever.
  [[nodiscard]] bool was_stopped() const { return stopped_; }
  [[nodiscard]] bool idle() const { return posted_.empty() && timers_.empty(); }
  [[nodiscard]] const SimClock& clock() const { return clock_; }
  /// Returns from `run` when `done` says so, checked after each task: a crash.
  void interrupt_when(std::function<bool()> done) { interrupt_ = std::move(done); }

 private:
  Random& random_;
  SimClock clock_;
  std::vector<std::move_only_function<void()>> posted_;
  std::map<std::pair<Instant, TimerId>, std::move_only_function<void()>> timers_;
  std::map<TimerId, Instant> times_;
  TimerId last_ = 0;
  bool stopped_ = false;
  std::function<bool()> interrupt_;
};

/// Runs each task at the end of a random span of virtual time; no more than `width` spans overlap.
class SimExecutor final : public Executor {
 public:
  SimExecutor(SimLoop& loop, Random& random, int width, Nanos longest)
      : loop_(loop), random_(random), width_(width), longest_(longest) {}

  void submit(std::move_only_function<void()> task) override;
  [[nodiscard]] int width() const override { return width_; }
  /// Spans that overlap now; never above `width`.
  [[nodiscard]] int busy() const { return busy_; }

 private:
  void start_next();

  SimLoop& loop_;
  Random& random_;
  int width_;
  Nanos longest_;
  int busy_ = 0;
  std::deque<std::move_only_function<void()>> queue_;
};

}  // namespace skein
