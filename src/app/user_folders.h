// The user's folders for skein, after the XDG Base Directory specification.
#pragma once

#include <string>

#include "base/platform/surroundings.h"
#include "base/result.h"

namespace skein::app {

struct UserFolders {
  std::string config;  ///< $XDG_CONFIG_HOME/skein, else ~/.config/skein
  std::string state;   ///< $XDG_STATE_HOME/skein, else ~/.local/state/skein
  std::string cache;   ///< $XDG_CACHE_HOME/skein, else ~/.cache/skein
};

/// Relative XDG paths are ignored, as the specification says. Errors: `unavailable` where neither they nor HOME are
/// set.
[[nodiscard]] Result<UserFolders> user_folders(const Environment& environment);

/// The workspace of a folder: the nearest one from it upwards that holds skein.toml or .git, else the folder itself.
/// Absolute, links resolved. Errors: as `real_path`.
[[nodiscard]] Result<std::string> find_workspace(const std::string& folder);

}  // namespace skein::app
