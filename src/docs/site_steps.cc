#include "docs/site_steps.h"

#include <initializer_list>

#include "base/check.h"
#include "docs/links.h"
#include "docs/page_set.h"
#include "docs/purpose.h"
#include "docs/symbol_index.h"
#include "docs/theme.h"
#include "docs/topic.h"

namespace skein::docs {
namespace {

using engine::Step;

/// Raised with any change of records.cc's layouts or of what the agents take from each other.
constexpr std::string_view kRecordsVersion = "10";

/// What of a file's name decides on its language: its extension, or all of it ("CMakeLists.txt").
std::string typical_name(std::string_view name, const repo::Languages& languages) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string(name);
  std::string typical = std::string("x").append(name.substr(dot));
  if (languages.by_path_and_content(typical, {}) != languages.by_path_and_content(name, {})) return std::string(name);
  return typical;
}

Step step(std::string_view kind, std::string_view path, const engine::Agent& agent) {
  Step made;
  made.name = path.empty() ? std::string(kind) : std::string(kind).append(" ").append(path);
  made.agent = &agent;
  made.locator = path;
  made.parts = {{"records", std::string(kRecordsVersion)}};
  return made;
}

std::vector<std::string> topic_pages(std::size_t begin, std::size_t end) {
  std::vector<std::string> pages;
  for (std::size_t i = begin; i < end; ++i)
    for (const auto form : {".html", ".md", ".json"}) pages.push_back(topic_file(topic_names()[i].name, form));
  return pages;
}

}  // namespace

SiteSteps::SiteSteps(const SiteInputs& site, const SiteAgents& agents)
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
      paths_(site.tree.paths_digest.hex()),
      import_roots_(site.paths.roots().digest().hex()),
      languages_(site.languages.digest().hex()),
      width_(shard_width(site.tree.pages)),
      letters_(letter_names(width_)) {
  for (std::uint32_t i = 0; i < letters_.size(); ++i)
    for (auto& name : shards_of_letter(letters_[i], width_)) shards_.emplace_back(std::move(name), i);
}

const std::vector<SiteStep>& SiteSteps::single() {
  static const std::vector<SiteStep> kinds{SiteStep::users,   SiteStep::symbol_users,  SiteStep::overview,
                                           SiteStep::history, SiteStep::history_pages, SiteStep::topics,
                                           SiteStep::symbols};
  return kinds;
}

Digest SiteSteps::common() const {
  Hasher hasher;
  hasher.field(kRecordsVersion).field(look_).field(folder_names_).field(paths_).field(import_roots_).field(languages_);
  hasher.field(site_.site.rendering).number(site_.layouter == nullptr ? 0 : 1);
  if (site_.layouter != nullptr) hasher.field(site_.layouter->version());
  hasher.number(site_.pictures.size()).number(site_.name_groups.size());
  for (const auto& spec : site_.pictures) hasher.number(spec.folder).number(static_cast<std::uint64_t>(spec.kind));
  for (const auto& group : site_.name_groups) hasher.field(group.digest);
  for (const engine::Agent* agent : std::initializer_list<const engine::Agent*>{
           &agents_.facts, &agents_.links, &agents_.users, &agents_.symbol_users, &agents_.picture, &agents_.topics,
           &agents_.history, &agents_.history_pages, &agents_.tally, &agents_.file_page, &agents_.module_page,
           &agents_.overview, &agents_.names, &agents_.letter, &agents_.shard, &agents_.symbols})
    hasher.field(agent->name()).field(agent->result_version());
  return hasher.finish();
}

Digest SiteSteps::folder(std::uint32_t index) const {
  const auto& folder = site_.tree.folders[index];
  Hasher hasher;
  hasher.field(folder.digest).field(folder.pages).number(folder.readme == TreeFolder::kNone ? 0 : 1);
  if (folder.readme != TreeFolder::kNone) hasher.field(site_.tree.files[folder.readme].file->digest);
  return hasher.finish();
}

void SiteSteps::describe(Step& made, const TreeFolder& folder) const {
  made.parts.push_back({"folder", folder.path});
  made.parts.push_back({"files", folder.digest.hex()});
  if (folder.readme != TreeFolder::kNone)
    made.parts.push_back({"readme", site_.tree.files[folder.readme].file->digest.hex()});
}

/// What of the files beside their paths and imports decides on entry points and orphans.
std::string SiteSteps::kinds_of_files() const {
  Hasher hasher;
  for (const auto& file : site_.tree.files)
    if (file.page)
      hasher.number((file.file->traits.test ? 1U : 0U) | (file.file->traits.documentation ? 2U : 0U) |
                    (file.file->traits.foreign() ? 4U : 0U));
  for (const auto& entry : site_.project.entry_points) hasher.field(entry.target.path);
  return hasher.finish().hex();
}

Step SiteSteps::overview_step(std::string_view name, const engine::Agent& agent) const {
  Step made = step(name, "", agent);
  describe(made, site_.tree.folders.front());
  made.parts.push_back({"look", look_});
  made.parts.push_back({"languages", languages_});
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

Step SiteSteps::first_overview() const {
  Step made = overview_step("first overview", agents_.first_overview);
  // Sizes by language need every file.
  Hasher sizes;
  for (const auto& file : site_.tree.files) sizes.number(file.file->size).number(file.page ? 1 : 0);
  made.parts.push_back({"sizes", sizes.finish().hex()});
  return made;
}

Step SiteSteps::make(SiteTag tag) const {
  const auto& tree = site_.tree;
  switch (tag.kind) {
    case SiteStep::none:
      break;
    case SiteStep::facts: {
      const auto& file = tree.files[tag.index];
      Step made = step("facts", file.file->path, agents_.facts);
      // The path itself is no part of the key; what of it decides on the language is.
      made.parts.push_back({"content", file.file->digest.hex()});
      made.parts.push_back({"name", typical_name(file.name(), site_.languages)});
      made.parts.push_back({"languages", languages_});
      return made;
    }
    case SiteStep::links: {
      const auto& folder = tree.folders[tag.index];
      Step made = step("links", folder.path, agents_.links);
      made.parts.push_back({"folder", folder.path});
      made.parts.push_back({"paths", paths_});
      made.parts.push_back({"import roots", import_roots_});
      made.parts.push_back({"languages", languages_});
      return made;
    }
    case SiteStep::users: {
      Step made = step("users", "", agents_.users);
      made.parts.push_back({"paths", paths_});
      made.parts.push_back({"kinds of files", kinds_of_files()});
      made.parts.push_back({"languages", languages_});
      made.parts.push_back({"pictures", std::to_string(site_.pictures.size())});
      return made;
    }
    case SiteStep::symbol_users: {
      Step made = step("symbol users", "", agents_.symbol_users);
      made.parts.push_back({"paths", paths_});
      made.parts.push_back({"kinds of files", kinds_of_files()});
      return made;
    }
    case SiteStep::picture: {
      const auto& spec = site_.pictures[tag.index];
      const auto& path = tree.folders[spec.folder].path;
      Step made = step(spec.kind == Picture::Kind::inside ? "picture inside" : "picture around", path, agents_.picture);
      made.parts.push_back({"page", spec.folder == 0 ? std::string(kOverviewHtml) : module_page(path)});
      made.parts.push_back({"rendering", site_.site.rendering});
      made.parts.push_back({"graphviz", site_.layouter == nullptr ? "" : std::string(site_.layouter->version())});
      return made;
    }
    case SiteStep::tally: {
      const auto& folder = tree.folders[tag.index];
      Step made = step("tally", folder.path, agents_.tally);
      describe(made, folder);
      made.parts.push_back({"folder names", folder_names_});
      made.parts.push_back({"languages", languages_});
      return made;
    }
    case SiteStep::module: {
      const auto& folder = tree.folders[tag.index];
      Step made = step("module", folder.path, agents_.module_page);
      describe(made, folder);
      made.parts.push_back({"look", look_});
      made.parts.push_back({"languages", languages_});
      if (folder.readme != TreeFolder::kNone) made.parts.push_back({"paths", paths_});
      return made;
    }
    case SiteStep::file_page: {
      const auto& file = tree.files[tag.index];
      Step made = step("page", file.file->path, agents_.file_page);
      made.parts.push_back({"path", file.file->path});
      made.parts.push_back({"size", std::to_string(file.file->size)});
      made.parts.push_back({"mark", file.mark});
      made.parts.push_back({"look", look_});
      made.parts.push_back({"languages", languages_});
      made.parts.push_back({"neighbours", tree.folders[file.folder].pages.hex()});
      return made;
    }
    case SiteStep::overview:
      return overview_step("overview", agents_.overview);
    case SiteStep::history: {
      Step made = step("history", "", agents_.history);
      made.parts.push_back({"history", site_.history});
      made.parts.push_back({"paths", paths_});
      return made;
    }
    case SiteStep::history_pages: {
      Step made = step("history pages", "", agents_.history_pages);
      made.parts.push_back({"look", look_});
      made.parts.push_back({"paths", paths_});
      return made;
    }
    case SiteStep::topics: {
      Step made = step("topics", "", agents_.topics);
      made.parts.push_back({"look", look_});
      made.parts.push_back({"paths", paths_});
      made.parts.push_back({"project", digest_of(site_.project).hex()});
      return made;
    }
    case SiteStep::names: {
      Step made = step("names", std::to_string(tag.index), agents_.names);
      made.parts.push_back({"paths", site_.name_groups[tag.index].digest.hex()});
      made.parts.push_back({"width", std::to_string(width_)});
      return made;
    }
    case SiteStep::letter: {
      const auto& letter = letters_[tag.index];
      Step made = step("letter", letter, agents_.letter);
      made.parts.push_back({"letter", letter});
      made.parts.push_back({"width", std::to_string(width_)});
      return made;
    }
    case SiteStep::shard: {
      const auto& name = shards_[tag.index].first;
      Step made = step("shard", name, agents_.shard);
      made.parts.push_back({"look", look_});
      made.parts.push_back({"shard", name});
      return made;
    }
    case SiteStep::symbols: {
      Step made = step("symbols", "", agents_.symbols);
      made.parts.push_back({"look", look_});
      made.parts.push_back({"width", std::to_string(width_)});
      return made;
    }
  }
  SKEIN_CHECK(false);
}

std::vector<std::string> SiteSteps::pages(SiteTag tag) const {
  const auto& tree = site_.tree;
  const std::size_t first_of_history = topic_names().size() - kHistoryTopics;
  switch (tag.kind) {
    case SiteStep::module: {
      const auto& path = tree.folders[tag.index].path;
      return {module_page(path), module_page(path, PageForm::markdown), module_shard(path)};
    }
    case SiteStep::file_page: {
      const auto& path = tree.files[tag.index].file->path;
      return {docs::file_page(path), docs::file_page(path, PageForm::markdown)};
    }
    case SiteStep::overview:
      return {std::string(kOverviewHtml), std::string(kOverviewMarkdown), std::string(kLlmsTxt),
              std::string(kSiteIndex)};
    case SiteStep::topics:
      return topic_pages(0, first_of_history);
    case SiteStep::history_pages:
      return topic_pages(first_of_history, topic_names().size());
    case SiteStep::shard:
      return {page_set(shard_file(shards_[tag.index].first))};
    case SiteStep::symbols:
      return {std::string(kSymbolsHtml), std::string(kSymbolsMarkdown), std::string(kSymbolsScript)};
    case SiteStep::none:
    case SiteStep::facts:
    case SiteStep::links:
    case SiteStep::users:
    case SiteStep::symbol_users:
    case SiteStep::picture:
    case SiteStep::tally:
    case SiteStep::history:
    case SiteStep::names:
    case SiteStep::letter:
      break;
  }
  return {};
}

}  // namespace skein::docs
