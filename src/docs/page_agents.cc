// The pages of folders and files.
#include <algorithm>

#include "docs/folder_reading.h"
#include "docs/html.h"
#include "docs/markdown.h"
#include "docs/purpose.h"
#include "docs/site_index.h"
#include "docs/symbol_users.h"
#include "docs/text_list.h"

namespace skein::docs {
namespace {

/// Among its folder's files with a page.
std::size_t position_of(const SiteTree& tree, const TreeFile& file) {
  std::size_t position = 0;
  for (const auto f : tree.folders[file.folder].files) {
    if (&tree.files[f] == &file) break;
    if (tree.files[f].page) ++position;
  }
  return position;
}

}  // namespace

Status tally_folder(const SiteInputs& site, engine::StepContext& context) {
  const auto& folder = folder_at(site, context);
  SKEIN_TRY(const auto children, read_children(site, folder, context, 0));
  SKEIN_TRY(const auto readme, read_readme(site, folder, context));
  Tally tally;
  std::vector<FolderFile> speaking;
  std::size_t card = 0;
  for (const auto f : folder.files) {
    const auto& file = site.tree.files[f];
    if (!file.page) continue;
    const auto& shown = children.cards[card++];
    tally.counts.lines += shown.lines;
    tally.counts.symbols += shown.symbols;
    if (shown.branches > 0 && !file.file->traits.test) tally.complex.push_back({file.file->path, shown.branches});
    if (!shown.language.empty()) {
      auto& language = tally.languages[shown.language];
      language.name = language_name(site, shown.language);
      ++language.files;
      language.lines += shown.lines;
      language.bytes += file.file->size;
    }
    speaking.push_back({file.file->path, file.name(), &shown});
  }
  // Folders without pages count too.
  tally.counts.folders = folder.all_folders;
  tally.counts.files = folder.all_files;
  tally.counts.bytes = folder.all_bytes;
  for (const auto& child : children.tallies) {
    tally.counts.lines += child.counts.lines;
    tally.counts.symbols += child.counts.symbols;
    for (const auto& [id, count] : child.languages) {
      auto& language = tally.languages[id];
      language.name = count.name;
      language.files += count.files;
      language.lines += count.lines;
      language.bytes += count.bytes;
    }
    tally.complex.insert(tally.complex.end(), child.complex.begin(), child.complex.end());
  }
  std::ranges::sort(tally.complex, [](const auto& a, const auto& b) {
    return a.branches != b.branches ? a.branches > b.branches : a.path < b.path;
  });
  tally.complex.resize(std::min(tally.complex.size(), Tally::kComplex));
  tally.purpose = purpose_of(folder.path, readme.path, readme.markdown, speaking);
  return context.output(0, encode(tally));
}

Status write_file_page(const SiteInputs& site, engine::StepContext& context) {
  const auto* file = site.tree.file(context.step().locator);
  SKEIN_CHECK(file != nullptr);
  SKEIN_TRY(const auto facts, context.input(0));
  SKEIN_TRY(const auto link_bytes, context.input(1));
  const auto position = position_of(site.tree, *file);
  SKEIN_TRY(const auto links, decode_links_of(link_bytes, position));
  SKEIN_TRY(const auto user_bytes, context.input(2));
  SKEIN_TRY(const auto users, decode_users_of(user_bytes, position));

  FilePage page;
  page.path = file->file->path;
  page.bytes = file->file->size;
  SKEIN_TRY(page.facts, repo::decode_facts(facts));
  page.language = language_name(site, page.facts.language);
  const auto& targets = links.imports;
  for (std::size_t i = 0; i < std::min(targets.size(), page.facts.imports.size()); ++i) {
    const auto& import = page.facts.imports[i];
    ImportLink link{import.target, import.names, import.line, targets[i].empty() && !import.relative, {}};
    if (!targets[i].empty()) {
      link.resolved = {targets[i].front().path, false, targets[i].front().page};
    }
    page.imports.push_back(std::move(link));
  }
  for (const auto& user : users.users) page.used_by.push_back({user, false, true});
  page.used_by_total = users.total;
  SKEIN_TRY(const auto name_bytes, context.input(3));
  SKEIN_TRY(const auto slices, decode_texts(name_bytes, "the users of a folder's symbols"));
  if (position >= slices.size()) return fail(Code::internal, "the users of {} do not fit its folder", file->file->path);
  SKEIN_TRY(const auto of_names, decode_name_users(slices[position]));
  page.symbol_uses = symbol_uses(page.facts, of_names);
  if (!file->mark.empty()) page.notes.push_back("This file is " + file->mark + ".");
  SKEIN_DO(context.output(0, file_html(site.site, page)));
  return context.output(1, file_markdown(site.site, page));
}

Status write_module_page(const SiteInputs& site, engine::StepContext& context) {
  const auto& folder = folder_at(site, context);
  SKEIN_TRY(const auto tally_bytes, context.input(0));
  SKEIN_TRY(const auto tally, decode_tally(tally_bytes));
  SKEIN_TRY(const auto link_bytes, context.input(1));
  SKEIN_TRY(const auto links, decode_links(link_bytes));
  SKEIN_TRY(const auto user_bytes, context.input(2));
  SKEIN_TRY(const auto users, decode_users(user_bytes));
  ModulePage page;
  SKEIN_TRY(const auto name_bytes, context.input(3));
  SKEIN_TRY(const auto slices, decode_texts(name_bytes, "the users of a folder's symbols"));
  std::size_t input = 4;
  const auto index = static_cast<std::uint32_t>(&folder - site.tree.folders.data());
  for (const auto& spec : site.pictures) {
    if (spec.folder != index || index == 0) continue;
    SKEIN_TRY(auto html, context.input(input++));
    (spec.kind == Picture::Kind::inside ? page.inside : page.around) = std::move(html);
  }
  SKEIN_TRY(const auto children, read_children(site, folder, context, input));
  page.path = folder.path;
  page.purpose = tally.purpose;
  page.counts = tally.counts;
  SKEIN_TRY(page.readme, read_readme(site, folder, context));
  page.modules = module_entries(children);
  page.files = file_entries(site, folder, children);
  std::size_t slice = 0;
  for (auto& file : page.files) {
    if (!file.page || slice >= slices.size()) continue;
    SKEIN_TRY(auto of_names, decode_name_users(slices[slice++]));
    std::ranges::stable_sort(of_names, std::ranges::greater{}, &NameUsers::total);
    of_names.resize(std::min(of_names.size(), FileEntry::kUsedNames));
    for (auto& used : of_names) file.used_names.push_back({std::move(used.name), used.total});
  }
  page.uses = users.uses;
  page.used_by = users.used_by;
  page.external = links.external;
  SKEIN_DO(context.output(0, module_html(site.site, page)));
  SKEIN_DO(context.output(1, module_markdown(site.site, page)));
  return context.output(2, module_index_json(site.site, page));
}

}  // namespace skein::docs
