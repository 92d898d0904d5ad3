#include "docs/folder_reading.h"

#include <algorithm>

#include "docs/links.h"

namespace skein::docs {
namespace {

std::vector<const TreeFolder*> documented_children(const SiteTree& tree, const TreeFolder& folder) {
  std::vector<const TreeFolder*> children;
  for (const auto c : folder.folders)
    if (tree.folders[c].documented) children.push_back(&tree.folders[c]);
  return children;
}

}  // namespace

std::vector<const TreeFile*> pages_of(const SiteTree& tree, const TreeFolder& folder) {
  std::vector<const TreeFile*> files;
  for (const auto f : folder.files)
    if (tree.files[f].page) files.push_back(&tree.files[f]);
  return files;
}

std::vector<const TreeFile*> pages_in_order(const SiteTree& tree) {
  std::vector<const TreeFile*> files;
  files.reserve(tree.pages);
  for (const auto& folder : tree.folders) {
    if (!folder.documented) continue;
    const auto of_folder = pages_of(tree, folder);
    files.insert(files.end(), of_folder.begin(), of_folder.end());
  }
  return files;
}

const TreeFolder& folder_at(const SiteInputs& site, const engine::StepContext& context) {
  const auto* folder = site.tree.folder(context.step().locator);
  SKEIN_CHECK(folder != nullptr);
  return *folder;
}

std::string language_name(const SiteInputs& site, std::string_view id) {
  const auto* language = site.languages.by_id(id);
  return language == nullptr ? std::string(id) : language->name();
}

Result<Children> read_children(const SiteInputs& site, const TreeFolder& folder, engine::StepContext& context,
                               std::size_t first) {
  Children children;
  children.files = pages_of(site.tree, folder);
  children.folders = documented_children(site.tree, folder);
  for (std::size_t i = 0; i < children.files.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(first++));
    SKEIN_TRY(auto card, decode_card(bytes));
    children.cards.push_back(std::move(card));
  }
  for (std::size_t i = 0; i < children.folders.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(first++));
    SKEIN_TRY(auto tally, decode_tally(bytes));
    children.tallies.push_back(std::move(tally));
  }
  return children;
}

Result<Readme> read_readme(const SiteInputs& site, const TreeFolder& folder, engine::StepContext& context) {
  Readme readme;
  if (folder.readme == TreeFolder::kNone) return readme;
  const auto& file = site.tree.files[folder.readme];
  SKEIN_TRY(auto text, context.read_file(file.file->path));
  readme.path = file.file->path;
  text.resize(std::min(text.size(), Readme::kReadmeBytes));
  readme.markdown = std::move(text);
  for (const auto& path : readme_links(readme))
    if (auto target = site.tree.page_of(path); !target.path.empty() || path.empty())
      readme.targets.push_back(std::move(target));
  return readme;
}

std::vector<FileEntry> file_entries(const SiteInputs& site, const TreeFolder& folder, const Children& children) {
  std::vector<FileEntry> entries;
  std::size_t card = 0;
  for (const auto f : folder.files) {
    const auto& file = site.tree.files[f];
    FileEntry entry;
    entry.path = file.file->path;
    entry.bytes = file.file->size;
    entry.mark = file.mark;
    entry.page = file.page;
    if (file.page) {
      const auto& shown = children.cards[card++];
      entry.language = language_name(site, shown.language);
      entry.lines = shown.lines;
      entry.symbols = shown.symbols;
      entry.summary = shown.summary;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<ModuleEntry> module_entries(const Children& children) {
  std::vector<ModuleEntry> entries;
  for (std::size_t i = 0; i < children.folders.size(); ++i)
    entries.push_back({children.folders[i]->path, children.tallies[i].purpose, children.tallies[i].counts});
  return entries;
}

}  // namespace skein::docs
