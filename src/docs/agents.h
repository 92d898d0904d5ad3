// The builtin agents of a site: each does one kind of step, from typed inputs to bytes. All are pure; publish.h has the
// one that is not.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "docs/folder_ties.h"
#include "docs/model.h"
#include "docs/project_page.h"
#include "docs/symbol_shards.h"
#include "docs/tree.h"
#include "engine/step.h"
#include "repo/history.h"
#include "repo/resolve.h"

namespace skein::docs {

/// What the agents of one run share; immutable while it runs.
struct SiteInputs {
  const repo::Languages& languages;
  const SiteTree& tree;
  const repo::PathIndex& paths;  ///< Of all files, also those without pages.
  SiteContext site;
  ProjectPage project;  ///< What the overview says beside what is counted.
  std::vector<PictureSpec> pictures{};
  std::vector<NameGroup> name_groups{};              ///< Of the tree.
  const PictureLayouter* layouter = nullptr;         ///< Null: pictures are lists.
  std::function<repo::HistoryLog()> read_history{};  ///< Of the commit and window that `history` names.
  std::string history{};                             ///< Part of the key of what is made of it; "": there is none.
};

/// "repo.facts": the bytes of one file to its facts. Inputs: none; the locator is the path. Outputs: facts, card,
/// imports, names.
class FactsAgent final : public engine::Agent {
 public:
  explicit FactsAgent(const repo::Languages& languages) : languages_(languages) {}
  std::string_view name() const override { return "repo.facts"; }
  std::string_view result_version() const override;
  Status run(engine::StepContext& context) const override;

 private:
  const repo::Languages& languages_;
};

/// An agent that is a function over SiteInputs. The step's locator is the path of its file or folder.
class SiteAgent final : public engine::Agent {
 public:
  using Body = Status (*)(const SiteInputs&, engine::StepContext&);
  SiteAgent(std::string_view name, const SiteInputs& inputs, Body body) : name_(name), inputs_(inputs), body_(body) {}
  std::string_view name() const override { return name_; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override { return body_(inputs_, context); }

 private:
  std::string_view name_;
  const SiteInputs& inputs_;
  Body body_;
};

// Bodies of SiteAgents, with the order of their inputs and outputs.

/// In: imports of each of the folder's files with a page. Out: FolderLinks, FileMarks of each file.
Status link_folder(const SiteInputs& site, engine::StepContext& context);
/// In: FolderLinks of every folder with pages, in the tree's order. Out: GraphSummary, the files' users as numbers,
/// then FolderUsers of every such folder, then the site's pictures.
Status find_users(const SiteInputs& site, engine::StepContext& context);
/// In: the files' users as numbers, then FileMarks of the files of every folder with pages, in the tree's order. Out:
/// NameUsers of the files of every such folder.
Status find_symbol_users(const SiteInputs& site, engine::StepContext& context);
/// In: a Picture. Out: its HTML, laid out by the layouter, for the page that the part "page" names.
Status draw_picture(const SiteInputs& site, engine::StepContext& context);
/// In: nothing. Out: repo::History of the most changed files and folders.
Status read_history(const SiteInputs& site, engine::StepContext& context);
/// In: repo::History, Tally of the root. Out: HTML, Markdown and JSON of the topics of the history.
Status write_history(const SiteInputs& site, engine::StepContext& context);
/// In: GraphSummary. Out: HTML, Markdown and JSON of every topic.
Status write_topics(const SiteInputs& site, engine::StepContext& context);
/// In: cards of the folder's files with a page, then tallies of its documented child folders. Out: Tally.
Status tally_folder(const SiteInputs& site, engine::StepContext& context);
/// In: facts, FolderLinks, FolderUsers, NameUsers of the folder's files. Out: HTML, Markdown.
Status write_file_page(const SiteInputs& site, engine::StepContext& context);
/// In: Tally, FolderLinks, FolderUsers, NameUsers, its pictures' HTML in the site's order, then cards and child tallies
/// as for tally_folder. Out: HTML, Markdown, shard.
Status write_module_page(const SiteInputs& site, engine::StepContext& context);
/// In: names of a group's files. Out: its rows of every letter. The locator is the group's number.
Status gather_names(const SiteInputs& site, engine::StepContext& context);
/// In: the rows of a letter of every group. Out: the sizes of its shards, then their rows in order. The locator is the
/// letter.
Status sort_letter(const SiteInputs& site, engine::StepContext& context);
/// In: the rows of a shard. Out: its pages as a set (page_set.h). The locator is its name.
Status write_shard(const SiteInputs& site, engine::StepContext& context);
/// In: the sizes of every letter's shards. Out: HTML, Markdown and script that say which shards there are.
Status write_symbols(const SiteInputs& site, engine::StepContext& context);
/// In: nothing. Out: index.html, index.md, llms.txt, index.json, of what is known before any file is parsed.
Status write_first_overview(const SiteInputs& site, engine::StepContext& context);
/// In: Tally of the root, GraphSummary, repo::History, the first picture and its HTML, then cards of the root's files
/// and tallies of its children. Out: index.html, index.md, llms.txt, index.json.
Status write_overview(const SiteInputs& site, engine::StepContext& context);

}  // namespace skein::docs
