#include "engine/retry.h"

#include <algorithm>
#include <cmath>

namespace skein::engine {

FailureClass classify(Code code) {
  switch (code) {
    case Code::unavailable:
    case Code::timed_out:
      return FailureClass::transient;
    case Code::budget:
      return FailureClass::budget;
    case Code::invalid_argument:
    case Code::not_found:
    case Code::already_exists:
    case Code::permission_denied:
    case Code::data_corrupt:
    case Code::unsupported_version:
    case Code::resource_exhausted:
    case Code::cancelled:
    case Code::failed_check:
    case Code::conflict:
    case Code::untrusted:
    case Code::io:
    case Code::internal:
      return FailureClass::permanent;
  }
  return FailureClass::permanent;
}

Nanos retry_delay(const RetryPolicy& policy, int attempt, Random& random) {
  const double longest = std::min(static_cast<double>(policy.ceiling.count()),
                                  static_cast<double>(policy.first.count()) * std::pow(policy.factor, attempt - 1));
  return Nanos(static_cast<std::int64_t>(longest * 1e6 * random.unit()));
}

}  // namespace skein::engine
