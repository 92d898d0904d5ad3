#include "docs/site_plan.h"

#include <map>

#include "docs/links.h"

namespace skein::docs {
namespace {

using engine::ArtifactId;
using engine::Step;

class Planner {
 public:
  Planner(const SiteInputs& site, const SiteAgents& agents, const engine::Agent* first_publisher)
      : site_(site), steps_(site, agents), first_publisher_(first_publisher) {
    for (std::size_t i = 0; i < site.pictures.size(); ++i) pictures_.emplace(site.pictures[i].folder, i);
  }

  Result<SitePlan> plan() {
    name_artifacts();
    if (first_publisher_ != nullptr) SKEIN_DO(first_overview());
    for (const auto& folder : site_.tree.folders)
      for (const auto f : folder.files)
        if (site_.tree.files[f].page) SKEIN_DO(facts(f));
    const SiteTag users_tag{SiteStep::users, 0}, symbol_users_tag{SiteStep::symbol_users, 0};
    Step users = steps_.make(users_tag);
    users.outputs = {artifact("graph", ""), artifact("file users", "")};
    Step symbol_users = steps_.make(symbol_users_tag);
    symbol_users.inputs.push_back(artifact("file users", ""));
    for (std::uint32_t i = 0; i < site_.tree.folders.size(); ++i) {
      if (!site_.tree.folders[i].documented) continue;
      SKEIN_DO(links(i));
      users.inputs.push_back(folder_ids_[i].links);
      users.outputs.push_back(folder_ids_[i].users);
      symbol_users.inputs.push_back(folder_ids_[i].marks);
      symbol_users.outputs.push_back(folder_ids_[i].name_users);
    }
    for (const auto& spec : site_.pictures) users.outputs.push_back(picture_artifact("picture", spec));
    SKEIN_DO(add(users_tag, std::move(users)));
    SKEIN_DO(add(symbol_users_tag, std::move(symbol_users)));
    for (std::uint32_t i = 0; i < site_.pictures.size(); ++i) SKEIN_DO(picture(i));
    for (std::uint32_t i = 0; i < site_.tree.folders.size(); ++i) {
      const auto& folder = site_.tree.folders[i];
      if (!folder.documented) continue;
      SKEIN_DO(tally(i));
      SKEIN_DO(module(i));
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
    out_.look = steps_.look();
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

  Status add(SiteTag tag, Step step) {
    SKEIN_DO(out_.plan.add(std::move(step)));
    out_.tags.push_back(tag.kind == SiteStep::none ? 0 : tag.number());
    return {};
  }

  /// Adds a step all of whose outputs are pages.
  Status add_pages(SiteTag tag, Step made) {
    for (auto& path : steps_.pages(tag)) {
      const ArtifactId output = artifact("page", path);
      made.outputs.push_back(output);
      out_.pages.push_back(std::move(path));
      out_.page_outputs.push_back(output);
    }
    return add(tag, std::move(made));
  }

  ArtifactId picture_artifact(std::string_view what, const PictureSpec& spec) {
    const auto kind = spec.kind == Picture::Kind::inside ? " inside" : " around";
    return artifact(std::string(what).append(kind), site_.tree.folders[spec.folder].path);
  }

  Status picture(std::uint32_t index) {
    const SiteTag tag{SiteStep::picture, index};
    Step made = steps_.make(tag);
    made.inputs = {picture_artifact("picture", site_.pictures[index])};
    made.outputs = {picture_artifact("drawn", site_.pictures[index])};
    return add(tag, std::move(made));
  }

  Status topics() {
    const SiteTag tag{SiteStep::topics, 0};
    Step made = steps_.make(tag);
    made.inputs = {artifact("graph", "")};
    return add_pages(tag, std::move(made));
  }

  Status history() {
    const SiteTag tag{SiteStep::history, 0}, pages_tag{SiteStep::history_pages, 0};
    Step read = steps_.make(tag);
    read.outputs = {artifact("history", "")};
    SKEIN_DO(add(tag, std::move(read)));
    Step made = steps_.make(pages_tag);
    made.inputs = {artifact("history", ""), artifact("tally", "")};
    return add_pages(pages_tag, std::move(made));
  }

  Status facts(std::uint32_t index) {
    const SiteTag tag{SiteStep::facts, index};
    const auto& ids = file_ids_[index];
    Step made = steps_.make(tag);
    made.outputs = {ids.facts, ids.card, ids.imports, ids.names};
    if (first_publisher_ != nullptr) made.after = {artifact("published", "first overview")};
    return add(tag, std::move(made));
  }

  Status links(std::uint32_t index) {
    const SiteTag tag{SiteStep::links, index};
    Step made = steps_.make(tag);
    for (const auto f : site_.tree.folders[index].files)
      if (site_.tree.files[f].page) made.inputs.push_back(file_ids_[f].imports);
    made.outputs = {folder_ids_[index].links, folder_ids_[index].marks};
    return add(tag, std::move(made));
  }

  void add_children(Step& made, const TreeFolder& folder) {
    for (const auto f : folder.files)
      if (site_.tree.files[f].page) made.inputs.push_back(file_ids_[f].card);
    for (const auto c : folder.folders)
      if (site_.tree.folders[c].documented) made.inputs.push_back(folder_ids_[c].tally);
  }

  Status tally(std::uint32_t index) {
    const SiteTag tag{SiteStep::tally, index};
    Step made = steps_.make(tag);
    add_children(made, site_.tree.folders[index]);
    made.outputs = {folder_ids_[index].tally};
    return add(tag, std::move(made));
  }

  Status module(std::uint32_t index) {
    const SiteTag tag{SiteStep::module, index};
    const auto& ids = folder_ids_[index];
    Step made = steps_.make(tag);
    made.inputs = {ids.tally, ids.links, ids.users, ids.name_users};
    if (index != 0) {
      // In the site's order.
      const auto [begin, end] = pictures_.equal_range(index);
      for (auto i = begin; i != end; ++i) made.inputs.push_back(picture_artifact("drawn", site_.pictures[i->second]));
    }
    add_children(made, site_.tree.folders[index]);
    return add_pages(tag, std::move(made));
  }

  Status file_page(std::uint32_t index) {
    const SiteTag tag{SiteStep::file_page, index};
    const auto& folder = folder_ids_[site_.tree.files[index].folder];
    Step made = steps_.make(tag);
    made.inputs = {file_ids_[index].facts, folder.links, folder.users, folder.name_users};
    return add_pages(tag, std::move(made));
  }

  /// Something to read while the rest is made, in a commit of its own. Everything else waits for it.
  Status first_overview() {
    Step made = steps_.first_overview();
    Step publish;
    publish.name = "publish first overview";
    publish.agent = first_publisher_;
    publish.purity = engine::Purity::effectful;
    for (const auto& path : first_overview_pages()) {
      made.outputs.push_back(artifact("first page", path));
      publish.inputs.push_back(made.outputs.back());
    }
    publish.outputs = {artifact("published", "first overview")};
    SKEIN_DO(add({}, std::move(made)));
    return add({}, std::move(publish));
  }

  Status overview() {
    const SiteTag tag{SiteStep::overview, 0};
    Step made = steps_.make(tag);
    made.inputs = {artifact("tally", ""), artifact("graph", ""), artifact("history", "")};
    if (!site_.pictures.empty()) {
      made.inputs.push_back(picture_artifact("picture", site_.pictures.front()));
      made.inputs.push_back(picture_artifact("drawn", site_.pictures.front()));
    }
    add_children(made, site_.tree.folders.front());
    return add_pages(tag, std::move(made));
  }

  /// What a group hands to a letter, and a letter to a shard.
  ArtifactId rows(std::size_t group, std::string_view letter) {
    return artifact(fmt::format("names {} of", group), letter);
  }

  Status symbols() {
    const auto& letters = steps_.letters();
    for (std::uint32_t i = 0; i < site_.name_groups.size(); ++i) {
      const SiteTag tag{SiteStep::names, i};
      Step made = steps_.make(tag);
      for (const auto f : site_.name_groups[i].files) made.inputs.push_back(file_ids_[f].names);
      for (const auto& letter : letters) made.outputs.push_back(rows(i, letter));
      SKEIN_DO(add(tag, std::move(made)));
    }
    const SiteTag index_tag{SiteStep::symbols, 0};
    Step index = steps_.make(index_tag);
    for (std::uint32_t l = 0; l < letters.size(); ++l) {
      const SiteTag tag{SiteStep::letter, l};
      Step made = steps_.make(tag);
      for (std::size_t i = 0; i < site_.name_groups.size(); ++i) made.inputs.push_back(rows(i, letters[l]));
      made.outputs.push_back(artifact("sizes of letter", letters[l]));
      index.inputs.push_back(made.outputs.back());
      for (std::uint32_t s = 0; s < steps_.shards().size(); ++s) {
        if (steps_.shards()[s].second != l) continue;
        made.outputs.push_back(artifact("rows of shard", steps_.shards()[s].first));
        const SiteTag shard_tag{SiteStep::shard, s};
        Step shard = steps_.make(shard_tag);
        shard.inputs = {made.outputs.back()};
        SKEIN_DO(add_pages(shard_tag, std::move(shard)));
      }
      SKEIN_DO(add(tag, std::move(made)));
    }
    return add_pages(index_tag, std::move(index));
  }

  const SiteInputs& site_;
  const SiteSteps steps_;
  const engine::Agent* first_publisher_;
  std::vector<FileIds> file_ids_;
  std::vector<FolderIds> folder_ids_;
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
