#include "docs/agents.h"

#include <algorithm>
#include <set>

#include "docs/doc_text.h"
#include "docs/folder_reading.h"
#include "docs/graph_summary.h"
#include "docs/package_users.h"
#include "docs/symbol_index.h"
#include "docs/symbol_users.h"
#include "docs/text_list.h"
#include "repo/extract.h"
#include "repo/graph_sources.h"
#include "repo/language_spec.h"

namespace skein::docs {
namespace {

constexpr double kPageWidth = 830;
constexpr std::size_t kCardDoc = 2000;

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

/// Of each file with a page those that use it, as numbers in the order of `pages_in_order`, sorted by path.
std::vector<std::vector<std::uint32_t>> users_by_number(const SiteTree& tree, const repo::ImportGraph& users) {
  const auto files = pages_in_order(tree);
  constexpr auto kNone = repo::GraphNode::kNone;
  std::vector<std::uint32_t> number_of(users.nodes.size(), kNone), node_of(files.size(), kNone);
  for (std::uint32_t i = 0; i < files.size(); ++i)
    if (const auto node = users.find(files[i]->file->path)) number_of[node_of[i] = *node] = i;
  std::vector<std::vector<std::uint32_t>> lists(files.size());
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    if (node_of[i] == kNone) continue;
    for (const auto& edge : users.uses(node_of[i]))
      if (number_of[edge.node] != kNone) lists[i].push_back(number_of[edge.node]);
  }
  return lists;
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
  FileImports imports{facts.language, facts.entry_point && !facts.script, facts.script, facts.imports,
                      encode(marks_of(facts, language))};
  SKEIN_DO(context.output(2, encode(imports)));
  return context.output(3, encode(names_of(facts)));
}

Status link_folder(const SiteInputs& site, engine::StepContext& context) {
  const auto files = pages_of(site.tree, folder_at(site, context));
  FolderLinks links;
  std::vector<std::string> marks;
  std::set<std::string, std::less<>> external;
  for (std::size_t i = 0; i < files.size(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(i));
    SKEIN_TRY(auto file, decode_imports(bytes));
    marks.push_back(std::move(file.marks));
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
  SKEIN_DO(context.output(0, encode(links)));
  return context.output(1, encode_texts(marks));
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
  SKEIN_DO(context.output(1, encode_numbers(users_by_number(site.tree, users))));
  std::size_t output = 2;
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

Status find_symbol_users(const SiteInputs& site, engine::StepContext& context) {
  SKEIN_TRY(const auto number_bytes, context.input(0));
  SKEIN_TRY(const auto users, decode_numbers(number_bytes));
  const auto files = pages_in_order(site.tree);
  std::vector<std::string_view> paths;
  for (const auto* file : files) paths.push_back(file->file->path);
  std::vector<FileMarks> marks;
  marks.reserve(files.size());
  for (std::size_t i = 1; i < context.input_count(); ++i) {
    SKEIN_TRY(const auto bytes, context.input(i));
    SKEIN_TRY(const auto of_folder, decode_texts(bytes, "the marks of a folder"));
    for (const auto& of_file : of_folder) {
      SKEIN_TRY(marks.emplace_back(), decode_marks(of_file));
    }
  }
  if (users.size() != files.size() || marks.size() != files.size())
    return fail(Code::internal, "the names of files do not fit the tree");
  std::vector<bool> is_test;
  for (const auto* file : files) is_test.push_back(file->file->traits.test);
  const PackageUsers mates(marks, paths, is_test);
  std::uint32_t file = 0;
  std::size_t output = 0;
  for (const auto& folder : site.tree.folders) {
    if (!folder.documented) continue;
    std::vector<std::string> out;
    for (std::size_t left = pages_of(site.tree, folder).size(); left > 0; --left, ++file)
      out.push_back(encode(users_of_names(marks[file], users[file], marks, paths,
                                          [&](std::string_view name) { return mates.of(file, name); })));
    SKEIN_DO(context.output(output++, encode_texts(out)));
  }
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

}  // namespace skein::docs
