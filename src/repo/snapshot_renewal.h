// A snapshot made of the last one's table where only the bytes of files are new: no folder is listed, no ignore rule
// applied and no index of git's read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "repo/snapshot.h"

namespace skein::repo {

/// What a snapshot knows beside what its table remembers, as bytes to keep with that table.
[[nodiscard]] std::string encode_rest(const Snapshot& snapshot);

struct RenewedSnapshot {
  Snapshot snapshot;            ///< As a scan would give it, but for `table`, which is empty,
  store::StatTablePatch table;  ///< and `git.tracked`. This is the table of the next check.
};

/// `changes` is what a look at the tree below `root` found to differ from `table`; `rest` belongs to `table`, which was
/// made with these options. Nothing where only a scan can tell how the tree is now.
[[nodiscard]] std::optional<RenewedSnapshot> renew(const std::string& root, const ScanOptions& options,
                                                   Executor& executor, const store::StatTable& table,
                                                   const store::StatChanges& changes, std::string_view rest);

}  // namespace skein::repo
