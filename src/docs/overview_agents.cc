// The overview, and the pages of topics beside it.
#include <algorithm>
#include <map>

#include "docs/figures.h"
#include "docs/folder_reading.h"
#include "docs/graph_summary.h"
#include "docs/html.h"
#include "docs/markdown.h"
#include "docs/purpose.h"
#include "docs/site_index.h"
#include "docs/topic.h"

namespace skein::docs {
namespace {

constexpr std::size_t kEntryPoints = 12;
constexpr std::size_t kHistoryPaths = 1'000;
constexpr std::size_t kHotSpots = 100;
constexpr std::size_t kHotSpotsShown = 8;
constexpr std::size_t kDependencies = 25;
constexpr std::size_t kFewSteps = 5;

std::string count_of(std::uint64_t value, std::string_view one, std::string_view many) {
  std::string text;
  append_count(text, value, one, many);
  return text;
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
  // Where folders say little (a library in one folder), the files with most to follow.
  for (const auto& file : tally.complex) {
    if (page.reading_order.size() >= kFewSteps) break;
    const auto target = site.tree.page_of(file.path);
    const bool known = std::ranges::any_of(page.reading_order, [&](const auto& step) { return step.target == target; });
    if (target.page && !target.folder && !known)
      page.reading_order.push_back({target, count_of(file.branches, "decision", "decisions") + ", among the most"});
  }
  page.entry_points.resize(std::min(page.entry_points.size(), kEntryPoints));
  page.commands = site.project.commands;
  add_dependencies(site.project, page);
  for (const auto& spot : hot_files(history, tally, kHotSpotsShown)) {
    auto target = site.tree.page_of(spot.path);
    if (target.path.empty()) target = {spot.path, false, false};
    page.hot_spots.push_back({std::move(target), count_of(spot.commits, "commit", "commits") + ", " +
                                                     count_of(spot.complexity, "decision", "decisions")});
  }
  page.left_out = site.tree.left_out;
  page.notes = site.project.notes;
  SKEIN_DO(context.output(0, overview_html(site.site, page)));
  SKEIN_DO(context.output(1, overview_markdown(site.site, page)));
  SKEIN_DO(context.output(2, llms_txt(site.site, page)));
  return context.output(3, site_index_json(site.site, page));
}

}  // namespace skein::docs
