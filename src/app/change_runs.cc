#include "app/change_runs.h"

#include <algorithm>
#include <ranges>

#include "app/past_runs.h"
#include "app/task.h"
#include "base/executor.h"
#include "engine/plan.h"
#include "engine/schema.h"
#include "engine/step_context.h"

namespace skein::app {
namespace {

/// What the apply step takes, made by a step whose bytes are given.
class GivenAgent final : public engine::Agent {
 public:
  GivenAgent(std::string bytes, std::string gates) : bytes_(std::move(bytes)), gates_(std::move(gates)) {}
  std::string_view name() const override { return "agents.given"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override {
    if (!gates_.empty()) SKEIN_DO(context.output(1, gates_));
    return context.output(0, bytes_);
  }

 private:
  std::string bytes_, gates_;
};

const engine::JournalStep* find_step(const RunRecord& record, std::string_view name) {
  for (const auto* steps : {&record.steps, &record.reused})
    for (const auto& step : *steps)
      if (step.name == name && !step.outputs.empty() && step.state != engine::StepState::failed) return &step;
  return nullptr;
}

Result<agents::ChangeSet> set_of(engine::Session& session, const Digest& digest, std::string_view run) {
  auto bytes = session.results().get_blob(digest);
  if (!bytes)
    return pass(std::move(bytes).error(), fmt::format("the changes of run {} are no longer in the store", run));
  return agents::decode_change_set(*bytes);
}

/// What a run's commit of this stage changed; nothing where it has none. Whoever opens the state installs what was
/// decided, so a commit is as good as done, also that of a killed run.
Result<std::optional<agents::ChangeSet>> committed(engine::Session& session, const RunRecord& record,
                                                   std::string_view stage, std::string_view run) {
  std::optional<agents::ChangeSet> set;
  for (const auto& commit : record.commits) {
    if (commit.stage != stage) continue;
    auto bytes = session.results().get_blob(commit.changes);
    if (!bytes)
      return pass(std::move(bytes).error(), fmt::format("what run {} changed is no longer in the store", run));
    SKEIN_TRY(const engine::ChangeList list, engine::decode_change_list(*bytes));
    SKEIN_TRY(set, set_of(session, list.origin, run));
  }
  return set;
}

/// The run that a request of `apply` or `undo` names.
std::string named_run(const RunRecord& record) {
  const auto request = engine::parse_json(record.start.request);
  if (!request || !request->is_object() || !request->contains("run") || !(*request)["run"].is_string()) return {};
  return (*request)["run"].get<std::string>();
}

}  // namespace

std::string apply_lock(const engine::Session& session) { return join_path(session.folder(), "apply.lock"); }

Result<RunChanges> changes_of_run(const Services& services, engine::Session& session, std::string_view name) {
  const std::string& state = session.folder();
  RunChanges changes;
  SKEIN_TRY(changes.run, find_run(services.files, state, name));
  SKEIN_TRY(RunRecord record, read_run(services.files, state, changes.run));
  // `apply` is of another run's changes.
  if (record.start.operation == "apply") {
    SKEIN_TRY(changes.run, find_run(services.files, state, named_run(record)));
    SKEIN_TRY(record, read_run(services.files, state, changes.run));
  }
  const auto* made = find_step(record, kTaskStep);
  if (made == nullptr)
    return std::unexpected(Error(Code::not_found, fmt::format("run {} left no changes", changes.run))
                               .or_do("`skein runs list` shows runs; those of `run` may have changes"));
  SKEIN_TRY(changes.made, set_of(session, made->outputs.front(), changes.run));
  if (made->outputs.size() > 1) {
    auto gates = session.results().get_blob(made->outputs[1]);
    if (!gates)
      return pass(std::move(gates).error(), fmt::format("what run {} passed is no longer in the store", changes.run));
    changes.gates = std::move(*gates);
  }
  const auto take = [&](const RunRecord& from, const std::string& run) -> Status {
    SKEIN_TRY(auto set, committed(session, from, agents::kAppliedStage, run));
    if (!set) return {};
    changes.applied = std::move(set);
    changes.applied_by = run;
    changes.taken_back = false;
    return {};
  };
  SKEIN_DO(take(record, changes.run));
  SKEIN_TRY(const auto runs, runs_by_time(services.files, state));
  const auto here = std::ranges::find(runs, changes.run);
  for (auto later = here == runs.end() ? here : here + 1; later != runs.end(); ++later) {
    const auto ends = engine::read_journal_ends(services.files, engine::journal_path(state, *later));
    if (!ends || (ends->start.operation != "apply" && ends->start.operation != "undo")) continue;
    const auto other = read_run(services.files, state, *later);
    if (!other || named_run(*other) != changes.run) continue;
    if (ends->start.operation == "apply") SKEIN_DO(take(*other, *later));
    if (std::ranges::find(other->commits, agents::kUndoneStage, &engine::JournalCommit::stage) != other->commits.end())
      changes.taken_back = true;
  }
  return changes;
}

Result<std::string> last_applied_run(const Services& services, engine::Session& session) {
  SKEIN_TRY(const auto runs, runs_by_time(services.files, session.folder()));
  for (const std::string& run : runs | std::views::reverse) {
    const auto ends = engine::read_journal_ends(services.files, engine::journal_path(session.folder(), run));
    if (!ends || (ends->start.operation != "run" && ends->start.operation != "apply")) continue;
    const auto changes = changes_of_run(services, session, run);
    if (changes && changes->applied && !changes->taken_back) return changes->run;
  }
  return std::unexpected(Error(Code::not_found, "no run has changed files of this workspace, or all are taken back")
                             .or_do("`skein runs list` shows the runs"));
}

Result<std::vector<Digest>> applied_blobs(const Services& services, engine::Session& session) {
  SKEIN_TRY(const auto runs, runs_by_time(services.files, session.folder()));
  std::vector<Digest> blobs;
  for (const std::string& run : runs) {
    const auto ends = engine::read_journal_ends(services.files, engine::journal_path(session.folder(), run));
    if (!ends || (ends->start.operation != "run" && ends->start.operation != "apply")) continue;
    const auto record = read_run(services.files, session.folder(), run);
    if (!record) continue;
    for (const auto& commit : record->commits) {
      const auto bytes = session.results().get_blob(commit.changes);
      const auto list = bytes ? engine::decode_change_list(*bytes) : std::unexpected(bytes.error());
      if (!list) continue;
      blobs.push_back(commit.changes);
      blobs.push_back(list->origin);
    }
    // What a task made is there until its journal goes, also when its result was replaced by a newer one.
    if (const auto* made = find_step(*record, kTaskStep))
      blobs.insert(blobs.end(), made->outputs.begin(), made->outputs.end());
  }
  return blobs;
}

agents::Recheck recheck(const Services& services, const engine::Context& context, bool* done) {
  return [&services, &context, done](engine::StepContext& step, const agents::GateReport& report,
                                     const agents::ChangeSet& set) -> Status {
    if (report.gates.checks.empty()) return {};
    InlineExecutor here;
    SKEIN_TRY(const repo::Snapshot base, repo::scan(context.workspace, {}, here));
    if (base.digest().hex() == report.workspace && sha256(agents::encode(set)).hex() == report.changes) return {};
    step.print("skein: the files are others than those that the checks passed on: they run again\n");
    SKEIN_TRY(const agents::ProcessStepOptions options, step_options(services, context));
    SKEIN_TRY(const std::string failed, agents::failed_gate(step, base, options, report.gates, set));
    if (!failed.empty()) {
      std::string first = failed.substr(0, failed.find('\n'));
      if (first.ends_with(':')) first.pop_back();
      return std::unexpected(
          Error(Code::failed_check,
                fmt::format("nothing was changed: your files are others now, and with them {}", first))
              .or_do("run the task again on the files as they are, or say `skein apply RUN --unchecked`"));
    }
    if (done != nullptr) *done = true;
    return {};
  };
}

Result<Applied> apply_changes(const Services& services, const engine::Context& context, Machinery& machinery,
                              const ToApply& what) {
  SKEIN_TRY(engine::Session * session, machinery.session());
  Applied applied;
  const GivenAgent given(agents::encode(what.set), what.gates);
  const agents::ApplyAgent apply(services.files, session->results(), context.workspace, apply_lock(*session),
                                 what.direction, recheck(services, context, &applied.rechecked));
  engine::Plan plan;
  const auto changes = plan.artifact("changes");
  std::optional<engine::ArtifactId> gates;
  engine::Step first;
  first.name = "changes";
  first.agent = &given;
  first.parts = {{"set", sha256(agents::encode(what.set)).hex()}};
  first.outputs = {changes};
  if (!what.gates.empty()) {
    gates = plan.artifact("gates");
    first.parts.push_back({"gates", sha256(what.gates).hex()});
    first.outputs.push_back(*gates);
  }
  SKEIN_DO(plan.add(std::move(first)));
  SKEIN_DO(agents::add_apply_step(plan, apply, changes, gates));
  auto request = machinery.request(what.operation, what.input);
  request.options.retry.max_attempts = 1;
  std::vector<Digest> artifacts;
  SKEIN_TRY(auto outcome, session->run(plan, std::move(request), &artifacts));
  if (!outcome.report.failures.empty()) return std::unexpected(std::move(outcome.report.failures.front().error));
  if (outcome.report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped before anything was written");
  SKEIN_TRY(applied.set, set_of(*session, artifacts.back(), outcome.id));
  applied.run = outcome.id;
  return applied;
}

}  // namespace skein::app
