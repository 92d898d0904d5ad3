// What the topic pages say: sentences and rows, from the graph's summary and the manifests.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "docs/topic.h"

namespace skein::docs {
namespace {

constexpr std::string_view kOfImports =
    "imports, as written in the files and followed to files of this repository by each language's own rules. Imports "
    "that are made at run time or by a build are not seen.";

PathRef file_ref(const SiteTree& tree, const std::string& path) {
  auto ref = tree.page_of(path);
  return ref.path.empty() ? PathRef{path, false, false} : ref;
}
PathRef folder_ref(const SiteTree& tree, const std::string& path) {
  const auto* folder = tree.folder(path);
  return {path, true, folder != nullptr && folder->documented};
}

TopicCell number(std::uint64_t value) { return {fmt::format("{}", value), {}}; }

std::string many(std::uint64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

TopicPage layers(const SiteTree& tree, const GraphSummary& graph) {
  TopicPage page{"layers", "Layers", "", "", "", {}};
  page.lead = fmt::format(
      "Which folder stands on which: a folder of layer 0 uses no other one here, each other folder is one layer above "
      "the highest that it uses. {} with files, {} between them, {}.",
      many(graph.modules, "folder", "folders"), many(graph.module_ties, "tie", "ties"),
      many(graph.layers, "layer", "layers"));
  page.measured = kOfImports;
  TopicSection section{"layers", "Folders by layer",
                       "",       {{"Folder"}, {"Layer", true}, {"Used by", true}, {"Uses", true}, {"Cycle"}},
                       {},       0};
  std::uint64_t alone = 0;
  for (const auto& node : graph.by_layer) {
    if (node.fan_in == 0 && node.fan_out == 0) {
      ++alone;
      continue;
    }
    section.rows.push_back({{"", {folder_ref(tree, node.path)}},
                            number(node.layer),
                            number(node.fan_in),
                            number(node.fan_out),
                            {node.in_cycle ? "in a cycle" : "", {}}});
  }
  section.intro = "Counts are folders. Members of a cycle share one layer.";
  if (alone > 0)
    section.intro += fmt::format(" {} that no import ties to another is not listed.", many(alone, "folder", "folders"));
  section.total = section.rows.size() + (graph.modules - graph.by_layer.size());
  page.sections.push_back(std::move(section));
  const auto files = [&](std::string_view id, std::string_view title, const std::vector<GraphSummary::Node>& nodes) {
    TopicSection top{id, title, "", {{"File"}, {"Used by", true}, {"Uses", true}}, {}, 0};
    for (const auto& node : nodes)
      top.rows.push_back({{"", {file_ref(tree, node.path)}}, number(node.fan_in), number(node.fan_out)});
    if (!top.rows.empty()) page.sections.push_back(std::move(top));
  };
  files("most-used", "Files that most others use", graph.most_used);
  files("most-using", "Files that use most others", graph.most_using);
  return page;
}

TopicPage cycles(const SiteTree& tree, const GraphSummary& graph) {
  TopicPage page{"cycles", "Cycles", "", std::string(kOfImports), "", {}};
  page.lead =
      graph.all_module_cycles + graph.all_file_cycles == 0
          ? "There are none: no file and no folder uses, through others, itself."
          : "Files and folders that use each other, directly or through others: none of them can be understood, built "
            "or moved without the rest.";
  const auto add = [&](std::string_view id, std::string_view title, const std::vector<GraphSummary::Cycle>& cycles,
                       std::uint64_t total, bool folders) {
    if (cycles.empty()) return;
    TopicSection section{id,
                         title,
                         "The shortest way around leads from each to the next, and from the last to the first.",
                         {{"Members", true}, {"Ties", true}, {"Shortest way around"}, {"All members"}},
                         {},
                         total};
    for (const auto& cycle : cycles) {
      const auto refs = [&](const std::vector<std::string>& paths) {
        std::vector<PathRef> links;
        for (const auto& path : paths) links.push_back(folders ? folder_ref(tree, path) : file_ref(tree, path));
        return links;
      };
      TopicCell around{"longer than can be shown", refs(cycle.shortest), " → "};
      TopicCell members{"the same", {}};
      if (cycle.total > cycle.shortest.size()) members = {"", refs(cycle.members)};
      section.rows.push_back({number(cycle.total), number(cycle.ties), std::move(around), std::move(members)});
    }
    page.sections.push_back(std::move(section));
  };
  add("folders", "Cycles of folders", graph.module_cycles, graph.all_module_cycles, true);
  add("files", "Cycles of files", graph.file_cycles, graph.all_file_cycles, false);
  return page;
}

std::string why_entry(const GraphSummary::Entry& entry) {
  switch (entry.kind) {
    case repo::EntryKind::manifest:
      return "a manifest names it";
    case repo::EntryKind::main:
      return entry.fan_in == 0 ? "has a main part" : "has a main part, and is used by others";
    case repo::EntryKind::named:
      return "a tool runs or loads it by its name";
    case repo::EntryKind::script:
      return "its first line names an interpreter";
  }
  return {};
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// A path beside what the project is for: tests, examples, measurements, helpers of its makers. Only the order of what
/// a reader sees depends on it.
bool is_aside(std::string_view path) {
  static constexpr std::array<std::string_view, 18> kFolders{
      "script",  "scripts", "tools", "support",    "ci",      "contrib", "docs",  "doc",    "site",
      "website", "spec",    "specs", "playground", "metrics", "misc",    "build", "extras", "hack"};
  static constexpr std::array<std::string_view, 9> kBeginnings{"test", "bench", "fuzz",        "example", "sample",
                                                               "demo", ".",     "integration", "__tests"};
  // Further down such a word is a name like others: "src/main/java/org/springframework/samples/petclinic".
  constexpr int kParts = 3;
  for (int part_number = 0; part_number < kParts && !path.empty(); ++part_number) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    const bool file = slash == std::string_view::npos;
    if (!file && is_one_of(part, kFolders)) return true;
    if (std::ranges::any_of(kBeginnings, [&](auto word) { return part.starts_with(word); })) return true;
    path.remove_prefix(file ? path.size() : slash + 1);
  }
  return false;
}

/// Worth reading first: a program of the project itself.
bool is_first_step(const EntryPoint& entry) {
  return entry.starts && entry.target.page && !is_aside(entry.target.path) &&
         (entry.what.inferred || !is_aside(entry.what.from));
}

TopicPage entries(const SiteTree& tree, const ProjectPage& project, const GraphSummary& graph) {
  TopicPage page{"entry-points", "Entry points", "", "", "", {}};
  page.lead = graph.entries.empty() && project.entry_points.empty()
                  ? "Nothing was found that can be run: no manifest names a program, no file has a main part."
                  : "Where programs start: what manifests name, and files that can be run.";
  page.measured = "manifests, main functions, `if __name__ == \"__main__\"`, file names and first lines of files.";
  page.inferred = "that these are meant to be run by people. Tests and documentation are left out.";
  TopicSection named{"named", "Named by a manifest", "", {{"What"}, {"Named in"}}, {}, 0};
  for (const auto& entry : project.entry_points) named.rows.push_back({{"", {entry.target}}, {entry.what.from, {}}});
  if (!named.rows.empty()) page.sections.push_back(std::move(named));
  TopicSection found{"found", "Found in files", "", {{"File"}, {"Why"}, {"Used by", true}}, {}, 0};
  for (const auto& entry : graph.entries)
    found.rows.push_back({{"", {file_ref(tree, entry.path)}}, {why_entry(entry), {}}, number(entry.fan_in)});
  found.total = graph.all_entries;
  if (!found.rows.empty()) page.sections.push_back(std::move(found));
  return page;
}

TopicPage orphans(const SiteTree& tree, const GraphSummary& graph) {
  TopicPage page{"orphans", "Orphans", "", std::string(kOfImports), "", {}};
  page.lead = graph.orphans.empty()
                  ? "There are none: of the files that are used only where another imports them, each is imported, can "
                    "be run, or is a test or documentation."
                  : "Files that nobody here imports, that cannot be run, and that are no test and no documentation, "
                    "in languages whose files are used only where another imports them.";
  page.inferred =
      "that they are unused. They are not, where others import them from outside (a library's public files), "
      "or where something loads them by name.";
  TopicSection section{"orphans", "Files", "", {{"File"}}, {}, graph.all_orphans};
  for (const auto& path : graph.orphans) section.rows.push_back({{"", {file_ref(tree, path)}}});
  if (!section.rows.empty()) page.sections.push_back(std::move(section));
  return page;
}

TopicPage reading(const SiteTree& tree, const ProjectPage& project, const GraphSummary& graph,
                  const std::string& readme) {
  TopicPage page{"reading-order", "Reading order", "", "", "", {}};
  page.lead = "An order in which a newcomer meets what most of the rest stands on.";
  page.measured = "how many folders use each folder, and which files can be run.";
  page.inferred = "that what others use most is worth knowing first.";
  TopicSection section{"steps", "Steps", "", {{"", true}, {"What"}, {"Why"}}, {}, 0};
  std::vector<ReadingStep> steps;
  if (!readme.empty()) steps.push_back({file_ref(tree, readme), "the README"});
  constexpr std::size_t kStarts = 5;
  std::size_t starts = 0;
  for (const auto& entry : entry_points(tree, project, graph))
    if (is_first_step(entry) && starts++ < kStarts) steps.push_back({entry.target, "programs start here"});
  for (auto& step : reading_order(tree, graph, {}, 25)) steps.push_back(std::move(step));
  for (std::size_t i = 0; i < steps.size(); ++i)
    section.rows.push_back({number(i + 1), {"", {steps[i].target}}, {steps[i].why, {}}});
  if (section.rows.empty()) section.intro = "No import ties one folder to another, and nothing can be run.";
  page.sections.push_back(std::move(section));
  return page;
}

TopicPage dependencies(const SiteTree& tree, const ProjectPage& project) {
  TopicPage page{"dependencies", "Dependencies", "", "", "", {}};
  page.lead = project.dependencies.empty() ? "No manifest names a dependency on other projects."
                                           : "What the project needs from others, as its manifests say.";
  page.measured =
      "manifests and lock files of the repository, read as data. What a build finds out by itself is not seen.";
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> manifests;  // Dependencies, and those locked.
  for (const auto& dependency : project.dependencies) {
    auto& [all, locked] = manifests[dependency.from];
    ++all;
    if (!dependency.locked.empty()) ++locked;
  }
  if (manifests.size() > 1) {
    TopicSection section{
        "manifests", "Manifests", "", {{"Manifest"}, {"Folder"}, {"Dependencies", true}, {"Locked", true}}, {}, 0};
    for (const auto& [path, counts] : manifests) {
      const auto slash = path.rfind('/');
      const std::string folder(path.substr(0, slash == path.npos ? 0 : slash));
      if (section.rows.size() < GraphSummary::kRows)
        section.rows.push_back({{"", {file_ref(tree, std::string(path))}},
                                {"", {folder_ref(tree, folder)}},
                                number(counts.first),
                                number(counts.second)});
    }
    section.total = manifests.size();
    page.sections.push_back(std::move(section));
  }
  if (!project.services.empty()) {
    TopicSection section{"services", "Services", "", {{"Service"}, {"What it is"}, {"Needs"}, {"Named in"}}, {}, 0};
    for (const auto& service : project.services) {
      std::string needs;
      for (const auto& need : service.needs) (needs += needs.empty() ? "" : ", ") += need;
      if (section.rows.size() < GraphSummary::kRows)
        section.rows.push_back({{service.name, {}}, {service.what, {}}, {needs, {}}, {service.from, {}}});
    }
    section.total = project.services.size();
    page.sections.push_back(std::move(section));
  }
  std::map<std::string_view, std::vector<const Dependency*>> by_kind;
  for (const auto& dependency : project.dependencies) by_kind[dependency.kind].push_back(&dependency);
  static constexpr std::pair<std::string_view, std::string_view> kTitles[] = {
      {"runtime", "At run time"},     {"build", "To build"}, {"development", "To develop"}, {"optional", "Optional"},
      {"peer", "Expected beside it"}, {"image", "Images"},   {"indirect", "Indirect"}};
  for (const auto& [kind, title] : kTitles) {
    const auto found = by_kind.find(kind);
    if (found == by_kind.end()) continue;
    TopicSection section{kind, title, "", {{"Name"}, {"Version"}, {"Locked"}, {"Named in"}}, {}, 0};
    for (const auto* dependency : found->second)
      if (section.rows.size() < GraphSummary::kRows)
        section.rows.push_back(
            {{dependency->name, {}}, {dependency->requirement, {}}, {dependency->locked, {}}, {dependency->from, {}}});
    section.total = found->second.size();
    page.sections.push_back(std::move(section));
  }
  return page;
}

}  // namespace

const std::vector<TopicName>& topic_names() {
  static const std::vector<TopicName> kNames{
      {"reading-order", "Reading order", "what to read first"},
      {"entry-points", "Entry points", "where programs start"},
      {"layers", "Layers", "which folder stands on which, and what is used most"},
      {"cycles", "Cycles", "folders and files that use each other"},
      {"orphans", "Orphans", "files that nothing here imports"},
      {"dependencies", "Dependencies", "what manifests ask for"},
      {"hot-spots", "Hot spots", "what is changed often and hard to follow"},
      {"owners", "Owners", "who changed what"},
  };
  return kNames;
}

std::vector<EntryPoint> entry_points(const SiteTree& tree, const ProjectPage& project, const GraphSummary& graph) {
  std::vector<EntryPoint> found = project.entry_points;
  std::set<std::string_view> known;
  for (const auto& entry : project.entry_points) known.insert(entry.target.path);
  for (const auto& entry : graph.entries)
    if (!known.contains(entry.path))
      found.push_back({file_ref(tree, entry.path),
                       {why_entry(entry), entry.kind != repo::EntryKind::manifest, "its code"},
                       entry.kind != repo::EntryKind::named || entry.path.ends_with("__main__.py")});
  std::ranges::stable_sort(found, {}, [](const auto& entry) {
    const bool stated = !entry.what.inferred;
    return std::tuple(is_aside(entry.target.path) || (stated && is_aside(entry.what.from)), !entry.starts,
                      !entry.target.page);
  });
  return found;
}

std::vector<ReadingStep> reading_order(const SiteTree& tree, const GraphSummary& graph,
                                       const std::vector<EntryPoint>& entry_points, std::size_t most) {
  std::vector<ReadingStep> steps;
  for (const auto& entry : entry_points)
    if (is_first_step(entry) && steps.size() < 2) steps.push_back({entry.target, "programs start here"});
  for (const auto& node : graph.foundations) {
    if (steps.size() >= most) break;
    if (is_aside(node.path)) continue;
    steps.push_back({folder_ref(tree, node.path), fmt::format("used by {} other {}; layer {}", node.fan_in,
                                                              node.fan_in == 1 ? "folder" : "folders", node.layer)});
  }
  return steps;
}

std::vector<TopicPage> graph_topics(const SiteTree& tree, const ProjectPage& project, const GraphSummary& graph,
                                    const std::string& readme) {
  std::vector<TopicPage> pages;
  pages.push_back(reading(tree, project, graph, readme));
  pages.push_back(entries(tree, project, graph));
  pages.push_back(layers(tree, graph));
  pages.push_back(cycles(tree, graph));
  pages.push_back(orphans(tree, graph));
  pages.push_back(dependencies(tree, project));
  return pages;
}

}  // namespace skein::docs
