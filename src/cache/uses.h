// Which steps' results are used most, over all processes: a bounded list of steps with their hits.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"

namespace skein::cache {

/// So many steps are remembered: those with the most hits. A new one takes the place of one with fewer; the number of
/// one that came back may so be too small, never too large.
inline constexpr std::size_t kMostUses = 4096;

struct Use {
  std::string step;
  std::int64_t hits = 0;
};

/// Adds the hits of a run, each by its step. Two processes at once: the later one's list stands. Not synced.
Status add_uses(FileSystem& files, const std::string& state, const std::vector<std::string>& used);
/// The most used first. Lines that cannot be read are left out.
[[nodiscard]] Result<std::vector<Use>> read_uses(FileSystem& files, const std::string& state);

}  // namespace skein::cache
