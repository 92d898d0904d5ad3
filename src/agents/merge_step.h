// The step that puts the work of a plan's steps together, and tests it as a whole before anything is applied.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "agents/process_step.h"
#include "agents/team_plan.h"
#include "engine/plan.h"
#include "engine/step.h"

namespace skein::agents {

/// A step whose work is not in the result though it was done.
struct LeftOutStep {
  std::string step;
  std::string reason;

  template <class V>
  static void describe(V& v) {
    v.field("step", &LeftOutStep::step, "Its name.");
    v.field("reason", &LeftOutStep::reason, "Why.");
  }
};
/// What a merge did beside its change set.
struct MergeReport {
  std::vector<LeftOutStep> left_out;
  std::vector<LeftOutStep> mended;
  std::vector<std::string> merged;
  GateReport gates;

  template <class V>
  static void describe(V& v) {
    v.field("left_out", &MergeReport::left_out, "Steps that were done and are not part of the result.");
    v.field("mended", &MergeReport::mended, "Steps whose agents mended what failed only together with others.");
    v.field("merged", &MergeReport::merged, "Files that several steps changed, in different lines.");
    v.field("gates", &MergeReport::gates, "What all of it passed.");
  }
};

/// "agents.merge": In: the change sets of a plan's steps, in their order; those of failed steps are left out. Out: one
/// change set, and a MergeReport as JSON. What passed alone is tested together by the plan's checks; where that fails,
/// the first step that makes it fail is found by halving, and its agent is asked to mend its part, with the work of all
/// before it. Where it cannot, the step and what stands on it are left out.
/// Errors: `conflict`, naming files and steps; `failed_check` where no step is the culprit; as ProcessStepAgent.
class MergeAgent final : public engine::Agent {
 public:
  /// `agents` are those of the steps, in their order. All but `options` outlive it. Of `options`, manifest-like things
  /// are not used.
  MergeAgent(const TeamPlan& plan, const std::deque<ProcessStepAgent>& agents, const repo::Snapshot& base,
             ProcessStepOptions options)
      : plan_(plan), agents_(agents), base_(base), options_(std::move(options)) {}

  std::string_view name() const override { return "agents.merge"; }
  std::string_view result_version() const override { return "1.1"; }
  engine::WorkKind kind() const override { return engine::WorkKind::blocking; }
  Status run(engine::StepContext& context) const override;

  /// All that can change its result, beside its name, version and inputs.
  [[nodiscard]] std::vector<engine::KeyPart> parts() const;

 private:
  using Sets = std::vector<std::pair<std::size_t, ChangeSet>>;  // Position of the step, what it changed.
  Result<Sets> inputs(engine::StepContext& context) const;
  Result<ChangeSet> together(const Sets& sets, std::size_t count, std::vector<std::string>* merged) const;
  /// Whether the first `count` of them pass the plan's checks; the failure, or empty.
  Result<std::string> failure(engine::StepContext& context, const Sets& sets, std::size_t count) const;
  Result<std::size_t> culprit(engine::StepContext& context, const Sets& sets) const;
  /// Asks the agent of the step at `found` to mend it. False: it could not.
  Result<bool> mended(engine::StepContext& context, std::size_t found, const std::string& failed, Sets& sets) const;
  void leave_out(std::size_t step, const std::string& reason, Sets& sets, MergeReport& report) const;

  [[nodiscard]] Gates gates() const;

  const TeamPlan& plan_;
  const std::deque<ProcessStepAgent>& agents_;
  const repo::Snapshot& base_;
  ProcessStepOptions options_;
};

}  // namespace skein::agents
