// The first half of a scan: which files there are. Lists folders, applies ignore rules, looks at stamps and takes over
// what was remembered; it reads no file's content but that of the rules and of links.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "repo/ignore.h"
#include "repo/snapshot.h"
#include "store/folder_descent.h"

namespace skein::repo {

struct WalkedFolder {
  std::uint32_t parent = 0;  ///< Index; the root is its own.
  std::uint32_t depth = 0;
  std::string name;
};

struct WalkedFile {
  std::uint32_t folder = 0;  ///< Index in `Walk::folders`, which is also its number in the table.
  std::string path;          ///< Below the root.
  std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
  store::FileStamp stamp;
  FileKind kind = FileKind::text;
  Digest digest;
  FileTraits traits;
  bool to_read = false;  ///< Kind, digest and content traits are still unknown.
};

/// What a walk found, folders in the order of the walk.
struct Walk {
  std::vector<WalkedFolder> folders;
  std::vector<WalkedFile> files;
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;
  std::uint64_t ignored = 0;
};

/// Walks the tree. Fills `table` with folders and with what is watched but no file of the snapshot; the files
/// themselves are the caller's to add, when their digests are known. `git` loses what turns out not to hold for this
/// root (it lies in a folder that the work tree around it ignores).
[[nodiscard]] Result<Walk> walk_tree(const std::string& root, const ScanOptions& options, GitInfo& git,
                                     const store::StatTable* remembered, store::StatTableBuilder& table);

/// The tag of what stands in the table to be watched and is no file of the snapshot.
inline constexpr std::uint32_t kOutside = 64;
/// A file that says what is ignored, by its name.
[[nodiscard]] bool is_rules_file(std::string_view name);

/// A file's class as a tag of the table, and back. `huge` is no part of it.
[[nodiscard]] std::uint32_t tag_of(FileKind kind, const FileTraits& traits);
void apply_tag(std::uint32_t tag, FileKind& kind, FileTraits& traits);

}  // namespace skein::repo
