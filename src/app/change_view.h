// Changes of files as `run`, `apply` and `undo` show them.
#pragma once

#include <string>
#include <vector>

#include "agents/change_set.h"
#include "engine/operation.h"

namespace skein::app {

struct ChangedFile {
  std::string path;
  std::string change;
  std::int64_t added = 0;
  std::int64_t removed = 0;

  template <class V>
  static void describe(V& v) {
    v.field("path", &ChangedFile::path, "Below the workspace.");
    v.field("change", &ChangedFile::change, "\"added\", \"removed\" or \"changed\".");
    v.field("added", &ChangedFile::added, "Lines; 0 for a binary file.");
    v.field("removed", &ChangedFile::removed, "Lines; 0 for a binary file.");
  }
};

struct ChangeView {
  std::vector<ChangedFile> files;
  std::string patch;  ///< The whole set, as `git apply` reads it but for binary files.
};
/// Errors: as `patch_of`.
[[nodiscard]] Result<ChangeView> view_of(const agents::ChangeSet& set);

/// A line a file, and what they sum up to.
[[nodiscard]] std::string file_table(const std::vector<ChangedFile>& files);
/// A patch for a terminal, harmless, with colours where the style has them; cut after `most_lines`, and said so with
/// `rest`, which tells how to see the rest. 0: whole.
[[nodiscard]] std::string shown_patch(std::string_view patch, const engine::Style& style, std::size_t most_lines,
                                      std::string_view rest);

}  // namespace skein::app
