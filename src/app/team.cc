// `skein run --plan`: tasks for several agents, done in parallel, put together and tested as one.
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "agents/merge_step.h"
#include "app/agent_registry.h"
#include "app/change_runs.h"
#include "app/isolation_choice.h"
#include "app/questions.h"
#include "app/task.h"
#include "app/task_checks.h"
#include "base/executor.h"
#include "base/platform/surroundings.h"
#include "engine/history.h"
#include "text/printable.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr std::size_t kMostThreads = 1'000;

/// What the steps of a plan are done with. Lives as long as the run.
struct Team {
  using Manifests = std::map<std::string, agents::AgentManifest, std::less<>>;
  agents::TeamPlan plan;
  Manifests manifests;                                 // By id, of all who take part: steps share them.
  std::vector<const agents::AgentManifest*> who;       // By step.
  std::vector<const agents::AgentManifest*> stronger;  // By step: who takes over; null: nobody.
  std::vector<bool> from_history;                      // By step: its minutes are what its agent took before.
  std::deque<agents::ProcessStepAgent> agents;         // By step.
};

std::string step_name(const agents::PlanStep& step) { return "step " + step.id; }

/// Finds who does each step. Errors: as `Registry::find`, naming the step.
Status find_agents(const Services& services, const Context& context, Team& team) {
  SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
  for (const agents::PlanStep& step : team.plan.steps) {
    auto place = team.manifests.find(step.agent);
    if (place == team.manifests.end()) {
      auto manifest = registry.find(step.agent);
      if (!manifest)
        return pass(std::move(manifest).error(), fmt::format("while looking for who does \"{}\"", step.id));
      place = team.manifests.emplace(step.agent, std::move(*manifest)).first;
    }
    team.who.push_back(&place->second);
  }
  return {};
}

/// Finds who takes over in each step. Errors: as `stronger_of`.
Status find_stronger(const Services& services, const Context& context, Team& team) {
  for (const agents::AgentManifest* one : team.who) {
    auto place = team.manifests.find(one->stronger);
    if (place == team.manifests.end() && !one->stronger.empty()) {
      SKEIN_TRY(auto manifest, stronger_of(services, context, *one));
      place = team.manifests.emplace(one->stronger, std::move(manifest).value()).first;
    }
    team.stronger.push_back(place == team.manifests.end() ? nullptr : &place->second);
  }
  return {};
}

/// Fills in how long steps are expected to take that do not say it: what their agents' steps took here before.
void expect_minutes(const Services& services, const Context& context, Team& team) {
  const auto folders = user_folders(services.environment);
  if (!folders) return;
  const auto state = locate_state_folder(context.workspace, folders->state, services.mount_of);
  if (!state) return;
  const auto history = engine::History::load(services.files, join_path(state->path, "history"));
  team.from_history.assign(team.plan.steps.size(), false);
  for (std::size_t i = 0; i < team.plan.steps.size(); ++i) {
    agents::PlanStep& step = team.plan.steps[i];
    if (step.minutes) continue;
    const auto us = history.executed_us("agent." + team.who[i]->id);
    if (!us) continue;
    step.minutes = std::max(0.1, std::round(*us / 6e6) / 10);
    team.from_history[i] = true;
  }
}

TaskOutput planned(const Team& team, const std::string& file) {
  TaskOutput output;
  output.agent = team.plan.name.empty() ? std::string(file.substr(file.rfind('/') + 1)) : team.plan.name;
  output.status = "planned";
  output.checks = team.plan.verify;
  const agents::PlanOutlook outlook = agents::outlook_of(team.plan);
  output.critical_minutes = outlook.critical_minutes;
  output.all_minutes = outlook.all_minutes;
  for (const std::size_t step : outlook.critical_path) output.critical_path.push_back(team.plan.steps[step].id);
  for (std::size_t i = 0; i < team.plan.steps.size(); ++i) {
    const agents::PlanStep& step = team.plan.steps[i];
    TeamStep one;
    one.id = step.id;
    one.agent = fmt::format("{} {}", team.who[i]->id, team.who[i]->version);
    one.minutes = step.minutes;
    one.from_history = i < team.from_history.size() && team.from_history[i];
    one.after = step.after;
    one.state = "planned";
    for (std::size_t group = 0; group < outlook.groups.size(); ++group)
      if (std::ranges::find(outlook.groups[group], i) != outlook.groups[group].end())
        one.group = static_cast<std::int64_t>(group) + 1;
    output.steps.push_back(std::move(one));
  }
  return output;
}

/// The plan as the engine runs it: a step for each task, whose inputs are the change sets of all that it stands on, and
/// one that puts what there is together.
Result<engine::Plan> engine_plan(Team& team, const repo::Snapshot& base, const agents::ProcessStepOptions& options,
                                 const agents::MergeAgent& merge, std::vector<engine::ArtifactId>& made,
                                 std::vector<engine::ArtifactId>& reports) {
  engine::Plan plan;
  for (std::size_t i = 0; i < team.plan.steps.size(); ++i) {
    const agents::PlanStep& planned = team.plan.steps[i];
    made.push_back(plan.artifact("changes of " + planned.id));
    reports.push_back(plan.artifact("gates of " + planned.id));
    agents::OwnStepOptions own;
    own.verify = planned.verify;
    own.stronger = team.stronger[i];
    engine::Step step;
    step.name = step_name(planned);
    for (const std::size_t other : team.plan.before(i)) {
      own.earlier.push_back(team.plan.steps[other].id);
      step.inputs.push_back(made[other]);
    }
    step.agent = &team.agents.emplace_back(*team.who[i], base, options, std::move(own));
    step.purity = engine::Purity::sampled;
    step.parts = team.agents.back().parts(planned.task);
    step.outputs = {made[i], reports[i]};
    SKEIN_DO(plan.add(std::move(step)));
  }
  engine::Step together;
  together.name = kTaskStep;
  together.agent = &merge;
  together.purity = engine::Purity::sampled;
  together.parts = merge.parts();
  together.inputs = made;
  together.takes_what_there_is = true;
  together.outputs = {plan.artifact("changes"), plan.artifact("merge report")};
  SKEIN_DO(plan.add(std::move(together)));
  return plan;
}

/// The digest of all files but one: a plan that lies in the workspace is no part of what its steps work on.
Digest digest_without(repo::Snapshot& base, const std::string& file) {
  const auto found = std::ranges::find_if(
      base.files, [&](const repo::SnapshotFile& one) { return join_path(base.root, one.path) == file; });
  if (found == base.files.end()) return base.digest();
  const auto place = found - base.files.begin();
  repo::SnapshotFile plan = std::move(*found);
  base.files.erase(found);
  const Digest digest = base.digest();
  base.files.insert(base.files.begin() + place, std::move(plan));
  return digest;
}

/// What became of each step. Errors: of the merge, where that failed; `cancelled`.
Status take_outcome(const engine::RunOutcome& outcome, std::span<const engine::ArtifactId> made,
                    std::span<const engine::ArtifactId> reports, const std::vector<Digest>& artifacts,
                    engine::Session& session, TaskOutput& output) {
  for (const auto& failure : outcome.report.failures)
    if (failure.step == kTaskStep)
      return std::unexpected(
          Error(failure.error)
              .with(fmt::format("run {}: `skein runs show {}` has what was printed", outcome.id, outcome.id)));
  if (outcome.report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped: nothing was applied; `skein runs resume {}` goes on", outcome.id);
  for (std::size_t i = 0; i < made.size(); ++i) {
    TeamStep& step = output.steps[i];
    const Digest& digest = artifacts[engine::index_of(made[i])];
    const auto failure = std::ranges::find(outcome.report.failures, "step " + step.id, &engine::StepFailure::step);
    step.state = !digest.is_none() ? "done" : failure != outcome.report.failures.end() ? "failed" : "skipped";
    if (failure != outcome.report.failures.end()) step.reason = failure->error.message();
    if (step.state != "done") {
      output.status = "incomplete";
      continue;
    }
    SKEIN_TRY(const std::string bytes, session.results().get_blob(digest));
    SKEIN_TRY(const agents::ChangeSet set, agents::decode_change_set(bytes));
    step.files = static_cast<std::int64_t>(set.changes.size());
    SKEIN_TRY(const std::string report, session.results().get_blob(artifacts[engine::index_of(reports[i])]));
    take_gates(agents::read_gate_report(report), output);
  }
  return {};
}

/// The change set of all, and what the merge left out of it.
Status take_merge(engine::Session& session, const Digest& changes, const Digest& report, DoneTask& done) {
  TaskOutput& output = done.output;
  SKEIN_TRY(const std::string bytes, session.results().get_blob(changes));
  SKEIN_TRY(done.set, agents::decode_change_set(bytes));
  SKEIN_TRY(done.gates, session.results().get_blob(report));
  SKEIN_TRY(const engine::Json json, engine::parse_json(done.gates));
  agents::MergeReport merge;
  SKEIN_DO(engine::read_json(json, merge));
  output.merged = merge.merged;
  take_gates(merge.gates, output);
  for (const agents::LeftOutStep& one : merge.mended)
    for (TeamStep& step : output.steps)
      if (step.id == one.step) step.reason = "its agent mended it after " + one.reason;
  for (const agents::LeftOutStep& one : merge.left_out) {
    output.status = "incomplete";
    for (TeamStep& step : output.steps) {
      if (step.id != one.step) continue;
      step.state = "left out";
      step.reason = one.reason;
    }
  }
  return {};
}

/// What is looked at before anybody starts. Errors: as `check_tasks` and `refuse_exposed`, naming the step.
Status check_plan(const Services& services, const Context& context, const Team& team, const repo::Snapshot& base,
                  bool untrusted) {
  std::vector<TaskWords> tasks;
  std::vector<std::string> taint;  // By step: why what it works on is others'.
  for (std::size_t i = 0; i < team.plan.steps.size(); ++i) {
    const agents::PlanStep& step = team.plan.steps[i];
    TaskWords words{.name = step.id,
                    .task = step.task,
                    .has_checks = !team.who[i]->verify.empty() || !step.verify.empty() || !team.plan.verify.empty(),
                    .earlier = {}};
    std::string& why = taint.emplace_back(untrusted ? kOthersTask : step.untrusted ? "its task (untrusted)" : "");
    for (const std::size_t other : team.plan.before(i)) {
      words.earlier.push_back(team.plan.steps[other].task);
      const bool tainted = !taint[other].empty() || team.who[other]->untrusted;
      if (why.empty() && tainted) why = "the work of " + team.plan.steps[other].id + ", which reads it";
    }
    tasks.push_back(std::move(words));
    for (const auto* manifest : {team.who[i], team.stronger[i]}) {
      if (manifest == nullptr) continue;
      if (auto may = agents::refuse_exposed(*manifest, base, exposure_ground(services, context, why)); !may)
        return pass(std::move(may).error(), fmt::format("while looking at the step {}", step.id));
    }
  }
  return check_tasks(context, base, tasks);
}

}  // namespace

std::string plan_text(const TaskOutput& output) {
  if (output.steps.empty()) return {};
  std::string text;
  std::size_t id_width = 0, agent_width = 0;
  for (const auto& step : output.steps) {
    id_width = std::max(id_width, step.id.size());
    agent_width = std::max(agent_width, step.agent.size());
  }
  for (const TeamStep& step : output.steps) {
    std::string line = fmt::format("  {:>2}  {:<{}}  {:<{}}", step.group, step.id, id_width, step.agent, agent_width);
    line += step.minutes ? fmt::format(" {:>6} min", fmt::format("{}{:g}", step.from_history ? "~" : "", *step.minutes))
                         : std::string(11, ' ');
    if (step.state != "planned") line += fmt::format("  {}", step.state);
    if (step.state == "done") line += fmt::format(", {} {}", step.files, step.files == 1 ? "file" : "files");
    if (step.state == "planned" && !step.after.empty()) {
      line += "  after";
      for (const std::string& other : step.after) line += " " + other;
    }
    if (!step.reason.empty()) line += ": " + text::printable(step.reason);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  if (output.status == "planned") {
    for (const auto& check : output.checks) text += "All together must pass: " + text::printable(check) + "\n";
    if (output.all_minutes > 0) {
      text += "Critical path:";
      for (const std::string& id : output.critical_path) text += " " + id;
      text += fmt::format("\n{:g} minutes are expected; one after the other it would be {:g}.\n",
                          output.critical_minutes, output.all_minutes);
    }
  }
  for (const std::string& path : output.merged)
    text += fmt::format("{}: several steps changed it, in different lines\n", text::printable(path));
  return text;
}

Result<TaskOutput> run_plan(const Services& services, const Context& context, const TaskInput& input) {
  SKEIN_TRY(const std::string file, real_path(*input.plan));
  SKEIN_TRY(const std::string text, read_file(services.files, file));
  Team team;
  SKEIN_TRY(team.plan, agents::parse_team_plan(text, *input.plan));
  SKEIN_DO(find_agents(services, context, team));
  expect_minutes(services, context, team);
  DoneTask done{planned(team, file), {}, {}};
  TaskOutput& output = done.output;
  if (input.dry_run) return output;

  Machinery machinery(services, context);
  SKEIN_TRY(agents::ProcessStepOptions options, step_options(services, context));
  auto isolation = look_at_isolation(options.sandboxes);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(repo::Snapshot base, repo::scan(context.workspace, {}, machinery.pool()));
  options.workspace = digest_without(base, file);
  options.executor = &machinery.pool();
  options.sweeper = &machinery.sweeper();
  Questions questions(services, context, session->folder());
  options.people = &questions;
  agents::HiddenFiles hidden(base);
  options.hidden = &hidden;
  SKEIN_DO(find_stronger(services, context, team));
  SKEIN_DO(check_plan(services, context, team, base, input.untrusted));
  std::vector<const agents::AgentManifest*> all;
  for (const auto& [id, manifest] : team.manifests) all.push_back(&manifest);
  SKEIN_TRY(const auto relay, relay_for(services, context, input, all, machinery, options));
  SKEIN_TRY(options.isolation, isolation_of_run(context, std::move(isolation), input.isolation, relay != nullptr));
  for (const auto* manifest : all) output.watched |= manifest->network && manifest->providers.empty();
  const agents::MergeAgent merge(team.plan, team.agents, base, options);
  std::vector<engine::ArtifactId> made, reports;
  SKEIN_TRY(engine::Plan plan, engine_plan(team, base, options, merge, made, reports));
  TaskInput again = input;
  again.plan = file;
  auto request = machinery.request("run", engine::write_json(again).dump());
  request.options.retry.max_attempts = 1;
  request.options.keep_going = true;
  // One for each step: one that waits for a person keeps its thread, and gives its slot to another.
  ThreadPool slots(static_cast<int>(std::clamp<std::size_t>(team.plan.steps.size(), 1, kMostThreads)));
  request.blocking = &slots;
  if (relay) request.observers.push_back(relay.get());
  std::vector<Digest> artifacts;
  SKEIN_TRY(const engine::RunOutcome outcome, session->run(plan, std::move(request), &artifacts));
  output.run_id = outcome.id;
  output.status = "waiting";
  output.reused = outcome.report.executed == 0;
  output.wall_us = outcome.report.usage.wall.count();
  output.cpu_us = (outcome.report.usage.user_cpu + outcome.report.usage.system_cpu).count();
  output.peak_memory = outcome.report.usage.peak_memory.value;
  take_models(relay.get(), outcome, output);
  SKEIN_DO(take_outcome(outcome, made, reports, artifacts, *session, output));
  SKEIN_DO(take_merge(*session, artifacts[artifacts.size() - 2], artifacts.back(), done));
  return settle(services, context, machinery, input.accept, std::move(done));
}

}  // namespace skein::app
