// Hits, misses and evictions that outlive processes: each run adds some lines to one file of the state folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file_system.h"
#include "engine/events.h"

namespace skein::cache {

struct Count {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evictions = 0;
  Micros made{};  ///< What the misses took to make.

  Count& operator+=(const Count& other);
  bool operator==(const Count&) const = default;
  /// What the hits would have taken, at the mean of the misses: an estimate; none where nothing was ever made.
  [[nodiscard]] std::optional<Micros> saved() const;
};

/// By agent, without its version.
using Counts = std::map<std::string, Count, std::less<>>;

/// Adds to the counts of a state folder. One append; not synced: what a power cut takes is statistics.
Status add_counts(FileSystem& files, const std::string& state, const Counts& counts, WallTime at);
/// All that was counted from `since` on. Lines that cannot be read are left out.
[[nodiscard]] Result<Counts> read_counts(FileSystem& files, const std::string& state,
                                         std::optional<WallTime> since = std::nullopt);

/// Counts what a run finds and misses. Belongs to the coordinator's thread.
class CacheObserver final : public engine::Observer {
 public:
  void on(const engine::Event& event) override;
  [[nodiscard]] bool wants_every_step() const override { return true; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  Counts counts_;
  Count* missed_ = nullptr;  // The agent of the step that is just finished, if it was not found.
};

}  // namespace skein::cache
