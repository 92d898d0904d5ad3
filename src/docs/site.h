// The documentation product's front door: from a workspace to a published site.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/executor.h"
#include "base/file_system.h"
#include "docs/publish.h"
#include "engine/session.h"
#include "repo/history_log.h"
#include "repo/snapshot.h"
#include "store/stat_table.h"

namespace skein::docs {

struct SiteRequest {
  std::string root;                  ///< Absolute: what is documented.
  std::string target;                ///< Absolute: where the site goes.
  std::string table;                 ///< Path of the remembered table of `root`, in the state folder.
  std::string lock;                  ///< Path of the target's lock file, in the user's state folder.
  std::string name;                  ///< The project's name where the settings say one; or empty.
  std::string description;           ///< Likewise.
  std::vector<std::string> exclude;  ///< What to leave out, as lines of a .gitignore.
  std::vector<std::string> watch;    ///< Files whose change ends a no-op: settings.
  std::string history_log;           ///< Path of the file that remembers read commits; empty: none.
  repo::HistoryWindow history;       ///< Which commits count for owners and hot spots.
  std::string graphviz;              ///< Path of Graphviz' `dot`; empty: pictures are lists.
  Digest build;                      ///< Of this skein: another one never takes a no-op for granted.
  bool use_cache = true;             ///< False: also no no-op.
  /// Gets what is large and of no more use, where that goes with the process: freeing it piece by piece takes a tenth
  /// of an edit in a large tree. Null: it is freed.
  std::vector<std::shared_ptr<void>>* remains = nullptr;

  /// What is remembered of the last publication, for the change log.
  [[nodiscard]] std::string past() const { return table + ".past"; }
  /// What is remembered of its plan (SiteMemory).
  [[nodiscard]] std::string memory() const { return table + ".plan"; }
};

struct SiteReport {
  bool unchanged = false;  ///< Nothing was different: nothing was read but file stamps.
  std::string run;         ///< Empty when unchanged.
  engine::RunStatus status = engine::RunStatus::ok;
  std::size_t files = 0;       ///< In the workspace.
  std::size_t documented = 0;  ///< Of these, with a page.
  std::size_t steps_done = 0;
  std::size_t steps_reused = 0;
  bool renewed = false;  ///< Only what a change touches was planned; the other steps count as reused.
  std::vector<engine::StepFailure> failures;
  Published site;
  Micros first_overview{};  ///< From the start until a first overview was on disk; 0 where there was one before.
  Micros wall{};
  std::vector<std::string> notes;
};

/// A look at the tree and the site beside what the last complete documentation with this request remembered.
struct SiteLook {
  bool unchanged = false;        ///< Neither the tree, the settings, this skein nor the site's folders have changed.
  std::uint64_t table = 0;       ///< Checksum of the table of the tree that it was compared with; 0: of none.
  store::StatChanges changes{};  ///< What differs from that.
};
/// Costs a stat per file and folder.
[[nodiscard]] SiteLook look_at(const SiteRequest& request);
[[nodiscard]] inline bool is_unchanged(const SiteRequest& request) { return look_at(request).unchanged; }

/// What stands where the site is, compared with what it would be. Writes nothing, anywhere: all steps are done, and
/// their results are kept in memory.
struct SiteDifference {
  bool exists = false;
  std::vector<std::string> missing;  ///< Files of the site that are not there,
  std::vector<std::string> stale;    ///< or have other bytes than they should,
  std::vector<std::string> surplus;  ///< or should not be there.
  std::vector<std::string> notes;
  [[nodiscard]] bool is_current() const { return missing.empty() && stale.empty() && surplus.empty(); }
};
/// Errors: as for `document`, and of the first step that failed.
[[nodiscard]] Result<SiteDifference> compare(const SiteRequest& request, FileSystem& files, Executor& pool,
                                             EventLoop& loop, const engine::RunOptions& options, std::stop_token stop);

/// The workspace's files as they are now; those whose stamps are in the request's table are not read again.
[[nodiscard]] Result<repo::Snapshot> scan_workspace(const SiteRequest& request, Executor& pool);

/// The change log of the site, the newest entry first. Errors: `not_found` where nothing is remembered.
[[nodiscard]] Result<std::vector<SiteChanges>> change_log(const SiteRequest& request, FileSystem& files);

/// Makes the site. `look`, if given, was taken a moment ago: it saves one. Errors: `unavailable` while another skein
/// writes to the target; of the scan, the session and the run as a whole; failed steps are in the report, and then
/// nothing is published.
[[nodiscard]] Result<SiteReport> document(const SiteRequest& request, FileSystem& files, Executor& pool,
                                          engine::Session& session, engine::RunRequest run,
                                          const SiteLook* look = nullptr);

}  // namespace skein::docs
