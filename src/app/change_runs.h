// Runs of agents that left change sets, and what became of them: applied, taken back, or still waiting.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/apply_step.h"
#include "app/machinery.h"
#include "app/services.h"

namespace skein::app {

/// Name of the step that does a task, as journals have it.
inline constexpr std::string_view kTaskStep = "task";

/// A run's change set: what its agent made, or, for one that applied it, what was really changed.
struct RunChanges {
  std::string run;
  agents::ChangeSet made;
  std::optional<agents::ChangeSet> applied;  ///< By this run or a later `skein apply` of it.
  std::string applied_by;                    ///< That run's name.
  bool taken_back = false;                   ///< By a later `skein undo`.
  std::string gates;                         ///< What `made` passed: the JSON that its step left. May be empty.
};

/// Errors: `not_found` for a run that made no changes; as `find_run`, `read_run`.
[[nodiscard]] Result<RunChanges> changes_of_run(const Services& services, engine::Session& session,
                                                std::string_view name);
/// The last run that applied changes which are not taken back. Errors: `not_found` where there is none.
[[nodiscard]] Result<std::string> last_applied_run(const Services& services, engine::Session& session);

/// What applying did.
struct Applied {
  std::string run;
  agents::ChangeSet set;   ///< What was really changed: empty where all was as it should be.
  bool rechecked = false;  ///< The files had moved: the checks passed again.
};
/// What is to be applied, and how.
struct ToApply {
  const agents::ChangeSet& set;
  agents::ApplyAgent::Direction direction = agents::ApplyAgent::Direction::forward;
  std::string gates{};      ///< As RunChanges::gates; empty: no check is asked for.
  std::string operation{};  ///< Of the run that does it.
  std::string input{};      ///< What `runs resume` would ask again.
};
/// Applies a set in a run, or takes it back. Errors: as `ApplyAgent` and `recheck`.
[[nodiscard]] Result<Applied> apply_changes(const Services& services, const engine::Context& context,
                                            Machinery& machinery, const ToApply& what);
/// What passed speaks for the files that it passed on: where they are others now, the checks run again on what would be
/// there. `done` is set where they did; may be null, and outlives it. Its errors: `failed_check` where they do not
/// pass.
[[nodiscard]] agents::Recheck recheck(const Services& services, const engine::Context& context, bool* done);
/// Blobs that `undo` needs, of all runs with a journal. Errors: of listing the journals.
[[nodiscard]] Result<std::vector<Digest>> applied_blobs(const Services& services, engine::Session& session);
/// Lock of all that applies to this workspace.
[[nodiscard]] std::string apply_lock(const engine::Session& session);

}  // namespace skein::app
