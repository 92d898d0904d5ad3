// What of a workspace is documented: its folders and files, and what each step needs to know about their surroundings.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "docs/model.h"
#include "repo/languages.h"
#include "repo/snapshot.h"

namespace skein::docs {

/// Folders deeper than this get no pages: a page shows all folders above it, so that depth costs the square.
inline constexpr std::size_t kMaxDepth = 64;
/// Longer paths cannot be opened by their name on every system.
inline constexpr std::size_t kMaxPath = 3'500;

struct TreeFile {
  const repo::SnapshotFile* file = nullptr;
  std::uint32_t folder = 0;
  bool page = false;  ///< Has a known language, and somebody here wrote it: parsed, and documented on its own page.
  std::string mark;   ///< Why it has no page: "binary", "vendored", …; or empty.

  [[nodiscard]] std::string_view name() const;
};

struct TreeFolder {
  std::string path;  ///< "" is the root.
  std::uint32_t parent = 0;
  std::vector<std::uint32_t> files;    ///< Direct, in the order of their paths.
  std::vector<std::uint32_t> folders;  ///< Direct, likewise.
  std::uint32_t readme = kNone;        ///< A direct file.
  bool documented = false;             ///< The root, and every folder with a page in it, at any depth.
  std::uint64_t all_files = 0;         ///< Below it, at any depth; so with the next two.
  std::uint64_t all_folders = 0;
  std::uint64_t all_bytes = 0;
  Digest digest;  ///< Of all that is direct here but the bytes of files: names, sizes, classes; and
                  ///< of how much the folders without a page hold.

  Digest pages;  ///< Of which direct files have pages, in order: what a file's page needs to know of its neighbours.

  static constexpr std::uint32_t kNone = 0xffffffff;
};

/// Immutable once made; shared by the agents of a run. Holds pointers into the snapshot.
struct SiteTree {
  std::vector<TreeFolder> folders;  ///< [0] is the root; parents before children.
  std::vector<TreeFile> files;      ///< In the order of paths.
  std::size_t pages = 0;            ///< Files with a page.
  Digest paths_digest;              ///< Of all paths, and which have pages.
  std::vector<LeftOut> left_out;

  /// Null where there is none. O(log n).
  [[nodiscard]] const TreeFile* file(std::string_view path) const;
  [[nodiscard]] const TreeFolder* folder(std::string_view path) const;
  /// Whether a link to this path leads to a page, and of which kind; path empty where it does not.
  [[nodiscard]] PathRef page_of(std::string_view path) const;
};

/// `start_of` gives the first bytes of a file, for scripts without an extension.
[[nodiscard]] SiteTree make_tree(const repo::Snapshot& snapshot, const repo::Languages& languages,
                                 const std::function<std::string(const std::string&)>& start_of);

}  // namespace skein::docs
