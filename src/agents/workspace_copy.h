// A private copy of a workspace, where no overlay is to be had, and what was changed in it.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agents/seen_files.h"
#include "agents/upper_layer.h"
#include "base/executor.h"
#include "base/units.h"

namespace skein::agents {

struct CopyOptions {
  std::vector<std::string> left_out;  ///< Sorted paths below the source.
  /// Where a program will see an original folder of git objects; empty: it is copied. May be empty itself.
  std::function<std::string(const std::string& objects)> seen_at;
  Executor* executor = nullptr;  ///< Whose threads help; null: none.
  std::stop_token stop;
};

/// Copies files, links and folders into the folder `to`, by reference where the disk can share blocks, with modes and
/// times; never by hard links, through which the original could be written. Sockets, pipes, devices and what cannot be
/// read are left out. The objects of git repositories are not copied but named as alternates. Errors: of the file
/// system; `cancelled` after a stop.
Status copy_tree(const std::string& from, const std::string& to, const CopyOptions& options);

/// Brings the files of a folder to what `given` makes of them. Errors: of the file system.
Status change_copy(const ChangeSet& given, const std::string& folder);

/// Knows the files of a copy by their stamps, as they were when it was made. Of a file's stamp no program sets the time
/// of its last change.
class CopyStamps {
 public:
  /// Of all that lies in `folder` now, but for git directories. Threads of `executor` help, here and below; null: none.
  [[nodiscard]] static CopyStamps of(const std::string& folder, Executor* executor);
  /// What is different now: as `read_upper_layer` gives it. `folder` is the same one.
  [[nodiscard]] Result<LayerReading> changes(const std::string& folder, const SeenFiles& base,
                                             const std::function<bool(std::string_view)>& is_hidden,
                                             std::uint64_t most_bytes, Executor* executor) const;
  /// What all of it took on the disk when it was made, with git directories.
  [[nodiscard]] Bytes disk() const { return disk_; }

 private:
  struct Stamp {
    std::uint64_t inode = 0, size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Stamped {
    std::string path;
    Stamp stamp;
    bool is_plain = true;  // A file or a link.
  };
  /// All of one folder's; folders in it are appended to `inner`. With `disk` git directories are gone through, too, and
  /// what it all takes is added to that.
  static std::vector<Stamped> folder(const std::string& root, const std::string& path, std::vector<std::string>& inner,
                                     Bytes* disk);

  std::unordered_map<std::string, Stamp> stamps_;  // By path below the folder.
  Bytes disk_{};
};

}  // namespace skein::agents
