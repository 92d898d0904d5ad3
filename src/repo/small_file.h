// Files that are read whole into memory because they are settings: rules, refs, manifests.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace skein::repo {

/// The bytes of a regular file, links followed. Errors: those of the system; `invalid_argument` for a pipe or device,
/// which is never waited on; `resource_exhausted` for more than `limit` bytes.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t limit);
/// The same of `name` in an open folder; a symbolic link is refused.
[[nodiscard]] Result<std::string> read_small_file_at(int folder, const char* name, std::size_t limit);

}  // namespace skein::repo
