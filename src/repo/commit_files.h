// The files of a commit, written to a folder: to look at another state of a repository without touching its work tree.
#pragma once

#include <string>
#include <string_view>

#include "base/file_system.h"
#include "repo/git.h"

namespace skein::repo {

struct CommitFiles {
  std::string commit;  ///< Its whole id.
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::size_t left_out = 0;  ///< Submodules, and names that no work tree may have.
};

/// Writes the files of `revision` below the asked root to `folder`, which must be empty. `revision` is what
/// `find_commit` (repo/revision.h) reads. No filter, attribute or hook of the repository is used. Errors:
/// `not_found`, naming what is there instead; `unavailable` without libgit2.
[[nodiscard]] Result<CommitFiles> write_commit(FileSystem& files, const GitInfo& git, std::string_view revision,
                                               const std::string& folder);

}  // namespace skein::repo
