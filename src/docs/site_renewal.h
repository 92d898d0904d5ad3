// A site made again where a change touched it, out of what is remembered of the last publication: the steps that stand
// on the change, as far as they make something else, and the publication of the pages that are new.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "docs/publish.h"
#include "docs/site_memory.h"
#include "engine/regrowth.h"

namespace skein::docs {

class SiteRenewal {
 public:
  /// `memory`, `tree`, `steps`, `past`, `published` and `helpers` outlive it. `past` is of the memory's publication,
  /// and has a file for each with a page in `tree`. `publication`: all of it but pages, files and what it follows.
  SiteRenewal(const SiteMemory& memory, const SiteTree& tree, const SiteSteps& steps, const PastSite& past,
              FileSystem& files, engine::ResultStore& results, Publication publication, Published& published,
              Executor& helpers);
  SiteRenewal(const SiteRenewal&) = delete;
  SiteRenewal& operator=(const SiteRenewal&) = delete;

  /// Fills `plan()`, which grows while it is carried out. `changed`: as of SiteMemory::changed.
  Status begin(std::span<const std::uint32_t> changed) { return regrowth_.begin(plan_, changed); }
  [[nodiscard]] engine::Plan& plan() { return plan_; }
  /// After the run: the artifacts of the remembered plan that are other ones now.
  [[nodiscard]] const std::map<std::uint32_t, Digest>& changed() const { return regrowth_.changed(); }

 private:
  Status publish(engine::Plan& plan);

  const SiteMemory& memory_;
  const SiteTree& tree_;
  const SiteSteps& steps_;
  const PastSite& past_;
  FileSystem& files_;
  engine::ResultStore& results_;
  Publication publication_;
  Published& published_;
  Executor& helpers_;
  std::optional<PublishAgent> publisher_;
  engine::Regrowth regrowth_;
  engine::Plan plan_;
};

}  // namespace skein::docs
