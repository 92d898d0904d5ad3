#include "docs/agents.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "docs/doc_text.h"
#include "docs/graph_summary.h"
#include "docs/html.h"
#include "docs/links.h"
#include "docs/markdown.h"
#include "docs/purpose.h"
#include "docs/records.h"
#include "docs/site_index.h"
#include "docs/symbol_index.h"
#include "docs/topic.h"
#include "engine/step_context.h"
#include "repo/extract.h"
#include "repo/graph_sources.h"
#include "repo/language_spec.h"

namespace skein::docs {
namespace {

constexpr double kPageWidth = 830;
constexpr std::size_t kEntryPoints = 12;
constexpr std::size_t kHistoryPaths = 1'000;
constexpr std::size_t kHotSpots = 100;
constexpr std::size_t kHotSpotsShown = 8;
constexpr std::size_t kCardDoc = 2000;
constexpr std::size_t kDependencies = 25;

FileCard card_of(const repo::FileFacts& facts) {
  FileCard card;
  card.language = facts.language;
  card.lines = facts.lines;
  card.symbols = facts.symbols.size();
  card.branches = facts.branches;
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

/// The package of an import that leads outside, as a dependency names it.
std::string package_of(std::string_view rule, std::string_view target) {
  if (target.starts_with("node:")) return std::string(target);
  if (rule == "dotted") return std::string(target.substr(0, target.find('.')));
  if (rule == "rust") return std::string(target.substr(0, target.find("::")));
  if (rule == "relative") {
    auto slash = target.find('/');
    if (target.starts_with('@') && slash != std::string_view::npos) slash = target.find('/', slash + 1);
    return std::string(target.substr(0, slash));
  }
  return std::string(target);
}

/// By commits and decisions, of the files with most decisions.
std::vector<repo::HotSpot> hot_files(const repo::History& history, const Tally& tally, std::size_t most) {
  std::vector<repo::FileComplexity> files;
  for (const auto& file : tally.complex) files.push_back({file.path, file.branches});
  std::ranges::sort(files, {}, &repo::FileComplexity::path);
  return repo::hot_spots(history, files, most);
}

/// Those that a reader wants first: of what runs, then of the rest.
void add_dependencies(const ProjectPage& project, Overview& page) {
  page.all_dependencies = project.dependencies.size();
  page.dependencies = project.dependencies;
  std::ranges::stable_partition(page.dependencies, [](const auto& one) { return one.kind == "runtime"; });
  if (page.dependencies.size() > kDependencies) page.dependencies.resize(kDependencies);
}

}  // namespace

std::string_view FactsAgent::result_version() const { return "1.3"; }

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
  FileImports imports{facts.language, facts.entry_point && !facts.script, facts.script, facts.imports};
  SKEIN_DO(context.output(2, encode(imports)));
  return context.output(3, encode(names_of(facts)));
}

Status link_folder(const SiteInputs& site, engine::StepContext& context) {
  const auto files = pages_of(site.tree, folder_at(site, context));
  FolderLinks links;
  std::set<std::string, std::less<>> external;
  for (std::size_t i = 0; i < files.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(i));
    SKEIN_TRY(const auto file, decode_imports(bytes));
    auto& links_of_file = links.files.emplace_back();
    links_of_file.language = file.language;
    links_of_file.main = file.main;
    links_of_file.script = file.script;
    const auto* language = site.languages.by_id(file.language);
    for (const auto& import : file.imports) {
      auto& targets = links_of_file.imports.emplace_back();
      if (language == nullptr) continue;
      for (auto& path : repo::resolve(*language, files[i]->file->path, import, site.paths)) {
        const auto* target = site.tree.file(path);
        const bool page = target != nullptr && target->page;
        const bool folder_page = target != nullptr && site.tree.folders[target->folder].documented;
        targets.push_back({std::move(path), page, folder_page});
      }
      if (targets.empty() && !import.relative)
        if (auto package = package_of(language->spec().resolve.rule, import.target); !package.empty())
          external.insert(std::move(package));
    }
  }
  for (const auto& package : external)
    if (links.external.size() < FolderLinks::kExternal) links.external.push_back(package);
  return context.output(0, encode(links));
}

Status find_users(const SiteInputs& site, engine::StepContext& context) {
  std::vector<repo::GraphSource> sources;
  sources.reserve(site.tree.pages);
  std::set<std::string_view> named;
  for (const auto& entry : site.project.entry_points) named.insert(entry.target.path);
  const repo::GraphSources rules(site.languages);
  std::size_t input = 0;
  for (const auto& folder : site.tree.folders) {
    if (!folder.documented) continue;
    SKEIN_TRY(const auto bytes, context.input(input++));
    SKEIN_TRY(auto links, decode_links(bytes));
    const auto files = pages_of(site.tree, folder);
    for (std::size_t i = 0; i < std::min(files.size(), links.files.size()); ++i) {
      auto& links_of_file = links.files[i];
      std::vector<std::string> uses;
      for (auto& targets : links_of_file.imports)
        for (auto& target : targets) uses.push_back(std::move(target.path));
      const std::string& path = files[i]->file->path;
      const repo::GraphSigns signs{.in_manifest = named.contains(path),
                                   .main = links_of_file.main,
                                   .script = links_of_file.script,
                                   .traits = files[i]->file->traits};
      sources.push_back(rules.make(path, links_of_file.language, signs, std::move(uses)));
    }
  }
  const auto graph = repo::make_graph(std::move(sources));
  std::vector<bool> is_side;
  for (const auto& node : graph.files.nodes) {
    const auto* file = site.tree.file(node.path);
    is_side.push_back(file != nullptr && (file->file->traits.test || file->file->traits.documentation));
  }
  SKEIN_DO(context.output(0, encode(summarize(graph, is_side))));
  const FolderTies ties(site.tree, graph);
  const auto users = graph.files.reversed();
  std::size_t output = 1;
  for (std::uint32_t f = 0; f < site.tree.folders.size(); ++f) {
    const auto& folder = site.tree.folders[f];
    if (!folder.documented) continue;
    FolderUsers out;
    for (const auto* file : pages_of(site.tree, folder)) {
      auto& entry = out.files.emplace_back();
      const auto node = users.find(file->file->path);
      if (!node) continue;
      const auto list = users.uses(*node);
      entry.total = list.size();
      for (std::size_t i = 0; i < std::min(list.size(), FolderUsers::kShownUsers); ++i)
        entry.users.push_back(users.nodes[list[i].node].path);
    }
    out.uses = ties.uses(f);
    out.used_by = ties.used_by(f);
    SKEIN_DO(context.output(output++, encode(out)));
  }
  for (const auto& spec : site.pictures) SKEIN_DO(context.output(output++, encode(ties.picture(spec))));
  return {};
}

Status draw_picture(const SiteInputs& site, engine::StepContext& context) {
  SKEIN_TRY(const auto bytes, context.input(0));
  SKEIN_TRY(const auto picture, decode_picture(bytes));
  const auto page = context.part("page");
  if (picture.empty()) return context.output(0, picture_html(picture, nullptr, page, {}));
  if (site.layouter == nullptr)
    return context.output(0,
                          picture_html(picture, nullptr, page, "There is no picture here: Graphviz is not installed."));
  std::optional<PictureLayout> best;
  for (const auto direction : {PictureDirection::to_the_right, PictureDirection::downwards}) {
    auto plain = site.layouter->lay_out(dot_text(picture, direction), context.stop());
    if (!plain) {
      if (plain.error().code() == Code::timed_out || plain.error().code() == Code::unavailable) break;
      return pass(std::move(plain).error(), "while laying out a picture");
    }
    auto layout = parse_layout(*plain, picture);
    if (!layout) break;
    // Of two forms the one that fits a page's width; of two that do not, the narrower.
    if (!best || layout->width < best->width) best = std::move(*layout);
    if (best->width <= kPageWidth) break;
  }
  return context.output(0, picture_html(picture, best ? &*best : nullptr, page,
                                        "There is no picture here: it could not be laid out in time."));
}

Status write_topics(const SiteInputs& site, engine::StepContext& context) {
  SKEIN_TRY(const auto bytes, context.input(0));
  SKEIN_TRY(const auto graph, decode_graph_summary(bytes));
  const auto& root = site.tree.folders.front();
  const auto readme = root.readme == TreeFolder::kNone ? std::string() : site.tree.files[root.readme].file->path;
  std::size_t output = 0;
  for (const auto& topic : graph_topics(site.tree, site.project, graph, readme)) {
    SKEIN_DO(context.output(output++, topic_html(site.site, topic)));
    SKEIN_DO(context.output(output++, topic_markdown(site.site, topic)));
    SKEIN_DO(context.output(output++, topic_json(site.site, topic)));
  }
  return {};
}

Status read_history(const SiteInputs& site, engine::StepContext& context) {
  repo::History history;
  if (site.read_history) {
    std::vector<std::string_view> present;
    for (const auto& file : site.tree.files) present.push_back(file.file->path);
    history = repo::summarize_history(site.read_history(), present);
  }
  // What the pages may show of it.
  std::erase_if(history.files, [](const auto& file) { return file.commits < 2; });
  for (auto* paths : {&history.files, &history.folders}) {
    std::ranges::stable_sort(*paths, std::ranges::greater{}, &repo::PathHistory::commits);
    paths->resize(std::min(paths->size(), kHistoryPaths));
    std::ranges::sort(*paths, {}, &repo::PathHistory::path);
  }
  return context.output(0, repo::encode(history));
}

Status write_history(const SiteInputs& site, engine::StepContext& context) {
  SKEIN_TRY(const auto bytes, context.input(0));
  SKEIN_TRY(const auto history, repo::decode_history(bytes));
  SKEIN_TRY(const auto tally_bytes, context.input(1));
  SKEIN_TRY(const auto tally, decode_tally(tally_bytes));
  std::size_t output = 0;
  for (const auto& topic : history_topics(site.tree, history, hot_files(history, tally, kHotSpots))) {
    SKEIN_DO(context.output(output++, topic_html(site.site, topic)));
    SKEIN_DO(context.output(output++, topic_markdown(site.site, topic)));
    SKEIN_DO(context.output(output++, topic_json(site.site, topic)));
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
  const auto& targets = links.files[position].imports;
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
  ModulePage page;
  std::size_t input = 3;
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
  page.uses = users.uses;
  page.used_by = users.used_by;
  page.external = links.external;
  SKEIN_DO(context.output(0, module_html(site.site, page)));
  SKEIN_DO(context.output(1, module_markdown(site.site, page)));
  return context.output(2, module_index_json(site.site, page));
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
  add_dependencies(site.project, page);
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
  SKEIN_TRY(const auto graph_bytes, context.input(1));
  SKEIN_TRY(const auto graph, decode_graph_summary(graph_bytes));
  SKEIN_TRY(const auto history_bytes, context.input(2));
  SKEIN_TRY(const auto history, repo::decode_history(history_bytes));
  std::size_t input = 3;
  Overview page;
  if (!site.pictures.empty()) {
    SKEIN_TRY(const auto bytes, context.input(input++));
    SKEIN_TRY(const auto picture, decode_picture(bytes));
    SKEIN_TRY(page.picture, context.input(input++));
    const auto ref = [&](std::uint32_t node) {
      const bool rest = picture.nodes[node].role == PictureNode::Role::rest;
      return PathRef{rest ? picture.nodes[node].label : picture.nodes[node].path, !rest, !rest};
    };
    for (const auto& edge : picture.edges) page.ties.push_back({ref(edge.from), ref(edge.to), edge.imports});
  }
  SKEIN_TRY(const auto children, read_children(site, root, context, input));
  page.tagline = site.project.tagline.empty() ? tally.purpose : site.project.tagline;
  SKEIN_TRY(page.readme, read_readme(site, root, context));
  page.totals = tally.counts;
  for (const auto& [id, count] : tally.languages) page.languages.push_back(count);
  std::stable_sort(page.languages.begin(), page.languages.end(),
                   [](const auto& a, const auto& b) { return a.lines > b.lines; });
  page.modules = module_entries(children);
  page.root_files = file_entries(site, root, children);
  page.entry_points = entry_points(site.tree, site.project, graph);
  // Those that name a file with a page are among the graph's.
  page.all_entry_points =
      graph.all_entries + static_cast<std::uint64_t>(std::ranges::count_if(
                              site.project.entry_points, [](const auto& entry) { return !entry.target.page; }));
  page.reading_order = reading_order(site.tree, graph, page.entry_points, 10);
  page.entry_points.resize(std::min(page.entry_points.size(), kEntryPoints));
  page.commands = site.project.commands;
  add_dependencies(site.project, page);
  for (const auto& spot : hot_files(history, tally, kHotSpotsShown)) {
    auto target = site.tree.page_of(spot.path);
    if (target.path.empty()) target = {spot.path, false, false};
    page.hot_spots.push_back(
        {std::move(target), fmt::format("{} commits, {} decisions", spot.commits, spot.complexity)});
  }
  page.left_out = site.tree.left_out;
  page.notes = site.project.notes;
  SKEIN_DO(context.output(0, overview_html(site.site, page)));
  SKEIN_DO(context.output(1, overview_markdown(site.site, page)));
  SKEIN_DO(context.output(2, llms_txt(site.site, page)));
  return context.output(3, site_index_json(site.site, page));
}

}  // namespace skein::docs
