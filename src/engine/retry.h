// Which failures are worth another try, and when.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/units.h"

namespace skein::engine {

enum class FailureClass : std::uint8_t { transient, permanent, budget };

/// Transient: `unavailable`, `timed_out`. Budget: `budget`. All else is permanent: the same input fails the same way.
[[nodiscard]] FailureClass classify(Code code);

struct RetryPolicy {
  int max_attempts = 4;    ///< In all, >= 1.
  Millis first{100};       ///< The longest wait before the second attempt.
  Millis ceiling{30'000};  ///< Of any wait.
  double factor = 2.0;     ///< Growth per attempt, >= 1.
};

/// How long to wait after failed attempt number `attempt` (1: the first): exponential backoff with full jitter
/// (Brooker, "Exponential Backoff and Jitter", 2015): uniform in [0, min(ceiling, first * factor^(attempt-1))).
[[nodiscard]] Nanos retry_delay(const RetryPolicy& policy, int attempt, Random& random);

}  // namespace skein::engine
