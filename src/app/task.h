// `skein run`: what it is asked and what it answers, for one task and for a plan of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agents/exposure.h"
#include "agents/process_step.h"
#include "app/change_view.h"
#include "app/machinery.h"
#include "app/run_relay.h"
#include "app/services.h"
#include "app/user_folders.h"

namespace skein::app {

enum class Accept { ask, always, never };
[[nodiscard]] std::span<const engine::Choice<Accept>> choices_of(Accept);

struct TaskInput {
  std::string task;
  std::optional<std::string> agent;
  std::optional<std::string> plan;
  Accept accept = Accept::ask;
  std::optional<std::string> budget;
  std::optional<IsolationLevel> isolation;
  bool untrusted = false;
  bool dry_run = false;

  template <class V>
  static void describe(V& v) {
    v.field("task", &TaskInput::task, "What is to be done, in words; not with --plan.",
            {.positional = true, .value_name = "TASK"});
    v.field("agent", &TaskInput::agent, "Who does it; without it the only agent of yours or the workspace's.",
            {.value_name = "ID"});
    v.field("plan", &TaskInput::plan, "A plan of tasks for several agents, TOML or JSON (docs/agents.md).",
            {.value_name = "FILE", .is_path = true});
    v.field("accept", &TaskInput::accept, "Whether the changes go into your files when the agent is done.");
    v.field("budget", &TaskInput::budget,
            "The most that its models may cost, as money (\"$2.50\") or tokens (\"500k tokens\"): a request that could "
            "cross it is not sent.",
            {.value_name = "MONEY|TOKENS"});
    v.field("isolation", &TaskInput::isolation,
            "Whether agents are refused where this machine cannot isolate them wholly (full), or run with what it can "
            "hold (weak); without it isolation.level of the settings.");
    v.field("untrusted", &TaskInput::untrusted,
            "The task's words are somebody else's (an issue, a mail): no agent with a network gets them beside private "
            "data.");
    v.field("dry_run", &TaskInput::dry_run, "Say who would do it, and how, and run nothing.");
  }
};

/// A step of a plan, and what became of it.
struct TeamStep {
  std::string id;
  std::string agent;
  std::int64_t group = 0;
  std::optional<double> minutes;
  bool from_history = false;
  std::vector<std::string> after;
  std::string state;
  std::string reason;
  std::int64_t files = 0;

  template <class V>
  static void describe(V& v) {
    v.field("id", &TeamStep::id, "Its name.");
    v.field("agent", &TeamStep::agent, "Who does it: id and version.");
    v.field("group", &TeamStep::group, "Steps of one group may run at the same time; from 1.");
    v.field("minutes", &TeamStep::minutes, "How long it is expected to take.");
    v.field("from_history", &TeamStep::from_history,
            "True if the plan does not say it, and steps of its agent took so long here before.");
    v.field("after", &TeamStep::after, "Steps that it stands on.");
    v.field("state", &TeamStep::state,
            "\"planned\", \"done\", \"failed\", \"skipped\" (what it stands on failed), or \"left out\" (the result "
            "does not pass with it).");
    v.field("reason", &TeamStep::reason, "Why it is not part of the result.");
    v.field("files", &TeamStep::files, "How many files it changed.");
  }
};

struct ModelUsage {
  std::int64_t requests = 0;
  std::int64_t estimated = 0;
  std::int64_t unpriced = 0;
  std::int64_t input_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t micro_dollars = 0;

  template <class V>
  static void describe(V& v) {
    v.field("requests", &ModelUsage::requests, "How many were sent.");
    v.field("estimated", &ModelUsage::estimated, "Those whose answer told no usage: their worst case is counted.");
    v.field("unpriced", &ModelUsage::unpriced, "Those of a model whose price is not known: they count no money.");
    v.field("input_tokens", &ModelUsage::input_tokens, "All input, with what came from a cache.");
    v.field("cached_tokens", &ModelUsage::cached_tokens, "Of the input, from a provider's cache.");
    v.field("output_tokens", &ModelUsage::output_tokens, "All output, with reasoning.");
    v.field("micro_dollars", &ModelUsage::micro_dollars, "What they cost, in millionths of a dollar.");
  }
};

struct TaskOutput {
  std::string run_id;
  std::string agent;
  std::string status;
  std::string applied_by;
  bool reused = false;
  std::int64_t wall_us = 0;
  std::int64_t cpu_us = 0;
  std::int64_t peak_memory = 0;
  ModelUsage models;
  bool watched = false;
  std::vector<ChangedFile> files;
  std::string patch;
  std::vector<std::string> command;
  std::string model;
  std::vector<std::string> checks;
  std::vector<std::string> weak_checks;
  std::vector<std::string> moving_files;
  std::vector<TeamStep> steps;
  std::vector<std::string> merged;
  std::vector<std::string> critical_path;
  double critical_minutes = 0;
  double all_minutes = 0;

  template <class V>
  static void describe(V& v) {
    v.field("run_id", &TaskOutput::run_id, "The run; empty with --dry-run.");
    v.field("agent", &TaskOutput::agent, "Who did it: id and version; of a plan its name.");
    v.field(
        "status", &TaskOutput::status,
        "\"applied\", \"waiting\" (for `skein apply`), \"unchanged\" (nothing to change), \"incomplete\" (steps of a "
        "plan failed; what passed waits for `skein apply`), or \"planned\".");
    v.field("applied_by", &TaskOutput::applied_by, "The run that applied the changes; empty where none did.");
    v.field("reused", &TaskOutput::reused, "True if the agent's answer to the same task on the same files was reused.");
    v.field("wall_us", &TaskOutput::wall_us, "How long the agent and its checks took, in microseconds.");
    v.field("cpu_us", &TaskOutput::cpu_us, "Processor time of all their processes.");
    v.field("peak_memory", &TaskOutput::peak_memory, "Bytes, of all its processes together.");
    v.field("models", &TaskOutput::models,
            "What its requests to models took, as the relay metered them; of agents without one, as they told.");
    v.field("watched", &TaskOutput::watched,
            "True if an agent has a network and no relay: what it asks of models is not metered.");
    v.field("files", &TaskOutput::files, "What changed.");
    v.field("patch", &TaskOutput::patch, "All changes as one patch.");
    v.field("command", &TaskOutput::command, "The agent's program and arguments; empty for a plan.");
    v.field("model", &TaskOutput::model, "The model that it asks; may be empty.");
    v.field("checks", &TaskOutput::checks, "What its work must pass.");
    v.field("weak_checks", &TaskOutput::weak_checks,
            "Checks that cannot fail: they pass also with syntax errors in the changed files.");
    v.field("moving_files", &TaskOutput::moving_files,
            "Files that the checks change each time they run: they passed on other bytes than these.");
    v.field("steps", &TaskOutput::steps, "The steps of a plan.");
    v.field("merged", &TaskOutput::merged, "Files that several steps of a plan changed, in different lines.");
    v.field("critical_path", &TaskOutput::critical_path, "The chain of steps that is expected to take longest.");
    v.field("critical_minutes", &TaskOutput::critical_minutes, "How long that chain is expected to take.");
    v.field("all_minutes", &TaskOutput::all_minutes, "How long all steps would take one after the other.");
  }
  [[nodiscard]] bool succeeded() const { return status != "incomplete"; }
};

/// What steps of agents are done with here, beside their manifests. Errors: where the user's folders are not known.
[[nodiscard]] Result<agents::ProcessStepOptions> step_options(const Services& services, const engine::Context& context);

/// Why the words of a task with --untrusted are.
inline constexpr const char* kOthersTask = "the task (--untrusted)";
/// What `agents::refuse_exposed` asks of a run.
[[nodiscard]] agents::ExposureGround exposure_ground(const Services& services, const engine::Context& context,
                                                     std::string untrusted_task);

/// The relay of a run of these agents, held to the input's budget, and put into `options`; null where none of them
/// asks through it. A note tells of those that a budget does not hold. Outlives the run, which it observes.
/// Errors: of the budget; as `RunRelay::start`.
[[nodiscard]] Result<std::unique_ptr<RunRelay>> relay_for(const Services& services, const engine::Context& context,
                                                          const TaskInput& input,
                                                          std::span<const agents::AgentManifest* const> manifests,
                                                          Machinery& machinery, agents::ProcessStepOptions& options);
/// Fills in what models took in a run, with or without a relay.
void take_models(const RunRelay* relay, const engine::RunOutcome& outcome, TaskOutput& output);

/// One task by one agent, done and recorded.
struct DoneTask {
  TaskOutput output;
  agents::ChangeSet set;
  std::string gates;  ///< As RunChanges::gates.
};
/// Runs it in a run of `skein run`. `on_said` gets what the agent said; may be empty. Errors: those of the step.
[[nodiscard]] Result<DoneTask> do_task(const Services& services, const engine::Context& context, const TaskInput& input,
                                       agents::AgentManifest manifest, Machinery& machinery,
                                       std::function<void(std::string_view)> on_said);

/// Fills in what changed, and applies it as `accept` and the user say. `output.status` is what it is where nothing is
/// asked: "waiting" or "incomplete". Errors: as `apply_changes`.
[[nodiscard]] Result<TaskOutput> settle(const Services& services, const engine::Context& context, Machinery& machinery,
                                        Accept accept, DoneTask done);
/// What a step's report says of its checks.
void take_gates(const agents::GateReport& report, TaskOutput& output);

/// `skein run --plan`. Errors: of the plan's file and agents; `conflict`, naming files and steps; of the merge.
[[nodiscard]] Result<TaskOutput> run_plan(const Services& services, const engine::Context& context,
                                          const TaskInput& input);
/// Lines of a patch that are shown at once.
inline constexpr std::size_t kShownPatchLines = 400;
/// What models used, and how much of it is known; empty where nothing is.
[[nodiscard]] std::string usage_line(const TaskOutput& output);
/// A plan's steps as a table, and what is to be expected of it.
[[nodiscard]] std::string plan_text(const TaskOutput& output);

}  // namespace skein::app
