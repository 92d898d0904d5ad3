// What a run changes in a folder, decided as a whole and installed file by file. Installing is roll-forward and
// idempotent: whoever finds it half done does it again from the start, and the result is the same.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/file_system.h"

namespace skein::engine {

/// One file of the target.
struct FileChange {
  std::string path;  ///< Below the target, "/"-separated, without "." and ".." parts.
  Digest digest;     ///< The blob with the new bytes; none: the file is removed.

  [[nodiscard]] bool removes() const { return digest.is_none(); }
};

/// Installed in this order: writes, removals, then `last`, which says that all is there (a manifest).
struct ChangeList {
  std::string target;  ///< Absolute path of a folder; made where it is missing.
  std::vector<FileChange> changes;
  FileChange last;  ///< Empty path: none.
};

[[nodiscard]] std::string encode(const ChangeList& list);
/// Errors: `data_corrupt`, also for a path that would leave the target.
[[nodiscard]] Result<ChangeList> decode_change_list(std::string_view bytes);

struct Installed {
  std::size_t written = 0;
  std::size_t removed = 0;
};

/// Installs all of `list`. Readers of the target see whole old or whole new files. Folders that removals leave empty
/// are removed. One sync of everything stands before `last`. `bytes_of` gives the content of a digest; `changed`, if
/// not empty, is told of every file.
/// Errors: of the file system, naming the file; and of `bytes_of`.
[[nodiscard]] Result<Installed> install(FileSystem& files, const ChangeList& list,
                                        const std::function<Result<std::string>(const Digest&)>& bytes_of,
                                        const std::function<void(const FileChange&)>& changed = {});

}  // namespace skein::engine
