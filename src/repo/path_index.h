// The paths of a workspace, as imports look for them.
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repo/import_roots.h"

namespace skein::repo {

/// All paths of a workspace, for look-ups by path and by ending. Immutable and thread-safe.
class PathIndex {
 public:
  /// `paths`: "/"-separated, relative to the workspace, in any order; they must outlive the index.
  /// `roots`: what files of the workspace say about full names.
  explicit PathIndex(std::span<const std::string_view> paths, ImportRoots roots = {});
  [[nodiscard]] const ImportRoots& roots() const { return roots_; }

  [[nodiscard]] bool contains(std::string_view path) const;
  /// True if some path lies below this folder. "" is the workspace.
  [[nodiscard]] bool contains_folder(std::string_view folder) const;
  /// The files of this folder itself, in the order of paths. O(its files and folders * log n).
  [[nodiscard]] std::vector<std::string_view> files_in(std::string_view folder) const;
  /// Calls `body(path)`, in the order of paths, for those that are `suffix` or end in "/" + `suffix`, until it gives
  /// false. O(log n + the paths with the same file name), at most kMaxCandidates of these.
  template <class Body>
  void ending_in(std::string_view suffix, Body body) const {
    for (const std::string_view path : same_name(suffix)) {
      const bool whole = path.size() == suffix.size();
      if (!path.ends_with(suffix) || (!whole && path[path.size() - suffix.size() - 1] != '/')) continue;
      if (!body(path)) return;
    }
  }

  /// A name that more files have ("index.js", "__init__.py" in a large tree) is looked for among the first only.
  static constexpr std::size_t kMaxCandidates = 4096;

 private:
  [[nodiscard]] std::span<const std::string_view> same_name(std::string_view path) const;

  std::vector<std::string_view> sorted_;
  // Sorted by a mark of the file name, then path; made when first asked for, which many edits never do.
  mutable std::once_flag named_;
  mutable std::vector<std::string_view> by_name_;
  ImportRoots roots_;
};

}  // namespace skein::repo
