#include "engine/resources.h"

#include <algorithm>

#include "base/platform/machine.h"

namespace skein::engine {

Resources profile_resources(Profile profile) {
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  switch (profile) {
    case Profile::small:
      return {.cpu = 1, .providers = 2, .memory = {1 * kGiB}};
    case Profile::medium:
      return {.cpu = 4, .providers = 8, .memory = {8 * kGiB}};
    case Profile::large:
      return {.cpu = 16, .providers = 32, .memory = {32 * kGiB}};
    case Profile::enterprise:
      return {.cpu = 64, .providers = 256, .memory = {256 * kGiB}};
    case Profile::automatic:
      break;
  }
  const int processors = usable_processors();
  return {.cpu = processors, .providers = 4 * processors, .memory = {physical_memory().value / 2}};
}

}  // namespace skein::engine
