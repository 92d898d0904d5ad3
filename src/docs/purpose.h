// What a folder is for: from its README, from the comment of the file that speaks for it, else from its name, and said
// to be inferred.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "docs/model.h"
#include "docs/records.h"

namespace skein::docs {

/// True for files whose own comment is the folder's: "__init__.py", "index.ts", "mod.rs", "lib.rs", "doc.go".
[[nodiscard]] bool speaks_for_folder(std::string_view file_name);

/// Of the table of well-known folder names: a part of the key of what is made with `purpose_of`.
[[nodiscard]] Digest folder_names_digest();

/// A folder's direct file, as `purpose_of` needs it.
struct FolderFile {
  std::string_view path;
  std::string_view name;
  const FileCard* card = nullptr;
};

/// `readme` may be empty; `readme_path` is then ignored.
[[nodiscard]] Statement purpose_of(std::string_view folder, std::string_view readme_path, std::string_view readme,
                                   const std::vector<FolderFile>& files);

}  // namespace skein::docs
