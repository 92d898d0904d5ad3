// A secret of the user's, made once on this machine: it marks what this user's skein wrote, and keeps digests of
// secrets from being guessed.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/result.h"

namespace skein::app {

/// 32 bytes from `user_state_folder`/key, made there, readable by the user alone, where it is missing.
/// Errors: of the file system; `data_corrupt` for a key of another length.
[[nodiscard]] Result<std::string> user_key(FileSystem& files, const std::string& user_state_folder);

}  // namespace skein::app
