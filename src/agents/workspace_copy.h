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
#include "base/units.h"

namespace skein::agents {

/// Copies files, links and folders, by reference where the disk can share blocks, with modes and times; never by hard
/// links, through which the original could be written. Sockets, pipes, devices and what cannot be read are left out,
/// and so are `left_out`, sorted paths below `from`. The objects of git repositories are not copied but named as
/// alternates; `seen_at` tells where a program will see an original folder of them; empty: it is copied. Errors: of the
/// file system; `cancelled` after a stop.
Status copy_tree(const std::string& from, const std::string& to, const std::vector<std::string>& left_out,
                 const std::function<std::string(const std::string& objects)>& seen_at,
                 const std::stop_token& stop = {});

/// Brings the files of a folder to what `given` makes of them. Errors: of the file system.
Status change_copy(const ChangeSet& given, const std::string& folder);

/// Knows the files of a copy by their stamps, as they were when it was made. Of a file's stamp no program sets the time
/// of its last change.
class CopyStamps {
 public:
  /// Of all that lies in `folder` now, but for git directories.
  [[nodiscard]] static CopyStamps of(const std::string& folder);
  /// What is different now: as `read_upper_layer` gives it. `folder` is the same one.
  [[nodiscard]] Result<LayerReading> changes(const std::string& folder, const SeenFiles& base,
                                             const std::function<bool(std::string_view)>& is_hidden,
                                             std::uint64_t most_bytes) const;

 private:
  struct Stamp {
    std::uint64_t inode = 0, size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  friend class CopyWalk;
  std::unordered_map<std::string, Stamp> stamps_;  // By path below the folder.
};

}  // namespace skein::agents
