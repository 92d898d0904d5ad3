// Which files of a workspace lines of .gitignore name, whether git knows them or not: what a sandbox hides.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "repo/snapshot.h"

namespace skein::agents {

/// Sorted paths below the root of `base`: of the files and folders that `lines` match, in every folder that holds a
/// file of the workspace, and of skein's own state. O(files), without a system call for most of them.
[[nodiscard]] std::vector<std::string> hidden_files(const repo::Snapshot& base, const std::vector<std::string>& lines);

/// The same for several sandboxes over one snapshot, looked for once. Thread-safe.
class HiddenFiles {
 public:
  /// `base` outlives it.
  explicit HiddenFiles(const repo::Snapshot& base) : base_(base) {}
  [[nodiscard]] std::vector<std::string> of(const std::vector<std::string>& lines);

 private:
  const repo::Snapshot& base_;
  std::mutex mutex_;  // Guards found_.
  std::map<std::vector<std::string>, std::vector<std::string>> found_;
};

}  // namespace skein::agents
