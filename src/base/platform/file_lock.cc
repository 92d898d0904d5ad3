#include "base/file_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

namespace skein {
namespace {

/// How long a child between fork and exec may keep the lock of a parent that is gone.
constexpr Millis kOrphaned{200};

/// The process that took the lock, as its file says; 0 where it says none.
pid_t owner_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  pid_t owner = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, owner);
  return owner;
}

bool is_gone(pid_t process) { return process > 0 && ::kill(process, 0) != 0 && errno == ESRCH; }

}  // namespace

Result<FileLock> FileLock::try_acquire(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return std::unexpected(system_error(errno, "cannot open the lock " + path));
  FileLock lock(descriptor);
  for (Millis waited{}; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; ++waited) {
    if (errno != EWOULDBLOCK) return std::unexpected(system_error(errno, "cannot lock " + path));
    const pid_t owner = owner_of(descriptor);
    if (!is_gone(owner) || waited >= kOrphaned)
      return fail(Code::unavailable, "{} is in use by process {}", path, owner > 0 ? std::to_string(owner) : "unknown");
    std::this_thread::sleep_for(Millis(1));
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
