// The second half of a scan: reads the files whose digests are not known yet, in parallel, each byte once, for digest
// and class together.
#pragma once

#include <cstdint>

#include "base/executor.h"
#include "repo/tree_walk.h"

namespace skein::repo {

struct ReadingTotals {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

/// Reads the files of `walk` that are `to_read`. Those that cannot be read, or change each time, move to `left_out`,
/// those that are gone vanish; `to_read` stays set for the left out ones, which keep their place in `files` until the
/// caller drops them. Results do not depend on the executor.
ReadingTotals read_files(const std::string& root, Walk& walk, Executor& executor);

}  // namespace skein::repo
