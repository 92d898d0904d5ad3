// How long a slow or dead tier may hold up a run, in all: then it is left alone for a while.
#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.h"

namespace skein::cache {

struct BreakerPolicy {
  Millis budget{500};         ///< What may be waited in vain, or longer than the answers were worth, until it opens.
  int failures = 3;           ///< In a row, until it opens.
  Millis closed_for{30'000};  ///< As long it stays open; then one call is tried.
};

/// Closed: calls go through. Open: they do not. Waited time is paid by what the answers saved; what is waited beyond
/// that and beyond the budget opens it. So it costs a run at most the budget, and one call, for each `closed_for`.
/// Thread-safe.
class Breaker {
 public:
  Breaker(const Clock& clock, BreakerPolicy policy) : clock_(clock), policy_(policy) {}

  [[nodiscard]] bool lets_through() {
    const std::scoped_lock lock(mutex_);
    if (!open_) return true;
    const auto now = clock_.now();
    // A clock that went back must not keep it open.
    if (now < opened_ || now - opened_ >= policy_.closed_for) {
      open_ = false;
      failed_ = policy_.failures - 1;  // The first failure opens it again.
      waited_ = Nanos{};
      return true;
    }
    return false;
  }
  /// A call that took `waited` gave an answer that saved `worth` (zero: nothing was found). True: this opened it.
  bool answered(Nanos waited, Nanos worth) {
    const std::scoped_lock lock(mutex_);
    failed_ = 0;
    waited_ += waited - worth;
    // What was saved long ago does not pay for a server that is slow now, beyond a second budget.
    if (waited_ < -Nanos(policy_.budget)) waited_ = -Nanos(policy_.budget);
    return open_if(waited_ > Nanos(policy_.budget));
  }
  /// True: this opened it.
  bool failed(Nanos waited) {
    const std::scoped_lock lock(mutex_);
    waited_ += waited;
    ++failed_;
    return open_if(failed_ >= policy_.failures || waited_ > Nanos(policy_.budget));
  }
  [[nodiscard]] bool is_open() const {
    const std::scoped_lock lock(mutex_);
    return open_;
  }

 private:
  bool open_if(bool yes) {
    if (!yes || open_) return false;
    open_ = true;
    opened_ = clock_.now();
    return true;
  }
  const Clock& clock_;
  BreakerPolicy policy_;
  mutable std::mutex mutex_;  // Guards all below.
  bool open_ = false;
  int failed_ = 0;
  Nanos waited_{};
  Instant opened_{};
};

}  // namespace skein::cache
