#include "app/task.h"

#include "agents/team_plan.h"
#include "app/agent_registry.h"
#include "app/change_runs.h"
#include "app/isolation_choice.h"
#include "app/operations.h"
#include "app/questions.h"
#include "app/task_checks.h"
#include "engine/plan.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {

std::span<const engine::Choice<Accept>> choices_of(Accept) {
  static constexpr std::array<engine::Choice<Accept>, 3> kChoices{
      {{Accept::ask, "ask"}, {Accept::always, "always"}, {Accept::never, "never"}}};
  return kChoices;
}

namespace {

using engine::Context;

std::string render(const TaskOutput& output, const engine::Style& style) {
  if (output.status == "planned" && !output.steps.empty()) return plan_text(output) + "Nothing was run.\n";
  if (output.status == "planned") {
    std::string text = fmt::format("{} would do it, with:\n ", output.agent);
    for (const auto& word : output.command) text += " " + word;
    if (output.command.empty()) text += " the model " + output.model;
    for (const auto& check : output.checks) text += "\nWhat it makes must pass: " + check;
    return text + "\nNothing was run.\n";
  }
  std::string text =
      shown_patch(output.patch, style, kShownPatchLines, fmt::format("skein apply {} --dry-run", output.run_id));
  if (!output.patch.empty()) text += file_table(output.files);  // Else it was just shown, with the question.
  text += plan_text(output);
  if (output.status == "unchanged") text += fmt::format("{} changed nothing.\n", output.agent);
  text += fmt::format("{} {}: {:.1f} s, {:.1f} s of processor time{}\n", output.agent, output.run_id,
                      static_cast<double>(output.wall_us) / 1e6, static_cast<double>(output.cpu_us) / 1e6,
                      output.reused ? "; its earlier answer was reused" : "");
  text += usage_line(output);
  for (const std::string& check : output.weak_checks)
    text += fmt::format("`{}` says nothing of this: it passes also with syntax errors in the changed files.\n",
                        text::printable(check));
  for (const std::string& path : output.moving_files)
    text += fmt::format("{} is changed by the checks each time: they did not pass on these very bytes.\n",
                        text::printable(path));
  if (output.status == "applied") text += "Applied. `skein undo` takes it back.\n";
  if (output.status == "incomplete" && output.files.empty())
    text += fmt::format("There is nothing to apply: `skein runs resume {}` tries again what was not done.\n",
                        output.run_id);
  else if (output.status == "incomplete")
    text += fmt::format(
        "Not all of it was done, and nothing is applied: `skein runs resume {0}` tries the rest again, `skein apply "
        "{0}` takes what passed.\n",
        output.run_id);
  if (output.status == "waiting") text += fmt::format("Not applied: `skein apply {}` does it.\n", output.run_id);
  return text;
}

/// What an agent must not read, wherever it lies.
std::vector<std::string> secret_places(const Services& services, const UserFolders& folders) {
  std::vector<std::string> places{join_path(folders.state, "key"), join_path(folders.state, "trust"),
                                  join_path(folders.state, "workspaces"), folders.config};
  if (const auto home = find_variable(services.environment, "HOME"))
    for (const char* name : {".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".git-credentials",
                             ".npmrc", ".pypirc", ".config/gcloud", ".config/gh", ".password-store", ".mozilla"})
      places.push_back(join_path(*home, name));
  return places;
}

struct NoInput {
  template <class V>
  static void describe(V&) {}
};

struct PlanSchemaOutput {
  engine::Json plan;

  template <class V>
  static void describe(V& v) {
    v.field("plan", &PlanSchemaOutput::plan, "The schema (draft 2020-12).");
  }
};

Result<TaskOutput> run_task(const Services& services, const Context& context, const TaskInput& input) {
  const bool has_task = input.task.find_first_not_of(" \t\n") != std::string::npos;
  if (input.plan && (has_task || input.agent))
    return std::unexpected(Error(Code::invalid_argument, "a plan names its tasks and agents itself")
                               .or_do("give --plan FILE alone, or a task"));
  if (input.plan) return run_plan(services, context, input);
  if (!has_task)
    return std::unexpected(Error(Code::invalid_argument, "the task is empty").or_do("say in words what is to be done"));
  SKEIN_TRY(agents::AgentManifest manifest, chosen_agent(services, context, input.agent));
  TaskOutput planned;
  planned.agent = fmt::format("{} {}", manifest.id, manifest.version);
  planned.status = "planned";
  planned.command = manifest.command;
  planned.model = manifest.model;
  planned.checks = manifest.verify;
  if (input.dry_run) return planned;
  Machinery machinery(services, context);
  SKEIN_TRY(DoneTask done, do_task(services, context, input, std::move(manifest), machinery, {}));
  done.output.command = planned.command;
  done.output.model = planned.model;
  done.output.checks = planned.checks;
  done.output.status = "waiting";
  return settle(services, context, machinery, input.accept, std::move(done));
}

}  // namespace

std::string usage_line(const TaskOutput& output) {
  const ModelUsage& models = output.models;
  const std::string told =
      fmt::format("{} tokens in ({} cached), {} out, {}", text::format_count(models.input_tokens),
                  text::format_count(models.cached_tokens), text::format_count(models.output_tokens),
                  text::format_money(MicroDollars{models.micro_dollars}));
  std::string text;
  if (models.requests > 0)
    text += fmt::format("{} {} to models: {}\n", text::format_count(models.requests),
                        models.requests == 1 ? "request" : "requests", told);
  else if (models.input_tokens > 0 || models.output_tokens > 0 || models.micro_dollars > 0)
    text += fmt::format("{}, as it was told\n", told);
  if (output.watched) text += "Requests to models did not pass the relay: what they cost is not known.\n";
  if (models.estimated > 0)
    text += fmt::format("{} of them told no usage and {} counted at the worst.\n", models.estimated,
                        models.estimated == 1 ? "is" : "are");
  if (models.unpriced > 0)
    text += fmt::format("{} of them went to a model whose price is not known.\n", models.unpriced);
  return text;
}

Result<std::unique_ptr<RunRelay>> relay_for(const Services& services, const Context& context, const TaskInput& input,
                                            std::span<const agents::AgentManifest* const> manifests,
                                            Machinery& machinery, agents::ProcessStepOptions& options) {
  std::optional<agents::BudgetLimits> limits;
  if (input.budget) {
    SKEIN_TRY(limits, agents::parse_budget(*input.budget));
  }
  bool asks = false, watched = false;
  for (const agents::AgentManifest* manifest : manifests) {
    asks = asks || !manifest->providers.empty();
    if (!manifest->network || !manifest->providers.empty()) continue;
    watched = true;
    if (limits && context.note)
      context.note(fmt::format("{} asks models past the relay: it is watched only, and can spend any amount beyond {}",
                               manifest->id, agents::describe(*limits)));
  }
  if (limits && !asks && !watched && context.note)
    context.note("--budget holds nothing here: no agent has a network or a relay");
  std::unique_ptr<RunRelay> relay;
  if (!asks) return relay;
  SKEIN_TRY(relay, RunRelay::start(services, context, machinery, limits));
  options.relay = &relay->relay();
  options.providers = relay->providers();
  return relay;
}

void take_models(const RunRelay* relay, const engine::RunOutcome& outcome, TaskOutput& output) {
  if (relay != nullptr) {
    const RunRelay::Sum sum = relay->sum();
    output.models.requests = sum.calls;
    output.models.estimated = sum.estimated;
    output.models.unpriced = sum.unpriced;
  }
  output.models.input_tokens = outcome.report.usage.input_tokens.value;
  output.models.cached_tokens = outcome.report.usage.cached_tokens.value;
  output.models.output_tokens = outcome.report.usage.output_tokens.value;
  output.models.micro_dollars = outcome.report.usage.money.value;
}

agents::ExposureGround exposure_ground(const Services& services, const Context& context, std::string untrusted_task) {
  agents::ExposureGround ground;
  ground.private_files = settings_of(context).values().agents.private_files;
  ground.untrusted_task = std::move(untrusted_task);
  for (const auto& [name, value] : services.environment) ground.variables.push_back(name);
  return ground;
}

Result<agents::ProcessStepOptions> step_options(const Services& services, const Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  agents::ProcessStepOptions options;
  options.sandboxes = sandboxes_folder(folders);
  options.secret_places = secret_places(services, folders);
  options.environment = {services.environment.begin(), services.environment.end()};
  options.may_use_network = context.mode == engine::Mode::burst;
  options.prove_checks = settings_of(context).values().agents.prove_checks;
  return options;
}

Result<DoneTask> do_task(const Services& services, const Context& context, const TaskInput& input,
                         agents::AgentManifest manifest, Machinery& machinery,
                         std::function<void(std::string_view)> on_said) {
  SKEIN_TRY(agents::ProcessStepOptions options, step_options(services, context));
  auto isolation = look_at_isolation(options.sandboxes);
  SKEIN_TRY(engine::Session * session, machinery.session());
  SKEIN_TRY(const repo::Snapshot base, repo::scan(context.workspace, {}, machinery.pool()));
  options.on_said = std::move(on_said);
  options.executor = &machinery.pool();
  options.sweeper = &machinery.sweeper();
  DoneTask done;
  done.output.agent = fmt::format("{} {}", manifest.id, manifest.version);
  done.output.watched = manifest.network && manifest.providers.empty();
  Questions questions(services, context, session->folder());
  options.people = &questions;
  SKEIN_TRY(const auto stronger, stronger_of(services, context, manifest));
  std::vector<const agents::AgentManifest*> all{&manifest};
  if (stronger) all.push_back(&*stronger);
  const TaskWords words{.name = {}, .task = input.task, .has_checks = !manifest.verify.empty(), .earlier = {}};
  SKEIN_DO(check_tasks(context, base, {&words, 1}));
  for (const auto* one : all)
    SKEIN_DO(
        agents::refuse_exposed(*one, base, exposure_ground(services, context, input.untrusted ? kOthersTask : "")));
  SKEIN_TRY(const auto relay, relay_for(services, context, input, all, machinery, options));
  SKEIN_TRY(options.isolation, isolation_of_run(context, std::move(isolation), input.isolation, relay != nullptr));
  const agents::ProcessStepAgent agent(std::move(manifest), base, options,
                                       {.stronger = stronger ? &*stronger : nullptr});
  const agents::ApplyAgent apply(services.files, session->results(), context.workspace, apply_lock(*session),
                                 agents::ApplyAgent::Direction::forward, recheck(services, context, nullptr));
  engine::Plan plan;
  const auto changes = plan.artifact("changes");
  const auto gates = plan.artifact("gates");
  engine::Step step;
  step.name = kTaskStep;
  step.agent = &agent;
  step.purity = engine::Purity::sampled;
  step.parts = agent.parts(input.task);
  step.outputs = {changes, gates};
  SKEIN_DO(plan.add(std::move(step)));
  if (input.accept == Accept::always) SKEIN_DO(agents::add_apply_step(plan, apply, changes, gates));
  auto request = machinery.request("run", engine::write_json(input).dump());
  request.options.retry.max_attempts = 1;
  if (relay) request.observers.push_back(relay.get());
  std::vector<Digest> artifacts;
  SKEIN_TRY(auto outcome, session->run(plan, std::move(request), &artifacts));
  done.output.run_id = outcome.id;
  if (!outcome.report.failures.empty())
    return std::unexpected(
        std::move(outcome.report.failures.front().error)
            .with(fmt::format("run {}: `skein runs show {}` has what it printed", outcome.id, outcome.id)));
  if (outcome.report.status == engine::RunStatus::cancelled)
    return fail(Code::cancelled, "stopped: nothing was applied");
  done.output.reused = outcome.report.hits > 0;
  done.output.wall_us = outcome.report.usage.wall.count();
  done.output.cpu_us = (outcome.report.usage.user_cpu + outcome.report.usage.system_cpu).count();
  done.output.peak_memory = outcome.report.usage.peak_memory.value;
  take_models(relay.get(), outcome, done.output);
  SKEIN_TRY(const std::string bytes, session->results().get_blob(artifacts[0]));
  SKEIN_TRY(done.set, agents::decode_change_set(bytes));
  SKEIN_TRY(done.gates, session->results().get_blob(artifacts[1]));
  take_gates(agents::read_gate_report(done.gates), done.output);
  if (input.accept == Accept::always) done.output.applied_by = outcome.id;
  return done;
}

void take_gates(const agents::GateReport& report, TaskOutput& output) {
  output.weak_checks.insert(output.weak_checks.end(), report.weak.begin(), report.weak.end());
  output.moving_files.insert(output.moving_files.end(), report.moving.begin(), report.moving.end());
}

Result<TaskOutput> settle(const Services& services, const Context& context, Machinery& machinery, Accept accept,
                          DoneTask done) {
  const agents::ChangeSet& set = done.set;
  TaskOutput& output = done.output;
  SKEIN_TRY(auto view, view_of(set));
  output.files = std::move(view.files);
  output.patch = std::move(view.patch);
  if (output.status == "incomplete") return output;
  if (set.empty()) {
    output.status = "unchanged";
    output.applied_by.clear();
    return output;
  }
  if (!output.applied_by.empty()) {
    output.status = "applied";
    return output;
  }
  if (accept == Accept::never || (accept == Accept::ask && !context.confirm)) return output;
  if (accept == Accept::ask) {
    const std::string question = shown_patch(output.patch, context.style, kShownPatchLines,
                                             fmt::format("skein apply {} --dry-run", output.run_id)) +
                                 file_table(output.files) + "Apply this?";
    if (!context.confirm(question)) return output;
    output.patch.clear();  // It was just shown.
  }
  SKEIN_TRY(const Applied applied, apply_changes(services, context, machinery,
                                                 {.set = set,
                                                  .gates = done.gates,
                                                  .operation = "apply",
                                                  .input = engine::Json{{"run", output.run_id}}.dump()}));
  output.applied_by = applied.run;
  output.status = "applied";
  return output;
}

void register_task(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<TaskInput, TaskOutput>(
      {.name = "run",
       .summary = "Let an agent do a task, in isolation, and see the diff",
       .description =
           "The agent works on its own copy-on-write view of the workspace: your files stay as they are until you "
           "accept. It can write nowhere else, reaches no network but its own loopback (unless its manifest and the "
           "mode allow it), and nothing that it started outlives it. What its manifest names as checks must pass. Then "
           "all of its changes are applied, or none; files that you changed meanwhile are merged by lines, or named as "
           "conflicts.\n\nAn agent whose manifest has a [relay] asks models through skein: its requests are metered, "
           "held by --budget, and carry no key of yours that it could see. `skein usage` shows what they cost.\n\nThe "
           "same task by the same agent on the same files is not done twice: --no-cache does it "
           "again. An agent is a TOML file in .skein/agents or in skein's folder of your configuration.\n\nA plan "
           "(--plan FILE) names tasks, their agents, and which stand on which. What may run at the same time does, "
           "each "
           "in a view of its own that holds what it stands on; the results are put together, three ways, and tested "
           "together before you are asked. A step that fails skips what stands on it and keeps the others; `runs "
           "resume` does the rest. `skein plan schema` prints the schema of plan files.",
       .examples = {{"skein run \"fix the failing test\" --agent mine", "do it, show the diff, and ask"},
                    {"skein run \"tidy\" --agent mine --accept never", "leave it for `skein apply`"},
                    {"skein run \"tidy\" --agent mine --mode burst --budget '$2'", "ask a provider, for $2 at most"},
                    {"skein run --plan team.toml --dry-run", "groups, agents, expected minutes, critical path"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files,
                       engine::Permission::run_code, engine::Permission::spend},
       .records_runs = true},
      [&services](const Context& context, const TaskInput& input) { return run_task(services, context, input); },
      render));
  table.add(engine::Operation::make<NoInput, PlanSchemaOutput>(
      {.name = "plan schema",
       .summary = "Print the JSON Schema of plan files",
       .description = "For editors and generators: what `skein run --plan FILE` reads, in TOML or JSON. The same file "
                      "ships as docs/schemas/team-plan.json.",
       .examples = {{"skein plan schema > team-plan.json", "keep it"}},
       .uses_workspace = false},
      [](const Context&, const NoInput&) -> Result<PlanSchemaOutput> {
        return PlanSchemaOutput{agents::team_plan_schema()};
      },
      [](const PlanSchemaOutput& output, const engine::Style&) { return output.plan.dump(2) + "\n"; }));
}

}  // namespace skein::app
