// The steps of a site one by one: what each is and what is in its key. How they are tied together is the plan's affair
// (site_plan.h); a step of a plan that was remembered is made again from its tag alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "docs/agents.h"

namespace skein::docs {

/// The agents of one run; they refer to its inputs.
struct SiteAgents {
  explicit SiteAgents(const SiteInputs& site)
      : facts(site.languages),
        links("docs.links", site, link_folder),
        users("docs.users", site, find_users),
        symbol_users("docs.symbol-users", site, find_symbol_users),
        picture("docs.picture", site, draw_picture),
        topics("docs.topics", site, write_topics),
        history("docs.history", site, read_history),
        history_pages("docs.history-pages", site, write_history),
        tally("docs.tally", site, tally_folder),
        file_page("docs.file-page", site, write_file_page),
        module_page("docs.module-page", site, write_module_page),
        overview("docs.overview", site, write_overview),
        names("docs.names", site, gather_names),
        letter("docs.letter", site, sort_letter),
        shard("docs.shard", site, write_shard),
        symbols("docs.symbols", site, write_symbols),
        first_overview("docs.first-overview", site, write_first_overview) {}

  FactsAgent facts;
  SiteAgent links, users, symbol_users, picture, topics, history, history_pages, tally, file_page, module_page,
      overview, names, letter, shard, symbols, first_overview;
};

enum class SiteStep : std::uint8_t {
  none,  ///< Of no kind that is made again from its tag.
  facts,
  links,
  users,
  symbol_users,
  picture,
  tally,
  module,
  file_page,
  overview,
  history,
  history_pages,
  topics,
  names,
  letter,
  shard,
  symbols,
};

/// Which step of a site: its kind, and which file or folder (place in the tree), picture, group, letter or shard it is
/// about; 0 where there is one of its kind.
struct SiteTag {
  SiteStep kind = SiteStep::none;
  std::uint32_t index = 0;

  [[nodiscard]] std::uint64_t number() const { return std::uint64_t{static_cast<std::uint8_t>(kind)} << 32 | index; }
  [[nodiscard]] static SiteTag of(std::uint64_t number) {
    return {static_cast<SiteStep>(number >> 32), static_cast<std::uint32_t>(number)};
  }
};

class SiteSteps {
 public:
  /// Both outlive this.
  SiteSteps(const SiteInputs& site, const SiteAgents& agents);

  /// The step without what it takes and makes. REQUIRES a tag of this tree, not `none`.
  [[nodiscard]] engine::Step make(SiteTag tag) const;
  /// Where in the site its outputs go, as pages or sets of them, in their order; nothing where they are no pages.
  [[nodiscard]] std::vector<std::string> pages(SiteTag tag) const;
  [[nodiscard]] engine::Step first_overview() const;

  [[nodiscard]] const std::vector<std::string>& letters() const { return letters_; }
  /// With the letter (place in `letters`) that each belongs to.
  [[nodiscard]] const std::vector<std::pair<std::string, std::uint32_t>>& shards() const { return shards_; }
  [[nodiscard]] std::uint32_t width() const { return static_cast<std::uint32_t>(width_); }
  [[nodiscard]] const std::string& look() const { return look_; }

  // For what is remembered of a plan: the keys of its steps are the same where the first of these is, but for steps of
  // files with other bytes, for the next of folders, and for the key of each step that there is one of.
  /// Of the steps that there are, how they are tied together, and of what is in the keys of many.
  [[nodiscard]] Digest common() const;
  /// Of what is in the keys of a folder's steps beside it.
  [[nodiscard]] Digest folder(std::uint32_t index) const;
  /// The kinds of which there is one step.
  [[nodiscard]] static const std::vector<SiteStep>& single();

 private:
  [[nodiscard]] engine::Step overview_step(std::string_view name, const engine::Agent& agent) const;
  void describe(engine::Step& made, const TreeFolder& folder) const;
  [[nodiscard]] std::string kinds_of_files() const;

  const SiteInputs& site_;
  const SiteAgents& agents_;
  std::string look_;
  std::string folder_names_;
  std::string paths_;
  std::string import_roots_;
  std::string languages_;
  int width_;
  std::vector<std::string> letters_;
  std::vector<std::pair<std::string, std::uint32_t>> shards_;
};

}  // namespace skein::docs
