// What the tiers counted, over all processes: each adds one line a tier to a file of the state folder.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "cache/cache.h"

namespace skein::cache {

/// By the tier's name: "memory", "disk", "user", "shared".
using TierCounts = std::map<std::string, CacheCounts, std::less<>>;

CacheCounts& operator+=(CacheCounts& sum, const CacheCounts& other);

/// Adds to the sums of a state folder; tiers that were not asked anything are left out. One append, not synced.
Status add_tier_counts(FileSystem& files, const std::string& state, const TierCounts& counts, WallTime at);
/// All of `since` and later. Lines that cannot be read are left out. `entries` and `bytes` are the largest that a
/// process had.
[[nodiscard]] Result<TierCounts> read_tier_counts(FileSystem& files, const std::string& state,
                                                  std::optional<WallTime> since = std::nullopt);

}  // namespace skein::cache
