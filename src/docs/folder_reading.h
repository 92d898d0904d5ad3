// What the agents of folders and pages share: a folder's pages and children, and what is known of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docs/agents.h"
#include "docs/records.h"
#include "engine/step_context.h"

namespace skein::docs {

/// The folder's files with a page, in order.
[[nodiscard]] std::vector<const TreeFile*> pages_of(const SiteTree& tree, const TreeFolder& folder);
/// All files with a page, folder by folder in the tree's order.
[[nodiscard]] std::vector<const TreeFile*> pages_in_order(const SiteTree& tree);
/// The folder that the step is about.
[[nodiscard]] const TreeFolder& folder_at(const SiteInputs& site, const engine::StepContext& context);
/// As people write it; the id of one that is not known.
[[nodiscard]] std::string language_name(const SiteInputs& site, std::string_view id);

/// Cards of a folder's pages and tallies of its documented children.
struct Children {
  std::vector<const TreeFile*> files;
  std::vector<FileCard> cards;
  std::vector<const TreeFolder*> folders;
  std::vector<Tally> tallies;
};
/// Read from inputs `first` on.
[[nodiscard]] Result<Children> read_children(const SiteInputs& site, const TreeFolder& folder,
                                             engine::StepContext& context, std::size_t first);
/// The folder's README with the pages that its links lead to; an empty one where it has none.
[[nodiscard]] Result<Readme> read_readme(const SiteInputs& site, const TreeFolder& folder,
                                         engine::StepContext& context);
/// Rows of all files of the folder, also those without a page.
[[nodiscard]] std::vector<FileEntry> file_entries(const SiteInputs& site, const TreeFolder& folder,
                                                  const Children& children);
[[nodiscard]] std::vector<ModuleEntry> module_entries(const Children& children);

}  // namespace skein::docs
