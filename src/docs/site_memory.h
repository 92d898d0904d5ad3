// What a finished documentation leaves for the next: its plan with the digests of all that was made, and what the keys
// of its steps stood on. Where nothing but files' bytes differ, only the steps that these touch are planned again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docs/site_plan.h"
#include "engine/remembered_plan.h"

namespace skein::docs {

/// What the keys of a site's steps stood on, beside what they took from each other.
struct SiteSources {
  Digest common;                                    ///< SiteSteps::common.
  std::vector<Digest> contents;                     ///< Of the files with a page, in the tree's order.
  std::vector<Digest> folders;                      ///< SiteSteps::folder of every folder, in the tree's order.
  std::vector<std::pair<SiteStep, Digest>> single;  ///< The declared keys of SiteSteps::single, without inputs.

  [[nodiscard]] static SiteSources of(const SiteTree& tree, const SiteSteps& steps);
};

/// Of one publication; belongs to the tables that were written with it.
class SiteMemory {
 public:
  /// What it belongs to, checked before it is used.
  struct Bond {
    Digest request;           ///< As of the tables.
    Digest manifest;          ///< Of the site's manifest: the site holds what was made.
    std::uint64_t table = 0;  ///< Checksum of the table of the tree: `rest` belongs to it.
    bool operator==(const Bond&) const = default;
  };

  /// Errors: as RememberedPlan::open.
  [[nodiscard]] static Result<SiteMemory> open(const std::string& path);

  [[nodiscard]] const Bond& bond() const { return bond_; }
  [[nodiscard]] const engine::RememberedPlan& plan() const { return plan_; }
  /// repo::encode_rest of the snapshot.
  [[nodiscard]] std::string_view rest() const { return rest_; }

  /// The steps whose own keys are other ones now. Nothing where the plan is another one.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> changed(const SiteTree& tree, const SiteSources& now) const;

  /// The bytes of a memory of a plan that was carried out whole: `artifacts` as of the run. Errors: `internal`.
  [[nodiscard]] static Result<std::string> of_run(const SitePlan& planned, const std::vector<Digest>& artifacts,
                                                  const Bond& bond, const SiteSources& sources, std::string_view rest);
  /// Writes this one after a change: `changed` are the artifacts of `plan()` that are other ones now.
  Status save_after(FileSystem& files, const std::string& path, const std::map<std::uint32_t, Digest>& changed,
                    const Bond& bond, const SiteSources& sources, std::string_view rest) const;

 private:
  explicit SiteMemory(engine::RememberedPlan plan) : plan_(std::move(plan)) {}

  engine::RememberedPlan plan_;
  Bond bond_;
  SiteSources sources_;
  std::string_view rest_;  // Of the plan's file.
};

}  // namespace skein::docs
