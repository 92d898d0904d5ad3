// The plan of a site: a pure function from what is documented to a graph of steps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docs/change_log.h"
#include "docs/site_steps.h"
#include "engine/plan.h"

namespace skein::docs {

struct SitePlan {
  engine::Plan plan;
  std::vector<std::uint64_t> tags;               ///< By step: SiteTag::number; 0 for those of a publication.
  std::vector<std::string> pages;                ///< Their paths in the site, and sets of pages (page_set.h),
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
