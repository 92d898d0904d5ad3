// Where skein keeps what it remembers about a workspace: `.skein/` in it, or, where that file system cannot hold state,
// a folder of the user's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/platform/mount.h"
#include "base/result.h"

namespace skein::app {

/// Version of the layout of the state folder, in its file `format`.
inline constexpr int kStateFormat = 1;

struct StateFolder {
  std::string path;
  bool moved = false;              ///< Lies in the user's folder.
  std::string why_moved;           ///< "the workspace lies on nfs"
  std::vector<std::string> notes;  ///< What the user should read once: rebuilt, migrated.
};

/// Answers for a folder; injected, so that network file systems can be tried.
using MountOf = std::function<Result<Mount>(const std::string& folder)>;

/// Where the state of `workspace` is or would be. Writes nothing. Errors: `untrusted`
/// where `.skein` is a link; of `mount_of`.
[[nodiscard]] Result<StateFolder> locate_state_folder(const std::string& workspace,
                                                      const std::string& user_state_folder, const MountOf& mount_of);

/// True if this user's skein made the state in `folder`, there: its file `owner` holds the HMAC of the folder's path
/// under the user's key. State that a repository brought along could hold false results, and is never used.
[[nodiscard]] bool is_own_state(FileSystem& files, const std::string& folder, std::string_view key);

/// Makes the located folder ready: creates it with its `.gitignore` and `format`. State of an older format, or with a
/// damaged or missing `format`, or that is not the user's own, is moved aside to `old-<format>` inside, to be rebuilt,
/// and `notes` says so; what the repository may have brought (agents, formats, prompts, workflows) and pages stay.
/// Errors: `unsupported_version` for a newer one, with the way out; of the file system.
/// `key` is `user_key`.
[[nodiscard]] Result<StateFolder> open_state_folder(FileSystem& files, StateFolder located, std::string_view key);

/// The format of a state folder: 0 for a damaged or missing file, nothing for a folder that holds no state.
[[nodiscard]] Result<std::optional<int>> state_format(FileSystem& files, const std::string& folder);

}  // namespace skein::app
