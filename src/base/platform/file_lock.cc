#include "base/file_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

namespace skein {

Result<FileLock> FileLock::try_acquire(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open the lock " + path));
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(system_error(errno, "cannot lock " + path));
    std::array<char, 32> owner{};
    const ssize_t size = ::pread(descriptor, owner.data(), owner.size() - 1, 0);
    const std::string_view text(owner.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    const auto number = text.substr(0, text.find_first_not_of("0123456789"));
    return fail(Code::unavailable, "{} is in use by process {}", path, number.empty() ? "unknown" : number);
  }
  // The number is for messages only: the lock is the flock, so a failed write does no harm. It has one width, so that
  // nothing of an earlier one is left and the file need not be cut: one that was cut to nothing and written is flushed
  // to the disk by ext4 when it is closed, which takes a thousand times as long as the lock.
  const std::string owner = fmt::format("{:<10}\n", ::getpid());
  [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, owner.data(), owner.size(), 0);
  return lock;
}

Result<FileLock> FileLock::acquire(const std::string& path, Millis longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  for (Millis pause{1};; pause = std::min(pause * 2, Millis(50))) {
    auto lock = try_acquire(path);
    if (lock || lock.error().code() != Code::unavailable || std::chrono::steady_clock::now() >= end) return lock;
    std::this_thread::sleep_for(pause);
  }
}

bool FileLock::is_held(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace skein
