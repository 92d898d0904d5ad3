// Which step next: the one with the longest remaining path first, so that the plan's critical path is never idle
// (list scheduling; Graham 1969). Ties go to the plan's order.
#pragma once

#include <queue>
#include <vector>

#include "engine/history.h"
#include "engine/plan.h"

namespace skein::engine {

class ReadyQueue {
 public:
  void push(StepId step, float remaining_us) { heap_.push({remaining_us, step}); }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  [[nodiscard]] StepId top() const { return heap_.top().step; }
  StepId pop() {
    const StepId step = heap_.top().step;
    heap_.pop();
    return step;
  }

 private:
  struct Entry {
    float remaining_us;
    StepId step;
    bool operator<(const Entry& other) const {
      if (remaining_us != other.remaining_us) return remaining_us < other.remaining_us;
      return step > other.step;
    }
  };
  std::priority_queue<Entry> heap_;
};

/// For each step from `first` on: its own expected time and that of the longest chain of steps that stand on it, in
/// microseconds. Agents without history count as `unknown_us`. REQUIRES that the plan has passed `check`. O(steps +
/// edges).
[[nodiscard]] std::vector<float> remaining_paths(const Plan& plan, std::size_t first, const History& history,
                                                 float unknown_us = 1000);

}  // namespace skein::engine
