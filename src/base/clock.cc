#include "base/clock.h"

namespace skein {

Instant SystemClock::now() const { return std::chrono::steady_clock::now(); }

WallTime SystemClock::wall() const { return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now()); }

}  // namespace skein
