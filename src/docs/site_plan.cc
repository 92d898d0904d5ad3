#include "docs/site_plan.h"

#include "docs/links.h"
#include "docs/purpose.h"
#include "docs/theme.h"

namespace skein::docs {
namespace {

using engine::ArtifactId;
using engine::KeyPart;
using engine::Step;

/// Raised with any change of records.cc's layouts or of what the agents take from each other.
constexpr std::string_view kRecordsVersion = "2";

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
  Planner(const SiteInputs& site, const SiteAgents& agents)
      : site_(site),
        agents_(agents),
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
    SKEIN_DO(overview(agents_.overview));
    for (const auto& file : site_.tree.files) {
      if (!file.page) continue;
      out_.files.push_back({file.file->path, file.file->digest, {}});
      out_.facts.push_back(artifact("facts", file.file->path));
    }
    out_.look = look_;
    out_.languages = site_.languages.digest().hex();
    return std::move(out_);
  }

  Result<SitePlan> plan_first() {
    SKEIN_DO(overview(agents_.first_overview));
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
    made.outputs = {artifact("facts", path), artifact("card", path), artifact("imports", path)};
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
    made.parts.push_back({"files", folder.digest.hex()});
    made.inputs = {artifact("facts", path), artifact("links", folder.path), artifact("users", folder.path)};
    page(made, docs::file_page(path));
    page(made, docs::file_page(path, PageForm::markdown));
    return add(std::move(made));
  }

  Status overview(const engine::Agent& agent) {
    const auto& root = site_.tree.folders.front();
    const bool first = &agent == &agents_.first_overview;
    Step made = step(first ? "first overview" : "overview", "", agent);
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
    if (!first) {
      made.inputs = {artifact("tally", ""), artifact("popular", "")};
      add_children(made, root);
    } else {
      // Sizes by language need every file.
      Hasher sizes;
      for (const auto& file : site_.tree.files) sizes.number(file.file->size).number(file.page ? 1 : 0);
      made.parts.push_back({"sizes", sizes.finish().hex()});
    }
    for (const auto path : {kOverviewHtml, kOverviewMarkdown, kLlmsTxt, kSiteIndex}) page(made, std::string(path));
    return add(std::move(made));
  }

  const SiteInputs& site_;
  const SiteAgents& agents_;
  std::string look_;
  std::string folder_names_;
  std::string paths_;
  SitePlan out_;
};

}  // namespace

Result<SitePlan> plan_first_overview(const SiteInputs& site, const SiteAgents& agents) {
  return Planner(site, agents).plan_first();
}

Result<SitePlan> plan_site(const SiteInputs& site, const SiteAgents& agents) { return Planner(site, agents).plan(); }

}  // namespace skein::docs
