// The step that brings a change set into the user's files: all of it, or nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agents/change_set.h"
#include "agents/gates.h"
#include "base/file_system.h"
#include "engine/change_list.h"
#include "engine/plan.h"
#include "engine/result_store.h"
#include "engine/step.h"

namespace skein::agents {

/// Why a path cannot be applied.
struct Conflict {
  std::string path;
  std::string reason;
};

/// What applying a change set to the workspace as it is now would do.
struct Merge {
  ChangeSet set;                    ///< From what is there to what will be: `before` is the workspace's.
  std::vector<std::string> merged;  ///< Paths where somebody else's change and this one were put together.
  std::vector<Conflict> conflicts;  ///< With any, nothing is to be applied.
};

/// Compares each path with the workspace: what is as the set found it is replaced, what is already as the set makes it
/// is left, and what somebody changed is merged by lines where both touched different ones (three-way, by libgit2).
/// Errors: of reading.
[[nodiscard]] Result<Merge> merge_into(const std::string& workspace, const ChangeSet& set);

/// Stages of commits, as journals have them. The origin of a commit's list is the set that it applies, as a blob: known
/// also when the run was killed behind its decision.
inline constexpr std::string_view kAppliedStage = "changes";
inline constexpr std::string_view kUndoneStage = "undo";

/// Whether a change set may go into the files as they are now; `report` is what passed, and on what. Errors stop it.
using Recheck = std::function<Status(engine::StepContext& context, const GateReport& report, const ChangeSet& set)>;

/// "agents.apply": In: a change set, and maybe the GateReport or MergeReport of its step as JSON. Out: the set that was
/// applied, from what was there to what is. Effectful. Errors: `conflict`, naming files.
class ApplyAgent final : public engine::Agent {
 public:
  enum class Direction { forward, back };
  /// `recheck` is asked where there is a report, before anything is written; may be empty.
  ApplyAgent(FileSystem& files, engine::ResultStore& results, std::string workspace, std::string lock,
             Direction direction, Recheck recheck = {})
      : files_(files),
        results_(results),
        workspace_(std::move(workspace)),
        lock_(std::move(lock)),
        direction_(direction),
        recheck_(std::move(recheck)) {}
  std::string_view name() const override { return "agents.apply"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override;

 private:
  /// Applies it under the lock, where it would change just what was `expected`. False: the files moved meanwhile.
  Result<bool> commit(engine::StepContext& context, const ChangeSet& set, const Digest& expected) const;

  FileSystem& files_;
  engine::ResultStore& results_;
  std::string workspace_;
  std::string lock_;  // Held while it applies: two runs exclude each other.
  Direction direction_;
  Recheck recheck_;
};

/// Name of the step, as journals have it.
inline constexpr std::string_view kApplyStep = "apply";
/// Adds the step that applies the artifact `changes`, which passed what `report` says; what it changed is the artifact
/// "applied". `agent` outlives the run. Errors: as `Plan::add`.
Status add_apply_step(engine::Plan& plan, const ApplyAgent& agent, engine::ArtifactId changes,
                      std::optional<engine::ArtifactId> report = {});

/// One line of what is wrong, and the files. REQUIRES a conflict.
[[nodiscard]] Error conflict_error(const std::vector<Conflict>& conflicts);

}  // namespace skein::agents
