// What git knows about a folder, read without ever running git, a hook, a filter or any configured command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::repo {

/// A path of git's index.
struct TrackedPath {
  std::string path;        ///< Below the asked root, not below git's.
  bool submodule = false;  ///< A commit of another repository.
};

struct GitInfo {
  bool present = false;     ///< The root lies in a git work tree or is a git directory.
  bool index_read = false;  ///< `tracked` is what git has; false: unknown, `notes` says why.
  bool bare = false;
  bool shallow = false;
  bool linked = false;               ///< A linked work tree or a submodule: its git directory is elsewhere.
  std::string work_root;             ///< Absolute: where `.git` is.
  std::string git_directory;         ///< Absolute; of a linked work tree, its own.
  std::string common_directory;      ///< Absolute; differs from git_directory in linked work trees.
  std::string prefix;                ///< The root below work_root, with a final "/"; empty when they are one.
  std::string commit;                ///< HEAD's id, hexadecimal; empty before the first commit or when unknown.
  std::string branch;                ///< "main"; empty when HEAD is detached or unknown.
  std::string remote;                ///< origin's URL without user and password; may be empty.
  std::string excludes_file;         ///< core.excludesFile or its default; absolute; may not exist.
  std::vector<TrackedPath> tracked;  ///< Sorted by bytes of the path.
  std::vector<std::string> watch;    ///< Files on which all this depends, there or not.
  std::vector<std::string> notes;    ///< For people: what could not be read and why.

  [[nodiscard]] bool is_tracked(std::string_view path) const;
  [[nodiscard]] bool is_submodule(std::string_view path) const;
  /// True if something below the folder (without final "/") is tracked.
  [[nodiscard]] bool has_tracked_below(std::string_view folder) const;
};

/// Reads it. Never fails: what is odd (an extension that libgit2 does not know, SHA-256 ids, a damaged index, no
/// libgit2) is read as far as it goes and noted.
[[nodiscard]] GitInfo read_git(const std::string& root);

/// The part of it that a few small files say: where the work tree is, its commit and branch. Without settings, index,
/// rules and what is to be watched for these.
[[nodiscard]] GitInfo read_git_head(const std::string& root);

/// A URL without what could be a credential: "https://user:token@host/x" gives "https://host/x".
[[nodiscard]] std::string without_credentials(std::string_view url);

}  // namespace skein::repo
