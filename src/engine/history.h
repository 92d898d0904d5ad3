// What steps of an agent took before: orders the ready steps, sizes batches, sets time limits.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/units.h"

namespace skein::engine {

/// Exponentially weighted mean durations of one agent's steps (weight 1/8 for the newest).
class AgentHistory {
 public:
  /// Notes that an attempt at a step took `duration`; `executed`: the step was done, not found in the cache.
  void record(Micros duration, bool executed);
  /// What it takes to do a step; nothing while none was done.
  [[nodiscard]] std::optional<double> executed_us() const { return of(executed_); }
  /// What an attempt takes, those included that found the result in the cache: shorter after warm runs.
  [[nodiscard]] std::optional<double> attempt_us() const { return of(attempts_); }

 private:
  friend class History;
  struct Mean {
    double us = 0;
    std::uint64_t samples = 0;
    void add(double value);
  };
  static std::optional<double> of(const Mean& mean) {
    return mean.samples == 0 ? std::nullopt : std::optional(mean.us);
  }
  Mean executed_;
  Mean attempts_;
};

/// The histories of all agents. Not thread-safe.
class History {
 public:
  /// Reads `path`; an absent, damaged, foreign or older file gives an empty history: it only orders work.
  [[nodiscard]] static History load(FileSystem& files, const std::string& path);
  Status save(FileSystem& files, const std::string& path) const;

  /// The history of an agent, empty where it is new. Stays where it is as long as this object.
  [[nodiscard]] AgentHistory& of(std::string_view agent);
  /// What it takes to do a step of `agent`; nothing while none was done.
  [[nodiscard]] std::optional<double> executed_us(std::string_view agent) const;

 private:
  std::map<std::string, AgentHistory, std::less<>> agents_;
};

}  // namespace skein::engine
