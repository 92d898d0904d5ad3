// What the system tells about a file without reading it: equal stamps mean that nobody wrote to it in between, but for
// writes in the same tick of the kernel's clock (see `is_racy`).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/result.h"

namespace skein::store {

enum class EntryKind : std::uint8_t { missing, file, folder, symlink, special };

[[nodiscard]] constexpr std::string_view to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::missing:
      return "missing";
    case EntryKind::file:
      return "file";
    case EntryKind::folder:
      return "folder";
    case EntryKind::symlink:
      return "symlink";
    case EntryKind::special:
      return "special";
  }
  return "";
}

/// An entry of a folder.
struct ListedName {
  std::string name;
  EntryKind kind{};
};

struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  ///< Since 1970.
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  EntryKind kind = EntryKind::missing;
  bool executable = false;  ///< By its owner.

  bool operator==(const FileStamp&) const = default;
};

/// Whether a file of this stamp, read after `started_ns`, can have changed since without a change of its stamp.
[[nodiscard]] bool is_racy(const FileStamp& stamp, std::int64_t started_ns);
/// The moment to compare with: before any stamp that the kernel gives from now on.
[[nodiscard]] std::int64_t stamp_clock_ns();

/// The stamp of `name` in the open folder `folder` (or AT_FDCWD); links are not followed. Missing names give
/// EntryKind::missing. Returns 0, or errno.
[[nodiscard]] int stamp_at(int folder, const char* name, FileStamp& stamp);
/// The same of an open descriptor.
[[nodiscard]] int stamp_of(int descriptor, FileStamp& stamp);
/// The same, links followed.
[[nodiscard]] int stamp_target_at(int folder, const char* name, FileStamp& stamp);

/// The text of a symbolic link.
[[nodiscard]] Result<std::string> link_target_at(int folder, const char* name);

/// A regular file open for reading, and nothing else: a pipe, socket or device is refused without waiting on it.
class OpenFile {
 public:
  /// `follow`: whether `name` may be a symbolic link.
  [[nodiscard]] static Result<OpenFile> open_at(int folder, const char* name, bool follow);
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Fills `buffer`; less only at the file's end.
  [[nodiscard]] Result<std::size_t> read(std::span<char> buffer);

 private:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// SHA-256 of what was not read yet, streamed. `bytes`, when given, is raised by what was read.
[[nodiscard]] Result<Digest> hash_rest(OpenFile& file, std::uint64_t* bytes = nullptr);

/// SHA-256 of a regular file of an open folder; a symbolic link's is that of its target's text.
[[nodiscard]] Result<Digest> hash_at(int folder, const char* name, EntryKind kind, std::uint64_t* bytes = nullptr);

}  // namespace skein::store
