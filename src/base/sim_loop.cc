#include "base/sim_loop.h"

namespace skein {

EventLoop::TimerId SimLoop::call_at(Instant when, std::move_only_function<void()> task) {
  const TimerId id = ++last_;
  timers_.emplace(std::pair{when, id}, std::move(task));
  times_[id] = when;
  return id;
}

void SimLoop::cancel(TimerId timer) {
  const auto found = times_.find(timer);
  if (found == times_.end()) return;
  timers_.erase({found->second, timer});
  times_.erase(found);
}

void SimLoop::run() {
  stopped_ = false;
  while (!stopped_ && !idle()) {
    std::move_only_function<void()> task;
    if (!posted_.empty()) {
      const std::size_t chosen = random_.below(posted_.size());
      task = std::move(posted_[chosen]);
      posted_.erase(posted_.begin() + static_cast<std::ptrdiff_t>(chosen));
    } else {
      auto first = timers_.begin();
      clock_.advance_to(first->first.first);
      task = std::move(first->second);
      times_.erase(first->first.second);
      timers_.erase(first);
    }
    task();
    if (interrupt_ && interrupt_()) return;
  }
}

void SimExecutor::submit(std::move_only_function<void()> task) {
  queue_.push_back(std::move(task));
  start_next();
}

void SimExecutor::start_next() {
  while (busy_ < width_ && !queue_.empty()) {
    ++busy_;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    const Nanos span(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(longest_.count()) + 1)));
    loop_.call_at(loop_.now() + span, [this, task = std::move(task)]() mutable {
      task();
      --busy_;
      start_next();
    });
  }
}

}  // namespace skein
