// Facts of the machine.
#pragma once

#include "base/units.h"

namespace skein {

/// Processors that this process may run on, at least 1.
[[nodiscard]] int usable_processors();
[[nodiscard]] Bytes physical_memory();

/// CPU time of the calling thread.
struct ThreadCpu {
  Micros user{};
  Micros system{};
};
[[nodiscard]] ThreadCpu thread_cpu();
/// The largest resident size of this process so far.
[[nodiscard]] Bytes peak_resident_memory();

}  // namespace skein
