// The documentation product's front door: from a workspace to a published site.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/file_system.h"
#include "docs/agents.h"
#include "engine/session.h"

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
  Digest build;                      ///< Of this skein: another one never takes a no-op for granted.
  bool use_cache = true;             ///< False: also no no-op.
};

struct SiteReport {
  bool unchanged = false;  ///< Nothing was different: nothing was read but file stamps.
  std::string run;         ///< Empty when unchanged.
  engine::RunStatus status = engine::RunStatus::ok;
  std::size_t files = 0;       ///< In the workspace.
  std::size_t documented = 0;  ///< Of these, with a page.
  std::size_t steps_done = 0;
  std::size_t steps_reused = 0;
  std::vector<engine::StepFailure> failures;
  PublishAgent::Outcome site;
  Micros wall{};
  std::vector<std::string> notes;
};

/// True when neither the tree, the settings, this skein nor the site's folders have changed since the last complete
/// documentation with this request. Costs a stat per file and folder.
[[nodiscard]] bool is_unchanged(const SiteRequest& request);

/// Makes the site. Errors: `unavailable` while another skein writes to the target; of the scan, the session and the run
/// as a whole; failed steps are in the report, and then nothing is published.
[[nodiscard]] Result<SiteReport> document(const SiteRequest& request, FileSystem& files, Executor& pool,
                                          engine::Session& session, engine::RunRequest run);

}  // namespace skein::docs
