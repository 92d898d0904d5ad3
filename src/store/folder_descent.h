// Walking a tree of any depth by descriptors relative to the folder above: no path grows past the system's limit, no
// link is followed, and only a bounded number of folders is open at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/file_stamp.h"

namespace skein::store {

/// The folders from a root down to where a walk stands. Move only; not thread-safe.
class FolderDescent {
 public:
  enum class Access { look_up, list };  ///< `list` needs the right to read each folder and allows `list_folder`.

  /// The root itself may be a link. Errors: those of the system.
  [[nodiscard]] static Result<FolderDescent> open(const std::string& root, Access access);

  FolderDescent(FolderDescent&& other) noexcept;
  FolderDescent& operator=(FolderDescent&& other) noexcept;
  ~FolderDescent();

  [[nodiscard]] int current() const { return levels_.back().descriptor; }
  /// 0 at the root.
  [[nodiscard]] std::size_t depth() const { return levels_.size() - 1; }
  /// Goes into the folder `name`; 0, or errno, with the walk where it was (ELOOP or ENOTDIR for a link).
  [[nodiscard]] int enter(const char* name);
  /// Goes back up; REQUIRES depth() > 0. 0, or errno: ESTALE where the folder was moved meanwhile; the walk then
  /// cannot go on.
  [[nodiscard]] int leave();

 private:
  struct Level {
    int descriptor = -1;  ///< -1: closed for being far above; dev and inode then tell that ".." leads there.
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
  };
  explicit FolderDescent(int flags) : flags_(flags) {}
  void close_all();

  int flags_;
  std::vector<Level> levels_;
  std::size_t lowest_open_ = 1;  // Levels [lowest_open_, end) and the root are open.
};

/// The names in an open folder but "." and "..", with their kinds, in no order. Returns 0, or errno.
[[nodiscard]] int list_folder(int folder, std::vector<ListedName>& entries);

}  // namespace skein::store
