// What an import means in a workspace: the files it names, or nothing for what comes from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repo/facts.h"
#include "repo/languages.h"

namespace skein::repo {

/// All paths of a workspace, for look-ups by path and by ending. Immutable and thread-safe.
class PathIndex {
 public:
  /// `paths`: "/"-separated, relative to the workspace, in any order; they must outlive the index.
  explicit PathIndex(std::span<const std::string_view> paths);

  [[nodiscard]] bool contains(std::string_view path) const;
  /// True if some path lies below this folder. "" is the workspace.
  [[nodiscard]] bool contains_folder(std::string_view folder) const;
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
  std::vector<std::string_view> by_name_;  // Sorted by file name, then path.
};

/// The workspace's files that `import`, written in the file `from` of `language`, names; sorted, without `from` itself.
/// Empty: it comes from outside. Python's `from a import b` names a's file, and b's where b is a module.
/// A pure function; thread-safe. O(log n) for most imports.
[[nodiscard]] std::vector<std::string> resolve(const Language& language, std::string_view from, const Import& import,
                                               const PathIndex& paths);

}  // namespace skein::repo
