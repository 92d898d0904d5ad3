// Commits by the names that people give them, read from git's files and objects without running git.
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "repo/git_objects.h"

namespace skein::repo {

/// The commit that `revision` names: "HEAD", the name of a branch or a tag, or four digits of an id or more, each with
/// any number of "~" or "~N" for its first parents. Errors: `not_found`, `invalid_argument`, naming it.
[[nodiscard]] Result<git_oid> find_commit(FileSystem& files, const GitInfo& git, const GitObjects& objects,
                                          std::string_view revision);

/// The same as forty hexadecimal digits. Errors: as there, and of `GitObjects::open`.
[[nodiscard]] Result<std::string> find_commit_id(FileSystem& files, const GitInfo& git, std::string_view revision);

/// Forty hexadecimal digits.
[[nodiscard]] std::string text_of(const GitLibrary& git, const git_oid& id);

}  // namespace skein::repo
