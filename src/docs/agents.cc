#include "docs/agents.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "docs/doc_text.h"
#include "docs/html.h"
#include "docs/links.h"
#include "docs/markdown.h"
#include "docs/purpose.h"
#include "docs/records.h"
#include "docs/site_index.h"
#include "docs/symbol_index.h"
#include "docs/symbol_tree.h"
#include "engine/step_context.h"
#include "repo/extract.h"

namespace skein::docs {
namespace {

constexpr std::size_t kPopular = 30;
constexpr std::size_t kCardDoc = 2000;
constexpr std::size_t kDependencies = 200;

FileCard card_of(const repo::FileFacts& facts) {
  FileCard card;
  card.language = facts.language;
  card.lines = facts.lines;
  card.symbols = facts.symbols.size();
  card.entry_point = facts.entry_point;
  card.summary = doc_summary(facts.doc);
  card.doc = facts.doc.substr(0, std::min(facts.doc.find("\n\n"), kCardDoc));
  return card;
}

/// The folder's files with a page, in order.
std::vector<const TreeFile*> pages_of(const SiteTree& tree, const TreeFolder& folder) {
  std::vector<const TreeFile*> files;
  for (const auto f : folder.files)
    if (tree.files[f].page) files.push_back(&tree.files[f]);
  return files;
}

std::vector<const TreeFolder*> documented_children(const SiteTree& tree, const TreeFolder& folder) {
  std::vector<const TreeFolder*> children;
  for (const auto c : folder.folders)
    if (tree.folders[c].documented) children.push_back(&tree.folders[c]);
  return children;
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

/// Cards of a folder's pages and tallies of its children, read from inputs `first` on.
struct Children {
  std::vector<const TreeFile*> files;
  std::vector<FileCard> cards;
  std::vector<const TreeFolder*> folders;
  std::vector<Tally> tallies;
};

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

std::string_view folder_path(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::vector<ModuleUse> most_first(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  std::vector<ModuleUse> uses;
  for (const auto& [path, imports] : counts) uses.push_back({path, imports});
  std::stable_sort(uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.imports > b.imports; });
  return uses;
}

}  // namespace

std::string_view FactsAgent::result_version() const { return "1.1"; }

Status FactsAgent::run(engine::StepContext& context) const {
  SKEIN_TRY(const auto bytes, context.read_file(context.step().locator));
  const auto* language = languages_.by_path_and_content(context.part("name"), bytes);
  repo::FileFacts facts;
  if (language == nullptr) {
    facts = repo::count_only(bytes);
  } else {
    auto found = repo::extract(*language, bytes);
    if (!found) return pass(std::move(found).error(), "while reading " + context.step().locator);
    facts = std::move(*found);
  }
  SKEIN_DO(context.output(0, repo::encode(facts)));
  SKEIN_DO(context.output(1, encode(card_of(facts))));
  SKEIN_DO(context.output(2, encode(FileImports{facts.language, facts.imports})));
  return context.output(3, encode(names_of(facts)));
}

Status link_folder(const SiteInputs& site, engine::StepContext& context) {
  const auto files = pages_of(site.tree, folder_at(site, context));
  FolderLinks links;
  for (std::size_t i = 0; i < files.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(i));
    SKEIN_TRY(const auto file, decode_imports(bytes));
    auto& links_of_file = links.files.emplace_back();
    const auto* language = site.languages.by_id(file.language);
    for (const auto& import : file.imports) {
      auto& targets = links_of_file.emplace_back();
      if (language == nullptr) continue;
      for (auto& path : repo::resolve(*language, files[i]->file->path, import, site.paths)) {
        const auto* target = site.tree.file(path);
        const bool page = target != nullptr && target->page;
        const bool folder_page = target != nullptr && site.tree.folders[target->folder].documented;
        targets.push_back({std::move(path), page, folder_page});
      }
    }
  }
  return context.output(0, encode(links));
}

Status find_users(const SiteInputs& site, engine::StepContext& context) {
  std::unordered_map<std::string, std::vector<std::string_view>> users;  // By file: who imports it.
  std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>, std::less<>> folder_users;
  std::size_t input = 0;
  for (const auto& folder : site.tree.folders) {
    if (!folder.documented) continue;
    SKEIN_TRY(const auto bytes, context.input(input++));
    SKEIN_TRY(const auto links, decode_links(bytes));
    const auto files = pages_of(site.tree, folder);
    for (std::size_t i = 0; i < std::min(files.size(), links.files.size()); ++i)
      for (const auto& targets : links.files[i])
        for (const auto& [target, page, folder_page] : targets) {
          auto& list = users[target];
          const std::string_view user = files[i]->file->path;
          if (user != target && (list.empty() || list.back() != user)) list.push_back(user);
          if (const auto used = folder_path(target); used != folder.path)
            ++folder_users[std::string(used)][folder.path];
        }
  }
  std::map<std::string, std::uint64_t, std::less<>> popularity;
  for (const auto& [folder, by] : folder_users) popularity[folder] = by.size();
  auto popular = most_first(popularity);
  popular.resize(std::min(popular.size(), kPopular));
  SKEIN_DO(context.output(0, encode(popular)));
  std::size_t output = 1;
  for (const auto& folder : site.tree.folders) {
    if (!folder.documented) continue;
    FolderUsers out;
    for (const auto* file : pages_of(site.tree, folder)) {
      auto& entry = out.files.emplace_back();
      const auto found = users.find(file->file->path);
      if (found == users.end()) continue;
      auto list = found->second;
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
      entry.total = list.size();
      list.resize(std::min(list.size(), FolderUsers::kShownUsers));
      entry.users.assign(list.begin(), list.end());
    }
    if (const auto by = folder_users.find(folder.path); by != folder_users.end()) out.used_by = most_first(by->second);
    SKEIN_DO(context.output(output++, encode(out)));
  }
  return {};
}

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
    if (shown.entry_point && !file.file->traits.test) tally.entry_points.push_back(file.file->path);
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
    tally.entry_points.insert(tally.entry_points.end(), child.entry_points.begin(), child.entry_points.end());
  }
  std::sort(tally.entry_points.begin(), tally.entry_points.end());
  tally.entry_points.resize(std::min(tally.entry_points.size(), Tally::kEntryPoints));
  tally.purpose = purpose_of(folder.path, readme.path, readme.markdown, speaking);
  return context.output(0, encode(tally));
}

Status write_file_page(const SiteInputs& site, engine::StepContext& context) {
  const auto* file = site.tree.file(context.step().locator);
  SKEIN_CHECK(file != nullptr);
  SKEIN_TRY(const auto facts, context.input(0));
  SKEIN_TRY(const auto link_bytes, context.input(1));
  SKEIN_TRY(const auto links, decode_links(link_bytes));
  SKEIN_TRY(const auto user_bytes, context.input(2));
  SKEIN_TRY(const auto users, decode_users(user_bytes));
  const auto siblings = pages_of(site.tree, site.tree.folders[file->folder]);
  const auto position = static_cast<std::size_t>(std::find(siblings.begin(), siblings.end(), file) - siblings.begin());
  if (position >= links.files.size() || position >= users.files.size())
    return fail(Code::internal, "the links of {} do not fit its folder", file->file->path);

  FilePage page;
  page.path = file->file->path;
  page.bytes = file->file->size;
  SKEIN_TRY(page.facts, repo::decode_facts(facts));
  page.language = language_name(site, page.facts.language);
  const auto& targets = links.files[position];
  for (std::size_t i = 0; i < std::min(targets.size(), page.facts.imports.size()); ++i) {
    const auto& import = page.facts.imports[i];
    ImportLink link{import.target, import.names, import.line, targets[i].empty() && !import.relative, {}};
    if (!targets[i].empty()) {
      link.resolved = {targets[i].front().path, false, targets[i].front().page};
    }
    page.imports.push_back(std::move(link));
  }
  for (const auto& user : users.files[position].users) page.used_by.push_back({user, false, true});
  page.used_by_total = users.files[position].total;
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
  SKEIN_TRY(const auto children, read_children(site, folder, context, 3));
  ModulePage page;
  page.path = folder.path;
  page.purpose = tally.purpose;
  page.counts = tally.counts;
  SKEIN_TRY(page.readme, read_readme(site, folder, context));
  page.modules = module_entries(children);
  page.files = file_entries(site, folder, children);
  std::map<std::string, std::uint64_t, std::less<>> uses;
  std::set<std::string, std::less<>> without_page;
  for (const auto& file : links.files)
    for (const auto& targets : file)
      for (const auto& target : targets) {
        const auto used = folder_path(target.path);
        if (used == folder.path) continue;
        ++uses[std::string(used)];
        if (!target.folder_page) without_page.emplace(used);
      }
  page.uses = most_first(uses);
  for (auto& use : page.uses) use.page = !without_page.contains(use.path);
  page.used_by = users.used_by;
  SKEIN_DO(context.output(0, module_html(site.site, page)));
  SKEIN_DO(context.output(1, module_markdown(site.site, page)));
  return context.output(2, module_index_json(site.site, page));
}

Status write_symbols(const SiteInputs& site, engine::StepContext& context) {
  const int width = shard_width(site.tree.pages);
  std::vector<IndexShard> shards;
  std::unordered_map<std::string, std::size_t> by_name;
  for (auto& name : shard_names(width)) {
    by_name[name] = shards.size();
    shards.push_back({std::move(name), {}});
  }
  const auto add = [&](IndexEntry entry) {
    shards[by_name.at(shard_of(entry.name, width))].entries.push_back(std::move(entry));
  };
  const auto last = [](std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); };
  for (const auto& folder : site.tree.folders)
    if (folder.documented && !folder.path.empty()) add({last(folder.path), "folder", {folder.path, true, true}, {}});
  std::size_t input = 0;
  for (const auto& file : site.tree.files) {
    if (!file.page) continue;
    const PathRef where{file.file->path, false, true};
    add({last(where.path), "file", where, {}});
    SKEIN_TRY(const auto bytes, context.input(input++));
    SKEIN_TRY(const auto names, decode_names(bytes));
    for (const auto& name : names.names) add({name.name, label_of(name.kind), where, name.anchor});
  }
  const auto less = [](const IndexEntry& a, const IndexEntry& b) {
    const auto fold = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : static_cast<int>(c); };
    const auto order = std::lexicographical_compare_three_way(
        a.name.begin(), a.name.end(), b.name.begin(), b.name.end(),
        [&](char x, char y) { return fold(static_cast<unsigned char>(x)) <=> fold(static_cast<unsigned char>(y)); });
    if (order != 0) return order < 0;
    return std::tie(a.name, a.where, a.anchor) < std::tie(b.name, b.where, b.anchor);
  };
  SKEIN_DO(context.output(0, symbols_html(site.site, shards)));
  SKEIN_DO(context.output(1, symbols_markdown(site.site, shards)));
  SKEIN_DO(context.output(2, symbols_script(shards, width)));
  std::size_t output = 3;
  for (auto& shard : shards) {
    std::ranges::stable_sort(shard.entries, less);
    SKEIN_DO(context.output(output++, shard_html(site.site, shard)));
    SKEIN_DO(context.output(output++, shard_markdown(site.site, shard)));
    SKEIN_DO(context.output(output++, shard_script(shard)));
  }
  return {};
}

Status write_first_overview(const SiteInputs& site, engine::StepContext& context) {
  const auto& root = site.tree.folders.front();
  Overview page;
  page.missing = {"symbols and lines of files", "a page for every folder and file", "what uses what", "reading order"};
  page.tagline = site.project.tagline;
  SKEIN_TRY(page.readme, read_readme(site, root, context));
  page.totals.files = root.all_files;
  page.totals.folders = root.all_folders;
  page.totals.bytes = root.all_bytes;
  std::map<std::string, LanguageCount, std::less<>> languages;
  for (const auto& file : site.tree.files) {
    if (!file.page) continue;
    const auto* language = site.languages.by_path_and_content(file.file->path, {});
    if (language == nullptr) continue;
    auto& count = languages[language->name()];
    count.name = language->name();
    ++count.files;
    count.bytes += file.file->size;
  }
  for (auto& [name, count] : languages) page.languages.push_back(std::move(count));
  std::ranges::stable_sort(page.languages, std::ranges::greater{}, &LanguageCount::bytes);
  for (const auto c : root.folders) {
    const auto& folder = site.tree.folders[c];
    if (!folder.documented) continue;
    SKEIN_TRY(const auto readme, read_readme(site, folder, context));
    ModuleEntry entry{folder.path, purpose_of(folder.path, readme.path, readme.markdown, {}), {}};
    entry.counts.files = folder.all_files;
    entry.counts.folders = folder.all_folders;
    entry.counts.bytes = folder.all_bytes;
    page.modules.push_back(std::move(entry));
  }
  for (const auto f : root.files) {
    const auto& file = site.tree.files[f];
    FileEntry entry;
    entry.path = file.file->path;
    entry.bytes = file.file->size;
    entry.mark = file.mark;
    entry.page = false;
    page.root_files.push_back(std::move(entry));
  }
  page.entry_points = site.project.entry_points;
  page.commands = site.project.commands;
  page.dependencies = site.project.dependencies;
  if (page.dependencies.size() > kDependencies) page.dependencies.resize(kDependencies);
  page.left_out = site.tree.left_out;
  page.notes = site.project.notes;
  SKEIN_DO(context.output(0, overview_html(site.site, page)));
  SKEIN_DO(context.output(1, overview_markdown(site.site, page)));
  SKEIN_DO(context.output(2, llms_txt(site.site, page)));
  return context.output(3, site_index_json(site.site, page));
}

Status write_overview(const SiteInputs& site, engine::StepContext& context) {
  const auto& root = site.tree.folders.front();
  SKEIN_TRY(const auto tally_bytes, context.input(0));
  SKEIN_TRY(const auto tally, decode_tally(tally_bytes));
  SKEIN_TRY(const auto popular_bytes, context.input(1));
  SKEIN_TRY(const auto popular, decode_uses(popular_bytes));
  SKEIN_TRY(const auto children, read_children(site, root, context, 2));
  Overview page;
  page.tagline = site.project.tagline.empty() ? tally.purpose : site.project.tagline;
  SKEIN_TRY(page.readme, read_readme(site, root, context));
  page.totals = tally.counts;
  for (const auto& [id, count] : tally.languages) page.languages.push_back(count);
  std::stable_sort(page.languages.begin(), page.languages.end(),
                   [](const auto& a, const auto& b) { return a.lines > b.lines; });
  page.modules = module_entries(children);
  page.root_files = file_entries(site, root, children);
  page.entry_points = site.project.entry_points;
  for (const auto& path : tally.entry_points)
    page.entry_points.push_back({{path, false, true}, {"can be run: it has a main part", true, "its code"}});
  page.commands = site.project.commands;
  page.dependencies = site.project.dependencies;
  if (page.dependencies.size() > kDependencies) page.dependencies.resize(kDependencies);
  for (const auto& use : popular) {
    const auto target = site.tree.page_of(use.path);
    if (target.path.empty() || page.reading_order.size() >= 10) continue;
    page.reading_order.push_back(
        {target, fmt::format("used by {} other {}", use.imports, use.imports == 1 ? "folder" : "folders")});
  }
  page.left_out = site.tree.left_out;
  page.notes = site.project.notes;
  SKEIN_DO(context.output(0, overview_html(site.site, page)));
  SKEIN_DO(context.output(1, overview_markdown(site.site, page)));
  SKEIN_DO(context.output(2, llms_txt(site.site, page)));
  return context.output(3, site_index_json(site.site, page));
}

}  // namespace skein::docs
