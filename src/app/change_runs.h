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
};

/// Errors: `not_found` for a run that made no changes; as `find_run`, `read_run`.
[[nodiscard]] Result<RunChanges> changes_of_run(const Services& services, engine::Session& session,
                                                std::string_view name);
/// The last run that applied changes which are not taken back. Errors: `not_found` where there is none.
[[nodiscard]] Result<std::string> last_applied_run(const Services& services, engine::Session& session);

/// What applying did.
struct Applied {
  std::string run;
  agents::ChangeSet set;  ///< What was really changed: empty where all was as it should be.
};
/// Applies a set in a run of `operation`, or takes it back. `input` is what `runs resume` would ask again.
/// Errors: as `ApplyAgent`.
[[nodiscard]] Result<Applied> apply_changes(const Services& services, const engine::Context& context,
                                            Machinery& machinery, const agents::ChangeSet& set,
                                            agents::ApplyAgent::Direction direction, std::string operation,
                                            std::string input);
/// Blobs that `undo` needs, of all runs with a journal. Errors: of listing the journals.
[[nodiscard]] Result<std::vector<Digest>> applied_blobs(const Services& services, engine::Session& session);
/// Lock of all that applies to this workspace.
[[nodiscard]] std::string apply_lock(const engine::Session& session);

}  // namespace skein::app
