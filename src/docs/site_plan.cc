#include "docs/site_plan.h"

#include "docs/links.h"
#include "docs/purpose.h"
#include "docs/symbol_index.h"
#include "docs/theme.h"

namespace skein::docs {
namespace {

using engine::ArtifactId;
using engine::KeyPart;
using engine::Step;

/// Raised with any change of records.cc's layouts or of what the agents take from each other.
constexpr std::string_view kRecordsVersion = "3";

/// What of a file's name decides on its language: its extension, or all of it ("CMakeLists.txt").
std::string typical_name(std::string_view name, const repo::Languages& languages) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string(name);
  std::string typical = std::string("x").append(name.substr(dot));
  if (languages.by_path_and_content(typical, {}) != languages.by_path_and_content(name, {})) return std::string(name);
  return typical;
}

class Planner {
 public:
  Planner(const SiteInputs& site, const SiteAgents& agents, const engine::Agent* first_publisher)
      : site_(site),
        agents_(agents),
        first_publisher_(first_publisher),
        look_(Hasher()
                  .field(site.site.project)
                  .field(site.site.theme)
                  .field(site.site.rendering)
                  .field(theme_digest())
                  .finish()
                  .hex()),
        folder_names_(folder_names_digest().hex()),
        paths_(site.tree.paths_digest.hex()) {}

  Result<SitePlan> plan() {
    if (first_publisher_ != nullptr) SKEIN_DO(first_overview());
    for (const auto& folder : site_.tree.folders)
      for (const auto f : folder.files)
        if (site_.tree.files[f].page) SKEIN_DO(facts(site_.tree.files[f]));
    std::vector<ArtifactId> all_links;
    std::vector<ArtifactId> all_users{artifact("popular", "")};
    for (const auto& folder : site_.tree.folders) {
      if (!folder.documented) continue;
      SKEIN_DO(links(folder));
      all_links.push_back(artifact("links", folder.path));
      all_users.push_back(artifact("users", folder.path));
    }
    Step users = step("users", "", agents_.users);
    users.inputs = std::move(all_links);
    users.outputs = std::move(all_users);
    users.parts.push_back({"paths", paths_});
    SKEIN_DO(add(std::move(users)));
    for (const auto& folder : site_.tree.folders) {
      if (!folder.documented) continue;
      SKEIN_DO(tally(folder));
      SKEIN_DO(module(folder));
      for (const auto f : folder.files)
        if (site_.tree.files[f].page) SKEIN_DO(file_page(site_.tree.files[f]));
    }
    SKEIN_DO(overview());
    SKEIN_DO(symbols());
    for (const auto& file : site_.tree.files) {
      if (!file.page) continue;
      out_.files.push_back({file.file->path, file.file->digest, {}});
      out_.facts.push_back(artifact("facts", file.file->path));
    }
    out_.look = look_;
    out_.languages = site_.languages.digest().hex();
    return std::move(out_);
  }

 private:
  ArtifactId artifact(std::string_view kind, std::string_view path) {
    return out_.plan.artifact(std::string(kind).append(" ").append(path));
  }

  static Step step(std::string_view kind, std::string_view path, const engine::Agent& agent) {
    Step made;
    made.name = path.empty() ? std::string(kind) : std::string(kind).append(" ").append(path);
    made.agent = &agent;
    made.locator = path;
    made.parts = {{"records", std::string(kRecordsVersion)}};
    return made;
  }

  Status add(Step step) {
    SKEIN_DO(out_.plan.add(std::move(step)));
    return {};
  }

  void page(Step& step, std::string path) {
    const ArtifactId output = artifact("page", path);
    step.outputs.push_back(output);
    out_.pages.push_back(std::move(path));
    out_.page_outputs.push_back(output);
  }

  Status facts(const TreeFile& file) {
    const std::string& path = file.file->path;
    Step made = step("facts", path, agents_.facts);
    // The path itself is no part of the key; what of it decides on the language is.
    made.parts.push_back({"content", file.file->digest.hex()});
    made.parts.push_back({"name", typical_name(file.name(), site_.languages)});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    made.outputs = {artifact("facts", path), artifact("card", path), artifact("imports", path),
                    artifact("names", path)};
    if (first_publisher_ != nullptr) made.after = {artifact("published", "first overview")};
    return add(std::move(made));
  }

  Status links(const TreeFolder& folder) {
    Step made = step("links", folder.path, agents_.links);
    made.parts.push_back({"folder", folder.path});
    made.parts.push_back({"paths", paths_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    for (const auto f : folder.files)
      if (site_.tree.files[f].page) made.inputs.push_back(artifact("imports", site_.tree.files[f].file->path));
    made.outputs = {artifact("links", folder.path)};
    return add(std::move(made));
  }

  void add_children(Step& made, const TreeFolder& folder) {
    for (const auto f : folder.files)
      if (site_.tree.files[f].page) made.inputs.push_back(artifact("card", site_.tree.files[f].file->path));
    for (const auto c : folder.folders)
      if (site_.tree.folders[c].documented) made.inputs.push_back(artifact("tally", site_.tree.folders[c].path));
  }

  void describe(Step& made, const TreeFolder& folder) {
    made.parts.push_back({"folder", folder.path});
    made.parts.push_back({"files", folder.digest.hex()});
    if (folder.readme != TreeFolder::kNone)
      made.parts.push_back({"readme", site_.tree.files[folder.readme].file->digest.hex()});
  }

  Status tally(const TreeFolder& folder) {
    Step made = step("tally", folder.path, agents_.tally);
    describe(made, folder);
    made.parts.push_back({"folder names", folder_names_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    add_children(made, folder);
    made.outputs = {artifact("tally", folder.path)};
    return add(std::move(made));
  }

  Status module(const TreeFolder& folder) {
    Step made = step("module", folder.path, agents_.module_page);
    describe(made, folder);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    if (folder.readme != TreeFolder::kNone) made.parts.push_back({"paths", paths_});
    made.inputs = {artifact("tally", folder.path), artifact("links", folder.path), artifact("users", folder.path)};
    add_children(made, folder);
    page(made, module_page(folder.path));
    page(made, module_page(folder.path, PageForm::markdown));
    page(made, module_shard(folder.path));
    return add(std::move(made));
  }

  Status file_page(const TreeFile& file) {
    const std::string& path = file.file->path;
    const auto& folder = site_.tree.folders[file.folder];
    Step made = step("page", path, agents_.file_page);
    made.parts.push_back({"path", path});
    made.parts.push_back({"size", std::to_string(file.file->size)});
    made.parts.push_back({"mark", file.mark});
    made.parts.push_back({"look", look_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    made.parts.push_back({"neighbours", folder.pages.hex()});
    made.inputs = {artifact("facts", path), artifact("links", folder.path), artifact("users", folder.path)};
    page(made, docs::file_page(path));
    page(made, docs::file_page(path, PageForm::markdown));
    return add(std::move(made));
  }

  /// Something to read while the rest is made, in a commit of its own. Everything else waits for it.
  Status first_overview() {
    Step made = overview_step("first overview", agents_.first_overview);
    // Sizes by language need every file.
    Hasher sizes;
    for (const auto& file : site_.tree.files) sizes.number(file.file->size).number(file.page ? 1 : 0);
    made.parts.push_back({"sizes", sizes.finish().hex()});
    Step publish;
    publish.name = "publish first overview";
    publish.agent = first_publisher_;
    publish.purity = engine::Purity::effectful;
    for (const auto& path : first_overview_pages()) {
      made.outputs.push_back(artifact("first page", path));
      publish.inputs.push_back(made.outputs.back());
    }
    publish.outputs = {artifact("published", "first overview")};
    SKEIN_DO(add(std::move(made)));
    return add(std::move(publish));
  }

  Step overview_step(std::string_view name, const engine::Agent& agent) {
    const auto& root = site_.tree.folders.front();
    Step made = step(name, "", agent);
    describe(made, root);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    made.parts.push_back({"paths", paths_});
    made.parts.push_back({"project", digest_of(site_.project).hex()});
    Hasher left;
    for (const auto& out : site_.tree.left_out) {
      left.field(out.what).field(out.why).number(out.files).number(out.bytes);
      for (const auto& example : out.examples) left.field(example);
    }
    made.parts.push_back({"left out", left.finish().hex()});
    return made;
  }

  Status overview() {
    Step made = overview_step("overview", agents_.overview);
    made.inputs = {artifact("tally", ""), artifact("popular", "")};
    add_children(made, site_.tree.folders.front());
    for (const auto path : {kOverviewHtml, kOverviewMarkdown, kLlmsTxt, kSiteIndex}) page(made, std::string(path));
    return add(std::move(made));
  }

  Status symbols() {
    Step made = step("symbols", "", agents_.symbols);
    const int width = shard_width(site_.tree.pages);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"paths", paths_});
    made.parts.push_back({"width", std::to_string(width)});
    for (const auto& file : site_.tree.files)
      if (file.page) made.inputs.push_back(artifact("names", file.file->path));
    for (const auto path : {kSymbolsHtml, kSymbolsMarkdown, kSymbolsScript}) page(made, std::string(path));
    for (const auto& shard : shard_names(width))
      for (const auto end : {".html", ".md", ".js"}) page(made, shard_file(shard, end));
    return add(std::move(made));
  }

  const SiteInputs& site_;
  const SiteAgents& agents_;
  const engine::Agent* first_publisher_;
  std::string look_;
  std::string folder_names_;
  std::string paths_;
  SitePlan out_;
};

}  // namespace

std::vector<std::string> first_overview_pages() {
  return {std::string(kOverviewHtml), std::string(kOverviewMarkdown), std::string(kLlmsTxt), std::string(kSiteIndex)};
}

Result<SitePlan> plan_site(const SiteInputs& site, const SiteAgents& agents, const engine::Agent* first_publisher) {
  return Planner(site, agents, first_publisher).plan();
}

}  // namespace skein::docs
