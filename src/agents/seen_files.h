// What a step sees of the workspace before it writes: the folder on disk, with what earlier steps changed laid over it.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "agents/change_set.h"

namespace skein::agents {

/// Both outlive it. `given` may be empty.
class SeenFiles {
 public:
  SeenFiles(const std::string& root, const ChangeSet& given) : root_(root), given_(given) {}

  /// What stands at a path. Errors: as `entry_at`.
  [[nodiscard]] Result<Entry> entry(const std::string& path) const;
  [[nodiscard]] bool is_folder(const std::string& path) const;
  /// Names in a folder, "" for the workspace itself; none where it is no folder.
  [[nodiscard]] std::set<std::string> names(const std::string& folder) const;
  /// True if an earlier step changed this path.
  [[nodiscard]] bool is_given(std::string_view path) const { return given(path) != nullptr; }

 private:
  [[nodiscard]] const Change* given(std::string_view path) const;
  /// The first change at or below "folder/".
  [[nodiscard]] std::vector<Change>::const_iterator first_below(std::string_view folder) const;
  /// A file was given at a folder on the way to this path: nothing of the disk is seen there.
  [[nodiscard]] bool is_covered(std::string_view path) const;

  const std::string& root_;
  const ChangeSet& given_;
};

/// Lays `given` out as a layer of overlayfs in the empty folder `layer`, over the folder `root`.
/// Errors: of the file system.
[[nodiscard]] Status write_layer(const ChangeSet& given, const std::string& layer, const std::string& root);
/// Writes a file or a link where nothing stands, with the folders on the way. Errors: of the file system.
[[nodiscard]] Status write_entry(const std::string& path, const Entry& entry);
/// Makes the mark by which a layer hides what lies below it. Errors: of the file system.
[[nodiscard]] Status make_whiteout(const std::string& path);

}  // namespace skein::agents
