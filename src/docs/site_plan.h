// The plan of a site: a pure function from what is documented to a graph of steps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docs/agents.h"
#include "docs/change_log.h"
#include "engine/plan.h"

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

struct SitePlan {
  engine::Plan plan;
  std::vector<std::string> pages;                ///< Their paths in the site,
  std::vector<engine::ArtifactId> page_outputs;  ///< and what they are made of, in the same order.
  std::vector<PastFile> files;                   ///< Documented files, sorted by path, without digests of facts,
  std::vector<engine::ArtifactId> facts;         ///< and their facts, in the same order.
  std::string look, languages;                   ///< As in PastSite.
};

/// The pages of the first overview, as its publisher gets them.
[[nodiscard]] std::vector<std::string> first_overview_pages();
/// Everything but the publication. Errors: `internal` only.
/// `first_publisher`, if given, publishes a first overview, and no file is parsed before that is on disk.
[[nodiscard]] Result<SitePlan> plan_site(const SiteInputs& site, const SiteAgents& agents,
                                         const engine::Agent* first_publisher = nullptr);

}  // namespace skein::docs
