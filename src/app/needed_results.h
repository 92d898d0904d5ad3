// Which results of a store are worth their room.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/digest.h"
#include "store/store.h"

namespace skein::app {

struct NeededResults {
  std::unordered_set<Digest> declared;  ///< Declared digests of what stays.
  std::size_t kept = 0;
  std::size_t dropped = 0;
};

/// What stays: results of runs whose names are not before `oldest_run` (names begin with the time), and results from
/// which files with the digests `published` were made, directly or through others; where results of one step made the
/// same bytes, the newest of them. Errors: of the store.
[[nodiscard]] Result<NeededResults> find_needed_results(store::Store& store, const std::string& oldest_run,
                                                        const std::vector<Digest>& published);

}  // namespace skein::app
