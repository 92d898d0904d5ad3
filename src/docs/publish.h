// The step that installs a site: one commit for each stage, the manifest last.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "docs/change_log.h"
#include "docs/manifest.h"
#include "docs/model.h"
#include "engine/result_store.h"
#include "engine/step.h"

namespace skein::docs {

/// What is known of the target before.
enum class TargetState : std::uint8_t {
  as_manifest_says,  ///< Nobody else added or removed a file: the manifest is believed.
  unknown,           ///< Killed runs, other hands: every file of the manifest is read and compared.
};

/// What a publication did, for the report; valid after the run.
struct Published {
  std::size_t written = 0;
  std::size_t removed = 0;
  std::size_t total = 0;
  std::vector<engine::FileChange> changes;
  bool first = false;           ///< There was no site before.
  std::optional<Instant> when;  ///< It was complete on disk.
  Digest manifest;              ///< Of the manifest that was written; none where nothing was.
  SiteChanges log;              ///< What changed and why; nothing where nothing was published.
};

/// A site, and where it goes.
struct Publication {
  std::string target;
  TargetState state = TargetState::unknown;
  SiteStage stage = SiteStage::pages;
  /// `pages[i]` is where input i goes, as a page or as a set of them (page_set.h); the assets are written beside them.
  std::vector<std::string> pages;
  /// The publication that this one follows: `pages` are only those that may not be as it had them, and nothing else
  /// of the site is looked at. REQUIRES a target as its manifest says, and the last stage. Null: `pages` are all.
  const PastSite* follows = nullptr;
  // For the change log of the last stage:
  SiteContext site;
  std::string past;             ///< Path of what the state remembers of the last publication.
  std::string commit;           ///< HEAD's id, or empty.
  std::string look, languages;  ///< As in PastSite.
  /// `files[k].facts` is taken from input pages.size() + k. Sorted by path. With `follows` they are all, and only those
  /// of `changed_files` (places in `files`, rising) have an input, in that order.
  std::vector<PastFile> files;
  std::vector<std::size_t> changed_files{};
};

/// "docs.publish": installs the site as one commit. In: every page, then facts; out: none. Effectful. Refuses a target
/// whose first pages somebody else wrote.
class PublishAgent final : public engine::Agent {
 public:
  /// Compares only, and writes nothing: `changes` is what a publication would do.
  enum class Mode : std::uint8_t { install, compare };
  /// `helpers`, if given, write files too.
  PublishAgent(FileSystem& files, engine::ResultStore& results, Publication publication, Mode mode, Published& outcome,
               Executor* helpers = nullptr)
      : files_(files),
        results_(results),
        publication_(std::move(publication)),
        mode_(mode),
        outcome_(outcome),
        helpers_(helpers) {}
  std::string_view name() const override { return "docs.publish"; }
  std::string_view result_version() const override { return "1.1"; }
  bool records_first() const override { return true; }
  Status run(engine::StepContext& context) const override;

 private:
  [[nodiscard]] PastSite now(const engine::StepContext& context) const;
  void tell(PastSite& now, const PastSite* before, const std::vector<engine::FileChange>& changes) const;
  Status follow(engine::StepContext& context) const;
  /// What input i holds, with the paths that it goes to; nothing where there is no page.
  [[nodiscard]] Result<std::vector<SiteFile>> pages_of(engine::StepContext& context, std::size_t i) const;
  /// Writes the change log and commits; `manifest`: all of it; `is_there`: whether a file was in the site before.
  Status install_last(engine::StepContext& context, engine::ChangeList list, PastSite past, const std::string& manifest,
                      const std::function<bool(std::string_view)>& is_there) const;
  Status install(engine::StepContext& context, engine::ChangeList list, const std::string& manifest) const;

  FileSystem& files_;
  engine::ResultStore& results_;
  Publication publication_;
  Mode mode_;
  Published& outcome_;  // Written by the one publishing step.
  Executor* helpers_;
};

/// What the state remembers of the site whose manifest has this digest. Errors: `not_found` where it remembers none.
[[nodiscard]] Result<PastSite> read_past_site(FileSystem& files, const std::string& past, const Digest& manifest);

}  // namespace skein::docs
