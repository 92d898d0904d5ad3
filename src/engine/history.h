// What steps of an agent took before: orders the ready steps, sizes batches, sets time limits.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/units.h"

namespace skein::engine {

/// Exponentially weighted mean durations per agent (weight 1/8 for the newest). Not thread-safe.
class History {
 public:
  /// Reads `path`; an absent, damaged or foreign file gives an empty history: it only orders work.
  [[nodiscard]] static History load(FileSystem& files, const std::string& path);
  Status save(FileSystem& files, const std::string& path) const;

  /// Notes that a step of `agent` took `duration`.
  void record(std::string_view agent, Micros duration);
  /// The expected duration of a step of `agent`; nothing while it was never seen.
  [[nodiscard]] std::optional<double> expected_us(std::string_view agent) const;

 private:
  struct Entry {
    double mean_us = 0;
    std::uint64_t samples = 0;
  };
  std::map<std::string, Entry, std::less<>> agents_;
};

}  // namespace skein::engine
