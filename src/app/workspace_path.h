// Paths that a user names, as paths of the workspace.
#pragma once

#include <string>

#include "base/result.h"

namespace skein::app {

/// A path of the user's, relative to the working directory, as one below `root`; empty for the root itself. Symbolic
/// links are followed. Errors: as `real_path`; `invalid_argument` where it is not below `root`.
[[nodiscard]] Result<std::string> below_root(const std::string& root, const std::string& path);

}  // namespace skein::app
