// Which paths a workspace has, asked as people write them: from the root, from a page's folder, or by their end alone.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "repo/ignore.h"
#include "repo/snapshot.h"

namespace skein::prose {

/// `path` with "." and ".." worked out, below `folder` ("" is the root); nothing when it leaves the root.
[[nodiscard]] std::optional<std::string> resolved(std::string_view folder, std::string_view path);
/// The way from `folder` to `path`, both below the root: "../src/a.cc".
[[nodiscard]] std::string relative_path(std::string_view folder, std::string_view path);
/// The folder of a path below the root: "" for the root.
[[nodiscard]] std::string_view folder_of(std::string_view path);

/// Immutable; thread-safe. Holds views into the snapshot, which outlives it.
class PathIndex {
 public:
  explicit PathIndex(const repo::Snapshot& snapshot);

  [[nodiscard]] bool is_file(std::string_view path) const { return snapshot_.find(path) != nullptr; }
  [[nodiscard]] bool is_folder(std::string_view path) const { return path.empty() || folders_.contains(path); }
  /// Files whose path is `end` or ends with "/" + `end`. Sorted.
  [[nodiscard]] std::vector<std::string_view> files_ending(std::string_view end) const;
  [[nodiscard]] bool some_folder_ends(std::string_view end) const;
  [[nodiscard]] bool has_extension(std::string_view extension) const { return extensions_.contains(extension); }
  /// Files of these bytes.
  [[nodiscard]] std::vector<std::string_view> files_of(const Digest& digest) const;

 private:
  const repo::Snapshot& snapshot_;
  std::set<std::string, std::less<>> folders_;
  std::multimap<std::string_view, std::string_view> by_name_;  // Last part to path.
  std::multimap<std::string_view, std::string_view> folder_names_;
  std::set<std::string_view> extensions_;
  std::multimap<Digest, std::string_view> by_digest_;
};

/// What git and skein are told to leave out, asked path by path: what is made by a build is no claim.
class IgnoredPaths {
 public:
  IgnoredPaths(FileSystem& files, const repo::Snapshot& snapshot) : files_(files), snapshot_(snapshot) {}
  /// Also true below an ignored folder.
  [[nodiscard]] bool ignored(std::string_view path, bool folder);

 private:
  FileSystem& files_;
  const repo::Snapshot& snapshot_;
};

}  // namespace skein::prose
