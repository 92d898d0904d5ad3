// Resource tokens: what bounds how much runs at once.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace skein::engine {

/// Amounts that a step holds while it runs, or that a machine has. A step that needs more than there is in all is
/// refused when the plan is checked.
struct Resources {
  std::int32_t cpu = 0;        ///< Tokens; a computing step takes one more than it says here.
  std::int32_t providers = 0;  ///< Slots for requests to model providers.
  Bytes memory{};
  std::int32_t slots = 0;  ///< For blocking steps; such a step takes one more than it says here.

  [[nodiscard]] bool fits_in(const Resources& free) const {
    return cpu <= free.cpu && providers <= free.providers && memory <= free.memory && slots <= free.slots;
  }
  Resources& operator+=(const Resources& other) {
    cpu += other.cpu;
    providers += other.providers;
    memory += other.memory;
    slots += other.slots;
    return *this;
  }
  Resources& operator-=(const Resources& other) {
    cpu -= other.cpu;
    providers -= other.providers;
    memory -= other.memory;
    slots -= other.slots;
    return *this;
  }
};

enum class Profile : std::uint8_t { automatic, small, medium, large, enterprise };

/// What a run may use at once. `automatic` is sized from the machine: a CPU token per processor that we may run on
/// and half of the memory.
[[nodiscard]] Resources profile_resources(Profile profile);

}  // namespace skein::engine
