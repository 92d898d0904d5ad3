#include "store/folder_descent.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"

namespace skein::store {
namespace {

// Deep trees keep this many folders open besides the root; well below the usual limit of 1,024 descriptors, with room
// for several walks at once.
constexpr std::size_t kOpenFolders = 64;

EntryKind kind_of_type(unsigned char type) {
  if (type == DT_REG) return EntryKind::file;
  if (type == DT_DIR) return EntryKind::folder;
  if (type == DT_LNK) return EntryKind::symlink;
  return EntryKind::special;
}

// The kernel's record; glibc has no name for it.
struct KernelEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  unsigned char type;
};
constexpr std::size_t kNameOffset = offsetof(KernelEntry, type) + 1;

}  // namespace

Result<FolderDescent> FolderDescent::open(const std::string& root, Access access) {
  const int flags = O_DIRECTORY | O_CLOEXEC | (access == Access::look_up ? O_PATH : O_RDONLY | O_NONBLOCK);
  FolderDescent descent(flags);
  const int descriptor = ::open(root.c_str(), flags);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open the folder " + root));
  descent.levels_.push_back({descriptor});
  return descent;
}

FolderDescent::FolderDescent(FolderDescent&& other) noexcept
    : flags_(other.flags_), levels_(std::exchange(other.levels_, {})), lowest_open_(other.lowest_open_) {}

FolderDescent& FolderDescent::operator=(FolderDescent&& other) noexcept {
  if (this != &other) {
    close_all();
    flags_ = other.flags_;
    levels_ = std::exchange(other.levels_, {});
    lowest_open_ = other.lowest_open_;
  }
  return *this;
}

FolderDescent::~FolderDescent() { close_all(); }

void FolderDescent::close_all() {
  for (const Level& level : levels_)
    if (level.descriptor >= 0) ::close(level.descriptor);
  levels_.clear();
}

int FolderDescent::enter(const char* name) {
  const int descriptor = ::openat(current(), name, flags_ | O_NOFOLLOW);
  if (descriptor < 0) return errno;
  levels_.push_back({descriptor});
  if (levels_.size() - lowest_open_ > kOpenFolders) {
    Level& far = levels_[lowest_open_];
    struct stat info{};
    if (::fstat(far.descriptor, &info) == 0) {
      far.device = info.st_dev;
      far.inode = info.st_ino;
    }
    ::close(far.descriptor);
    far.descriptor = -1;
    ++lowest_open_;
  }
  return 0;
}

int FolderDescent::leave() {
  SKEIN_CHECK(depth() > 0);
  const int child = levels_.back().descriptor;
  Level& above = levels_[levels_.size() - 2];
  if (above.descriptor < 0) {
    const int descriptor = ::openat(child, "..", flags_);
    if (descriptor < 0) return errno;
    struct stat info{};
    if (::fstat(descriptor, &info) != 0 || info.st_dev != above.device || info.st_ino != above.inode) {
      ::close(descriptor);
      return ESTALE;
    }
    above.descriptor = descriptor;
    lowest_open_ = levels_.size() - 2;
  }
  ::close(child);
  levels_.pop_back();
  return 0;
}

int list_folder(int folder, std::vector<ListedName>& entries) {
  entries.clear();
  if (::lseek(folder, 0, SEEK_SET) < 0) return errno;
  alignas(8) char buffer[32 << 10];
  while (true) {
    const long got = ::syscall(SYS_getdents64, folder, buffer, sizeof buffer);
    if (got < 0) return errno;
    if (got == 0) return 0;
    for (long at = 0; at < got;) {
      KernelEntry entry{};
      std::memcpy(&entry, buffer + at, kNameOffset);
      const char* name = buffer + at + kNameOffset;
      at += entry.length;
      if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
      EntryKind kind = kind_of_type(entry.type);
      if (entry.type == DT_UNKNOWN) {
        FileStamp stamp;
        if (stamp_at(folder, name, stamp) == 0) kind = stamp.kind;
      }
      entries.push_back({name, kind});
    }
  }
}

}  // namespace skein::store
