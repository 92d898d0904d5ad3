// What a process and all that it started take, as the system tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/units.h"

namespace skein {

struct TreeUsage {
  std::int64_t processes = 0;  ///< With the first.
  Bytes memory{};              ///< Resident, shared pages counted for each.
  Micros processor{};          ///< With that of what ended and was waited for; only where it was asked for.
};

/// Of `first` and all that descend from it; no further than one process above `most_processes` (0: all), so that who
/// multiplies is not counted for long. What ends meanwhile is left out. `with_times`: processor time is asked for.
[[nodiscard]] TreeUsage usage_of_tree(pid_t first, std::int64_t most_processes = 0, bool with_times = false);

/// Bytes on the disk of everything below a folder; links are not followed. What vanishes meanwhile is left out.
[[nodiscard]] Bytes disk_usage(const std::string& folder);
/// Bytes that a user may still write on the disk that holds `folder`; the most there is where the system cannot say.
[[nodiscard]] Bytes free_space(const std::string& folder);

}  // namespace skein
