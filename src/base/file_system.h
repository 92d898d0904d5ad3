// The disk behind a narrow interface, so that everything that must survive a crash is tested on a disk that
// loses power at any instant (sim_file_system.h) and runs on the real one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein {

/// An open file. Not thread-safe, but for `read_at`.
class File {
 public:
  virtual ~File() = default;
  /// Writes all of `data` at the end. After an error the file may hold a part of it.
  virtual Status append(std::string_view data) = 0;
  /// Up to `size` bytes from `offset`; fewer only at the end of the file. Thread-safe.
  [[nodiscard]] virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) const = 0;
  /// Returns when all that was appended is on the disk (fdatasync). After an error the state of the file is
  /// unknown: it must not be written again (PostgreSQL's "fsyncgate").
  virtual Status sync() = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

enum class OpenMode {
  read,    ///< Must be there.
  append,  ///< Made where it is missing; writes go to the end.
  create,  ///< Made, or emptied where it is there.
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

/// Paths are absolute or relative to the working directory, in the system's bytes. Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  /// Replaces `to` atomically. Durable after `sync_directory` of the folder.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file or an empty folder; not_found where there is none.
  virtual Status remove(const std::string& path) = 0;
  /// Sorted by name.
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) const = 0;
  /// Sets who may read, write and run a file: permission bits as of chmod(2).
  virtual Status set_mode(const std::string& path, unsigned mode) = 0;
  /// Makes a symbolic link to `target`, whatever that is; already_exists where something is at `path`.
  virtual Status make_link(const std::string& target, const std::string& path) = 0;
  /// With all missing parents; fine where it is there.
  virtual Status make_directories(const std::string& path) = 0;
  /// Makes creations, renames and removals in this folder durable.
  virtual Status sync_directory(const std::string& path) = 0;
  /// Makes everything on the disk that holds this folder durable (syncfs): one call for thousands of small files.
  virtual Status sync_all(const std::string& path) = 0;
};

/// The whole of a file. Errors: as `open`.
[[nodiscard]] Result<std::string> read_file(FileSystem& files, const std::string& path);

/// Replaces `path` by temporary file and rename, so that a reader sees the old bytes or the new, never a part.
/// `durable`: synced before the rename, and the folder after it.
Status write_file_atomically(FileSystem& files, const std::string& path, std::string_view bytes, bool durable);
/// The same by a temporary file that the caller names, in the same folder: for one who alone may write there, so that
/// what a killed process left is overwritten by the next and not kept. `mode`: permission bits, 0: as the system gives
/// them.
Status write_file_by(FileSystem& files, const std::string& temporary, const std::string& path, std::string_view bytes,
                     bool durable, unsigned mode = 0);

/// The part of a path before its last "/"; "." where there is none, "/" for the root.
[[nodiscard]] std::string parent_path(std::string_view path);
/// `folder` + "/" + `name`, without doubling the slash.
[[nodiscard]] std::string join_path(std::string_view folder, std::string_view name);

/// The machine's disk.
[[nodiscard]] std::unique_ptr<FileSystem> make_system_file_system();

}  // namespace skein
