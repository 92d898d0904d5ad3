// What a run changes in a folder, decided as a whole and installed file by file. Installing is roll-forward and
// idempotent: whoever finds it half done does it again from the start, and the result is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/executor.h"
#include "base/file_system.h"

namespace skein::engine {

enum class ChangeKind : std::uint8_t {
  file,
  link,  ///< A symbolic link; the blob is its target.
  edit,  ///< A file that is there gets other bytes in places; the blob is a FileEdit.
};

/// One file of the target.
struct FileChange {
  std::string path;  ///< Below the target, "/"-separated, without "." and ".." parts.
  Digest digest;     ///< The blob with the new bytes; none: the file is removed.
  ChangeKind kind = ChangeKind::file;
  unsigned mode = 0;  ///< Permission bits of a file; 0: as the system gives them to a new one.

  [[nodiscard]] bool removes() const { return digest.is_none(); }
};

/// Installed in this order: removals of what stands where folders or files are to be, writes, other removals, then
/// `last`, which says that all is there (a manifest).
struct ChangeList {
  std::string target;  ///< Absolute path of a folder; made where it is missing.
  std::vector<FileChange> changes;
  FileChange last;  ///< Empty path: none.
  Digest origin{};  ///< A blob that tells who made the list what it is; none where nobody will ask.
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
/// not empty, is told of every file, by this thread, in the order of the list. `helpers`, if given, write files at the
/// same time; then `bytes_of` is called by several threads. `last`, if given: all of what the file `list.last` is to
/// hold, which the caller knows already.
/// Errors: of the file system, naming the file; and of `bytes_of`.
[[nodiscard]] Result<Installed> install(FileSystem& files, const ChangeList& list,
                                        const std::function<Result<std::string>(const Digest&)>& bytes_of,
                                        const std::function<void(const FileChange&)>& changed = {},
                                        Executor* helpers = nullptr, const std::string* last = nullptr);

}  // namespace skein::engine
