#include "docs/site_plan.h"

#include <map>

#include "docs/links.h"
#include "docs/purpose.h"
#include "docs/symbol_index.h"
#include "docs/symbol_shards.h"
#include "docs/theme.h"
#include "docs/topic.h"

namespace skein::docs {
namespace {

using engine::ArtifactId;
using engine::KeyPart;
using engine::Step;

/// Raised with any change of records.cc's layouts or of what the agents take from each other.
constexpr std::string_view kRecordsVersion = "9";

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
        paths_(site.tree.paths_digest.hex()),
        import_roots_(site.paths.roots().digest().hex()) {
    for (std::size_t i = 0; i < site.pictures.size(); ++i) pictures_.emplace(site.pictures[i].folder, i);
  }

  Result<SitePlan> plan() {
    name_artifacts();
    if (first_publisher_ != nullptr) SKEIN_DO(first_overview());
    for (const auto& folder : site_.tree.folders)
      for (const auto f : folder.files)
        if (site_.tree.files[f].page) SKEIN_DO(facts(f));
    std::vector<ArtifactId> all_links;
    std::vector<ArtifactId> all_users{artifact("graph", ""), artifact("file users", "")};
    Step symbol_users = step("symbol users", "", agents_.symbol_users);
    symbol_users.inputs.push_back(artifact("file users", ""));
    for (const auto& folder : site_.tree.folders) {
      if (!folder.documented) continue;
      SKEIN_DO(links(folder));
      all_links.push_back(ids_of(folder).links);
      all_users.push_back(ids_of(folder).users);
      symbol_users.inputs.push_back(ids_of(folder).marks);
      symbol_users.outputs.push_back(ids_of(folder).name_users);
    }
    Step users = step("users", "", agents_.users);
    users.inputs = std::move(all_links);
    users.outputs = std::move(all_users);
    for (const auto& spec : site_.pictures) users.outputs.push_back(picture_artifact("picture", spec));
    users.parts.push_back({"paths", paths_});
    users.parts.push_back({"kinds of files", kinds_of_files()});
    users.parts.push_back({"languages", site_.languages.digest().hex()});
    users.parts.push_back({"pictures", std::to_string(site_.pictures.size())});
    SKEIN_DO(add(std::move(users)));
    symbol_users.parts.push_back({"paths", paths_});
    SKEIN_DO(add(std::move(symbol_users)));
    for (const auto& spec : site_.pictures) SKEIN_DO(picture(spec));
    for (const auto& folder : site_.tree.folders) {
      if (!folder.documented) continue;
      SKEIN_DO(tally(folder));
      SKEIN_DO(module(folder));
      for (const auto f : folder.files)
        if (site_.tree.files[f].page) SKEIN_DO(file_page(f));
    }
    SKEIN_DO(overview());
    SKEIN_DO(history());
    SKEIN_DO(topics());
    SKEIN_DO(symbols());
    for (std::size_t f = 0; f < site_.tree.files.size(); ++f) {
      const auto& file = site_.tree.files[f];
      if (!file.page) continue;
      out_.files.push_back({file.file->path, file.file->digest, {}});
      out_.facts.push_back(file_ids_[f].facts);
    }
    out_.look = look_;
    out_.languages = site_.languages.digest().hex();
    return std::move(out_);
  }

 private:
  /// What steps of a file and of a folder make, by its place in the tree: each name is looked up once.
  struct FileIds {
    ArtifactId facts{}, card{}, imports{}, names{};
  };
  struct FolderIds {
    ArtifactId links{}, marks{}, users{}, name_users{}, tally{};
  };

  ArtifactId artifact(std::string_view kind, std::string_view path) {
    return out_.plan.artifact(std::string(kind).append(" ").append(path));
  }

  void name_artifacts() {
    // A step for the facts of a file and one for its page, three for a folder, and what they make.
    const std::size_t folders = site_.tree.folders.size();
    out_.plan.reserve(2 * site_.tree.pages + 3 * folders, 6 * site_.tree.pages + 8 * folders);
    file_ids_.resize(site_.tree.files.size());
    for (std::size_t f = 0; f < file_ids_.size(); ++f) {
      const std::string& path = site_.tree.files[f].file->path;
      if (site_.tree.files[f].page)
        file_ids_[f] = {artifact("facts", path), artifact("card", path), artifact("imports", path),
                        artifact("names", path)};
    }
    folder_ids_.resize(folders);
    for (std::size_t i = 0; i < folders; ++i) {
      const auto& folder = site_.tree.folders[i];
      if (folder.documented)
        folder_ids_[i] = {artifact("links", folder.path), artifact("marks", folder.path),
                          artifact("users", folder.path), artifact("name users", folder.path),
                          artifact("tally", folder.path)};
    }
  }

  [[nodiscard]] const FolderIds& ids_of(const TreeFolder& folder) const {
    return folder_ids_[static_cast<std::size_t>(&folder - site_.tree.folders.data())];
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

  /// In the site's order.
  std::vector<PictureSpec> pictures_of(std::uint32_t folder) const {
    std::vector<PictureSpec> specs;
    const auto [begin, end] = pictures_.equal_range(folder);
    for (auto i = begin; i != end; ++i) specs.push_back(site_.pictures[i->second]);
    return specs;
  }

  ArtifactId picture_artifact(std::string_view what, const PictureSpec& spec) {
    const auto kind = spec.kind == Picture::Kind::inside ? " inside" : " around";
    return artifact(std::string(what).append(kind), site_.tree.folders[spec.folder].path);
  }

  /// What of the files beside their paths and imports decides on entry points and orphans.
  std::string kinds_of_files() const {
    Hasher hasher;
    for (const auto& file : site_.tree.files)
      if (file.page)
        hasher.number((file.file->traits.test ? 1U : 0U) | (file.file->traits.documentation ? 2U : 0U) |
                      (file.file->traits.foreign() ? 4U : 0U));
    for (const auto& entry : site_.project.entry_points) hasher.field(entry.target.path);
    return hasher.finish().hex();
  }

  Status picture(const PictureSpec& spec) {
    const auto& path = site_.tree.folders[spec.folder].path;
    Step made = step(spec.kind == Picture::Kind::inside ? "picture inside" : "picture around", path, agents_.picture);
    made.parts.push_back({"page", spec.folder == 0 ? std::string(kOverviewHtml) : module_page(path)});
    made.parts.push_back({"rendering", site_.site.rendering});
    made.parts.push_back({"graphviz", site_.layouter == nullptr ? "" : std::string(site_.layouter->version())});
    made.inputs = {picture_artifact("picture", spec)};
    made.outputs = {picture_artifact("drawn", spec)};
    return add(std::move(made));
  }

  Status topics() {
    Step made = step("topics", "", agents_.topics);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"paths", paths_});
    made.parts.push_back({"project", digest_of(site_.project).hex()});
    made.inputs = {artifact("graph", "")};
    const auto& names = topic_names();
    topic_pages(made, 0, names.size() - kHistoryTopics);
    return add(std::move(made));
  }

  void topic_pages(Step& made, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (const auto form : {".html", ".md", ".json"}) page(made, topic_file(topic_names()[i].name, form));
  }

  Status history() {
    Step read = step("history", "", agents_.history);
    read.parts.push_back({"history", site_.history});
    read.parts.push_back({"paths", paths_});
    read.outputs = {artifact("history", "")};
    SKEIN_DO(add(std::move(read)));
    Step made = step("history pages", "", agents_.history_pages);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"paths", paths_});
    made.inputs = {artifact("history", ""), artifact("tally", "")};
    topic_pages(made, topic_names().size() - kHistoryTopics, topic_names().size());
    return add(std::move(made));
  }

  Status facts(std::uint32_t index) {
    const auto& file = site_.tree.files[index];
    const auto& ids = file_ids_[index];
    const std::string& path = file.file->path;
    Step made = step("facts", path, agents_.facts);
    // The path itself is no part of the key; what of it decides on the language is.
    made.parts.push_back({"content", file.file->digest.hex()});
    made.parts.push_back({"name", typical_name(file.name(), site_.languages)});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    made.outputs = {ids.facts, ids.card, ids.imports, ids.names};
    if (first_publisher_ != nullptr) made.after = {artifact("published", "first overview")};
    return add(std::move(made));
  }

  Status links(const TreeFolder& folder) {
    Step made = step("links", folder.path, agents_.links);
    made.parts.push_back({"folder", folder.path});
    made.parts.push_back({"paths", paths_});
    made.parts.push_back({"import roots", import_roots_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    for (const auto f : folder.files)
      if (site_.tree.files[f].page) made.inputs.push_back(file_ids_[f].imports);
    made.outputs = {ids_of(folder).links, ids_of(folder).marks};
    return add(std::move(made));
  }

  void add_children(Step& made, const TreeFolder& folder) {
    for (const auto f : folder.files)
      if (site_.tree.files[f].page) made.inputs.push_back(file_ids_[f].card);
    for (const auto c : folder.folders)
      if (site_.tree.folders[c].documented) made.inputs.push_back(folder_ids_[c].tally);
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
    made.outputs = {ids_of(folder).tally};
    return add(std::move(made));
  }

  Status module(const TreeFolder& folder) {
    Step made = step("module", folder.path, agents_.module_page);
    describe(made, folder);
    made.parts.push_back({"look", look_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    if (folder.readme != TreeFolder::kNone) made.parts.push_back({"paths", paths_});
    made.inputs = {ids_of(folder).tally, ids_of(folder).links, ids_of(folder).users, ids_of(folder).name_users};
    if (&folder != site_.tree.folders.data())
      for (const auto spec : pictures_of(static_cast<std::uint32_t>(&folder - site_.tree.folders.data())))
        made.inputs.push_back(picture_artifact("drawn", spec));
    add_children(made, folder);
    page(made, module_page(folder.path));
    page(made, module_page(folder.path, PageForm::markdown));
    page(made, module_shard(folder.path));
    return add(std::move(made));
  }

  Status file_page(std::uint32_t index) {
    const auto& file = site_.tree.files[index];
    const std::string& path = file.file->path;
    const auto& folder = site_.tree.folders[file.folder];
    Step made = step("page", path, agents_.file_page);
    made.parts.push_back({"path", path});
    made.parts.push_back({"size", std::to_string(file.file->size)});
    made.parts.push_back({"mark", file.mark});
    made.parts.push_back({"look", look_});
    made.parts.push_back({"languages", site_.languages.digest().hex()});
    made.parts.push_back({"neighbours", folder.pages.hex()});
    made.inputs = {file_ids_[index].facts, ids_of(folder).links, ids_of(folder).users, ids_of(folder).name_users};
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
    made.inputs = {artifact("tally", ""), artifact("graph", ""), artifact("history", "")};
    if (!site_.pictures.empty()) {
      made.inputs.push_back(picture_artifact("picture", site_.pictures.front()));
      made.inputs.push_back(picture_artifact("drawn", site_.pictures.front()));
    }
    add_children(made, site_.tree.folders.front());
    for (const auto path : {kOverviewHtml, kOverviewMarkdown, kLlmsTxt, kSiteIndex}) page(made, std::string(path));
    return add(std::move(made));
  }

  /// What a group hands to a letter, and a letter to a shard.
  ArtifactId rows(std::size_t group, std::string_view letter) {
    return artifact(fmt::format("names {} of", group), letter);
  }

  Status symbols() {
    const int width = shard_width(site_.tree.pages);
    const auto letters = letter_names(width);
    for (std::size_t i = 0; i < site_.name_groups.size(); ++i) {
      const auto& group = site_.name_groups[i];
      Step made = step("names", std::to_string(i), agents_.names);
      made.parts.push_back({"paths", group.digest.hex()});
      made.parts.push_back({"width", std::to_string(width)});
      for (const auto f : group.files) made.inputs.push_back(file_ids_[f].names);
      for (const auto& letter : letters) made.outputs.push_back(rows(i, letter));
      SKEIN_DO(add(std::move(made)));
    }
    Step index = step("symbols", "", agents_.symbols);
    index.parts.push_back({"look", look_});
    index.parts.push_back({"width", std::to_string(width)});
    for (const auto path : {kSymbolsHtml, kSymbolsMarkdown, kSymbolsScript}) page(index, std::string(path));
    for (const auto& letter : letters) {
      Step made = step("letter", letter, agents_.letter);
      made.parts.push_back({"letter", letter});
      made.parts.push_back({"width", std::to_string(width)});
      for (std::size_t i = 0; i < site_.name_groups.size(); ++i) made.inputs.push_back(rows(i, letter));
      made.outputs.push_back(artifact("sizes of letter", letter));
      index.inputs.push_back(made.outputs.back());
      for (const auto& name : shards_of_letter(letter, width)) {
        made.outputs.push_back(artifact("rows of shard", name));
        Step shard = step("shard", name, agents_.shard);
        shard.parts.push_back({"look", look_});
        shard.parts.push_back({"shard", name});
        shard.inputs = {made.outputs.back()};
        for (const auto end : {".html", ".md", ".js"}) page(shard, shard_file(name, end));
        SKEIN_DO(add(std::move(shard)));
      }
      SKEIN_DO(add(std::move(made)));
    }
    return add(std::move(index));
  }

  const SiteInputs& site_;
  const SiteAgents& agents_;
  const engine::Agent* first_publisher_;
  std::vector<FileIds> file_ids_;
  std::vector<FolderIds> folder_ids_;
  std::string look_;
  std::string folder_names_;
  std::string paths_;
  std::string import_roots_;
  std::multimap<std::uint32_t, std::size_t> pictures_;  // By folder: places in site_.pictures.
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
