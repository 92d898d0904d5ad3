// What a step changed in its sandbox: each path with what it was and what it is now, whole, so that it can be shown,
// applied, merged and taken back without the sandbox.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::agents {

enum class EntryKind : std::uint8_t { none, file, link };

/// What stands at a path.
struct Entry {
  EntryKind kind = EntryKind::none;
  unsigned mode = 0;  ///< Permission bits of a file.
  std::string bytes;  ///< Of a file; the target of a link.

  bool operator==(const Entry&) const = default;
};

struct Change {
  std::string path;  ///< Below the workspace, "/"-separated, the system's bytes.
  Entry before;
  Entry after;
};

/// Sorted by path, each path once, `before` and `after` differ.
struct ChangeSet {
  std::vector<Change> changes;
  [[nodiscard]] bool empty() const { return changes.empty(); }
};

/// What takes a change set back.
[[nodiscard]] ChangeSet reversed(ChangeSet set);

[[nodiscard]] std::string encode(const ChangeSet& set);
/// Errors: `data_corrupt`, also for paths outside the workspace, not sorted, or in a git directory;
/// `unsupported_version`.
[[nodiscard]] Result<ChangeSet> decode_change_set(std::string_view bytes);

/// True for a folder itself, not for a link to one.
[[nodiscard]] bool is_folder(const std::string& path);
/// What stands at a path of the disk; `none` where nothing or a folder does. Errors: of reading; `unavailable` for what
/// is neither file nor link.
[[nodiscard]] Result<Entry> entry_at(const std::string& path);

}  // namespace skein::agents
