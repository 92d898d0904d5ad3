// A control group of the kernel's around a program and all that it starts: limits that are held at once, not looked at.
// Where none can be made (most machines give a user none), whoever limits must look by himself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace skein {

/// Groups below the ones that this process is in, in either of the kernel's layouts. Removed when it goes.
class ControlGroup {
 public:
  /// Nothing where no group for at least one of the limits can be made. Zero: no limit. `tasks` counts threads, too.
  /// `counts_time`: one is wanted that counts processor time. Removes what processes of skein that were killed have
  /// left.
  [[nodiscard]] static std::optional<ControlGroup> make(Bytes memory, std::int64_t tasks, bool counts_time = false);
  ControlGroup(ControlGroup&& other) noexcept = default;
  ControlGroup& operator=(ControlGroup&&) = delete;
  ~ControlGroup();

  /// Puts the calling process into it. Allocates nothing.
  void enter() const;
  /// True if the kernel ended something in it for its memory.
  [[nodiscard]] bool ran_out_of_memory() const;
  /// True if the kernel refused a process or thread to something in it.
  [[nodiscard]] bool ran_out_of_tasks() const;
  [[nodiscard]] bool limits_memory() const { return !memory_events_.empty(); }
  /// What all that was ever in it took; nothing where no such group could be made.
  [[nodiscard]] std::optional<Micros> processor_time() const;

 private:
  ControlGroup() = default;
  bool add(const std::string& parent, const std::vector<std::pair<std::string, std::string>>& settings);

  std::vector<std::string> folders_, entrances_;  // By group.
  std::string memory_events_, tasks_events_;      // The files that tell; empty: that is not limited.
  std::string time_;                              // The file that tells the processor time; empty: none does.
};

}  // namespace skein
