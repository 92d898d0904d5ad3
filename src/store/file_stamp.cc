#include "store/file_stamp.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skein::store {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t nanoseconds(const statx_timestamp& time) { return time.tv_sec * kSecond + time.tv_nsec; }

EntryKind kind_of_mode(unsigned mode) {
  if (S_ISREG(mode)) return EntryKind::file;
  if (S_ISDIR(mode)) return EntryKind::folder;
  if (S_ISLNK(mode)) return EntryKind::symlink;
  return EntryKind::special;
}

int stamp_with(int folder, const char* name, int flags, FileStamp& stamp) {
  struct statx info{};
  constexpr unsigned kWanted = STATX_TYPE | STATX_MODE | STATX_MTIME | STATX_CTIME | STATX_INO | STATX_SIZE;
  stamp = {};
  if (::statx(folder, name, flags | AT_STATX_DONT_SYNC, kWanted, &info) != 0)
    return errno == ENOENT || errno == ENOTDIR ? 0 : errno;
  stamp.kind = kind_of_mode(info.stx_mode);
  stamp.size = stamp.kind == EntryKind::folder ? 0 : info.stx_size;
  stamp.mtime_ns = nanoseconds(info.stx_mtime);
  stamp.ctime_ns = nanoseconds(info.stx_ctime);
  stamp.inode = info.stx_ino;
  stamp.executable = stamp.kind == EntryKind::file && (info.stx_mode & S_IXUSR) != 0;
  return 0;
}

bool is_racy_time(std::int64_t time_ns, std::int64_t started_ns) {
  // A file system that keeps whole seconds (or FAT's two) gives later writes the same stamp for that long.
  const std::int64_t grain = time_ns % kSecond == 0 ? 2 * kSecond : 0;
  return time_ns + grain >= started_ns;
}

}  // namespace

bool is_racy(const FileStamp& stamp, std::int64_t started_ns) {
  return is_racy_time(stamp.mtime_ns, started_ns) || is_racy_time(stamp.ctime_ns, started_ns);
}

std::int64_t stamp_clock_ns() {
  // The kernel stamps with its coarse clock, which stands still for up to 10 ms; a server's may lag a little more.
  constexpr std::int64_t kMargin = 10'000'000;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec * kSecond + now.tv_nsec - kMargin;
}

int stamp_at(int folder, const char* name, FileStamp& stamp) {
  return stamp_with(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, stamp);
}

int stamp_of(int descriptor, FileStamp& stamp) { return stamp_with(descriptor, "", AT_EMPTY_PATH, stamp); }

int stamp_target_at(int folder, const char* name, FileStamp& stamp) { return stamp_with(folder, name, 0, stamp); }

Result<std::string> link_target_at(int folder, const char* name) {
  std::string target(256, '\0');
  while (true) {
    const ssize_t got = ::readlinkat(folder, name, target.data(), target.size());
    if (got < 0) return std::unexpected(system_error(errno, "cannot read the link"));
    if (static_cast<std::size_t>(got) < target.size()) {
      target.resize(static_cast<std::size_t>(got));
      return target;
    }
    target.resize(target.size() * 2);
  }
}

Result<OpenFile> OpenFile::open_at(int folder, const char* name, bool follow) {
  // O_NONBLOCK: a pipe that took the file's place must not hold us.
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  const int descriptor = ::openat(folder, name, flags);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open the file"));
  OpenFile file(descriptor);
  FileStamp stamp;
  if (const int error = stamp_of(descriptor, stamp); error != 0)
    return std::unexpected(system_error(error, "cannot look at the file"));
  if (stamp.kind != EntryKind::file) return fail(Code::invalid_argument, "not a regular file");
  return file;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> OpenFile::read(std::span<char> buffer) {
  std::size_t have = 0;
  while (have < buffer.size()) {
    const ssize_t got = ::read(descriptor_, buffer.data() + have, buffer.size() - have);
    if (got < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(system_error(errno, "cannot read the file"));
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

Result<Digest> hash_at(int folder, const char* name, EntryKind kind, std::uint64_t* bytes) {
  if (kind == EntryKind::symlink) {
    SKEIN_TRY(const std::string target, link_target_at(folder, name));
    return sha256(target);
  }
  SKEIN_TRY(OpenFile file, OpenFile::open_at(folder, name, false));
  return hash_rest(file, bytes);
}

Result<Digest> hash_rest(OpenFile& file, std::uint64_t* bytes) {
  char buffer[64 << 10];
  Hasher hasher;
  while (true) {
    SKEIN_TRY(const std::size_t got, file.read(buffer));
    hasher.bytes({buffer, got});
    if (bytes != nullptr) *bytes += got;
    if (got < sizeof buffer) return hasher.finish();
  }
}

}  // namespace skein::store
