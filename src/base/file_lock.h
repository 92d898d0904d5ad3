// One owner per run, pack and published target: an advisory lock that the system frees when its owner dies.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace skein {

/// An exclusive lock on a file (flock), held until destroyed. Move only.
class FileLock {
 public:
  /// Errors: `unavailable`, naming the owner's process id where known, when somebody holds it. An owner that was killed
  /// while it started a program leaves its lock to that child until it executes: that moment is waited for.
  [[nodiscard]] static Result<FileLock> try_acquire(const std::string& path);
  /// The same, where the owner is soon done: waits for it, `longest` at most.
  [[nodiscard]] static Result<FileLock> acquire(const std::string& path, Millis longest);
  /// True if some live process holds the lock of `path`; false also where there is no such file.
  [[nodiscard]] static bool is_held(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace skein
