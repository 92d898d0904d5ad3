// Time is injected: everything that waits or measures takes a Clock.
#pragma once

#include "base/units.h"

namespace skein {

/// Nanoseconds since an arbitrary start; never goes back.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Nanos>;
/// Microseconds since 1970-01-01 UTC.
using WallTime = std::chrono::sys_time<Micros>;

/// Tells the time. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall() const override;
};

/// A clock that moves only when told. Not thread-safe.
class SimClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] WallTime wall() const override {
    return WallTime{std::chrono::duration_cast<Micros>(now_.time_since_epoch())} + std::chrono::days(20'000);
  }
  void advance(Nanos by) { now_ += by; }
  /// Moves to `when`, never back.
  void advance_to(Instant when) {
    if (when > now_) now_ = when;
  }

 private:
  Instant now_{};
};

}  // namespace skein
