// `skein agents try`: one agent on a throw-away view of the workspace, to see what it does.
#include "app/agent_registry.h"
#include "app/operations.h"
#include "app/task.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct TryInput {
  std::string id;
  std::string prompt;
  std::optional<IsolationLevel> isolation;

  template <class V>
  static void describe(V& v) {
    v.field("id", &TryInput::id, "The agent.", {.required = true, .positional = true, .value_name = "ID"});
    v.field("prompt", &TryInput::prompt, "What it is to do, in words.",
            {.required = true, .positional = true, .value_name = "PROMPT"});
    v.field("isolation", &TryInput::isolation, "As of `skein run`.");
  }
};

struct TryOutput {
  std::string said;
  TaskOutput task;

  template <class V>
  static void describe(V& v) {
    v.field("said", &TryOutput::said, "What the agent said, as its manifest reads it.");
    v.field("task", &TryOutput::task, "What it changed and took, as of `skein run`.");
  }
};

std::string render(const TryOutput& output, const engine::Style& style) {
  std::string text;
  for (std::string_view rest = output.said; !rest.empty();) {
    const auto end = rest.find('\n');
    text += text::printable(rest.substr(0, end)) + "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  const TaskOutput& task = output.task;
  text += (text.empty() ? "" : "\n") +
          shown_patch(task.patch, style, kShownPatchLines, fmt::format("skein apply {} --dry-run", task.run_id));
  text += task.files.empty() ? "It changed nothing.\n" : file_table(task.files);
  text += fmt::format("{} {}: {:.1f} s, {:.1f} s of processor time, {} of memory\n", task.agent, task.run_id,
                      static_cast<double>(task.wall_us) / 1e6, static_cast<double>(task.cpu_us) / 1e6,
                      text::format_bytes({task.peak_memory}));
  return text + usage_line(task) + "Your files are as they were.\n";
}

Result<TryOutput> try_agent(const Services& services, const Context& context, const TryInput& input) {
  SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
  SKEIN_TRY(agents::AgentManifest manifest, registry.find(input.id));
  Context anew = context;
  anew.no_cache = true;  // What it says is to be seen.
  TaskInput task;
  task.task = input.prompt;
  task.agent = input.id;
  task.accept = Accept::never;
  task.isolation = input.isolation;
  Machinery machinery(services, anew);
  TryOutput output;
  SKEIN_TRY(DoneTask done, do_task(services, anew, task, std::move(manifest), machinery,
                                   [&](std::string_view said) { output.said += said; }));
  done.output.status = "waiting";
  SKEIN_TRY(output.task, settle(services, anew, machinery, Accept::never, std::move(done)));
  return output;
}

}  // namespace

void register_agents_try(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<TryInput, TryOutput>(
      {.name = "agents try",
       .summary = "Try an agent on a throw-away view of the workspace",
       .description =
           "The agent does what the prompt says in a sandbox, and you see what it said, what it would change and what "
           "it "
           "took. Your files stay as they are. It is a run like one of `skein run --accept never`: `skein apply` can "
           "still bring it in.",
       .examples = {{"skein agents try codex \"say what this project is\"", "see whether it works here"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::run_code},
       .records_runs = true},
      [&services](const Context& context, const TryInput& input) { return try_agent(services, context, input); },
      render));
}

}  // namespace skein::app
