// The log of the last commits as it was read before: a new commit is compared with its parent, the others are not
// again.
#pragma once

#include <string>

#include "base/file_system.h"
#include "repo/history_log.h"

namespace skein::repo {

/// read_history_log with what the file `path` remembers, which is then replaced. A file that is missing, damaged, newer
/// or of another folder only means that all commits are compared; one that cannot be written only makes the next call
/// slow.
[[nodiscard]] HistoryLog read_remembered_history(FileSystem& files, const std::string& path, const GitInfo& git,
                                                 const HistoryWindow& window);

}  // namespace skein::repo
