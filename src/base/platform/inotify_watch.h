// Watching a folder and all below it with inotify.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_watch.h"

namespace skein {

struct InotifyOptions {
  /// Folders (paths below the root) that are neither watched nor entered. May be called from the waiting thread.
  std::function<bool(std::string_view folder)> skip{};
  /// Single files outside that are watched, too: absolute path of a folder and a prefix for what it reports; of a
  /// change below it, "prefix/name" is told. For git's own directory, whose HEAD tells of a checkout.
  std::vector<std::pair<std::string, std::string>> beside{};
};

/// Watches `root`. New folders are watched as they appear; what was written in one before that is told as the folder
/// itself. Errors: `not_found`; `resource_exhausted` with the way out when the system allows no more watches.
[[nodiscard]] Result<std::unique_ptr<FileWatch>> watch_folder(const std::string& root, InotifyOptions options = {});

}  // namespace skein
