// What kind of file system a folder lies on: state needs one that keeps locks and renames.
#pragma once

#include <string>

#include "base/result.h"
#include "base/units.h"

namespace skein {

struct Mount {
  std::string kind;        ///< "ext4", "nfs", "overlay" …; a hexadecimal number where its name is not known.
  bool network = false;    ///< Locks and atomic renames cannot be relied on.
  bool read_only = false;  ///< Mounted so, or this user may not write to the folder.
  Bytes free;              ///< For this user.
};

/// Errors: as statfs(2): `not_found`, `permission_denied`, `io`.
[[nodiscard]] Result<Mount> mount_of(const std::string& folder);

}  // namespace skein
