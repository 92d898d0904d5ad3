// `skein docs agents`.
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

#include "app/operations.h"
#include "app/rewriting.h"
#include "app/workspace_path.h"
#include "base/executor.h"
#include "prose/known_facts.h"
#include "prose/marked_section.h"
#include "text/printable.h"

namespace skein::app {
namespace {

using engine::Context;

struct AgentsInput {
  bool check = false;

  template <class V>
  static void describe(V& v) {
    v.field("check", &AgentsInput::check,
            "Say whether the section is what it would be now; exit code 1 if not. Writes nothing.");
  }
};

struct AgentsOutput {
  std::string status;
  std::vector<std::string> written;
  std::vector<std::string> current;
  std::vector<std::string> stale;

  template <class V>
  static void describe(V& v) {
    v.field("status", &AgentsOutput::status, "\"ok\" or, with --check, \"stale\".");
    v.field("written", &AgentsOutput::written, "Files that were written.");
    v.field("current", &AgentsOutput::current, "Files whose section was as it should be.");
    v.field("stale", &AgentsOutput::stale, "With --check: files whose section is old or missing.");
  }
  [[nodiscard]] bool succeeded() const { return status == "ok"; }
};

std::string render(const AgentsOutput& output, const engine::Style&) {
  std::string text;
  for (const auto& file : output.written) text += fmt::format("wrote {}\n", text::printable(file));
  for (const auto& file : output.current) text += fmt::format("{} is up to date\n", text::printable(file));
  for (const auto& file : output.stale)
    text += fmt::format("{} is stale: run `skein docs agents`\n", text::printable(file));
  return text;
}

/// What agents read in this workspace: those of AGENTS.md and CLAUDE.md that are there, else AGENTS.md. A link counts
/// as what it leads to, and a CLAUDE.md that includes AGENTS.md needs nothing of its own.
Result<std::vector<std::string>> notes_of(const Services& services, const Context& context) {
  std::vector<std::string> names;
  for (const std::string name : {"AGENTS.md", "CLAUDE.md"}) {
    struct stat info{};
    const auto path = join_path(context.workspace, name);
    if (::stat(path.c_str(), &info) != 0) continue;
    if (!S_ISREG(info.st_mode)) return fail(Code::invalid_argument, "{} is no file", name);
    SKEIN_TRY(auto real, below_root(context.workspace, path));
    if (name == "CLAUDE.md" && !names.empty()) {
      SKEIN_TRY(const auto text, read_file(services.files, path));
      if (("\n" + text).contains("\n@AGENTS.md")) continue;
    }
    if (names.empty() || names.front() != real) names.push_back(std::move(real));
  }
  if (names.empty()) names.emplace_back("AGENTS.md");
  return names;
}

Result<AgentsOutput> agents(const Services& services, const Context& context, const AgentsInput& input) {
  std::unique_ptr<Executor> executor;
  if (context.jobs > 1)
    executor = std::make_unique<ThreadPool>(context.jobs - 1);
  else
    executor = std::make_unique<InlineExecutor>();
  SKEIN_TRY(const auto names, notes_of(services, context));
  SKEIN_TRY(const repo::Snapshot snapshot, repo::scan(context.workspace, {}, *executor));
  if (context.stop.stop_requested()) return fail(Code::cancelled, "stopped");
  const auto& settings = settings_of(context).values();
  const auto section = prose::facts_section(snapshot, services.files, *executor, settings.project.name.value_or(""),
                                            settings.project.description.value_or(""));
  AgentsOutput output;
  output.status = "ok";
  std::vector<prose::Rewrite> rewrites;
  for (const auto& name : names) {
    const auto text = read_file(services.files, join_path(context.workspace, name));
    if (!text && text.error().code() != Code::not_found) return pass(text.error(), "while reading " + name);
    auto after = prose::with_section(text.value_or(""), section);
    if (!after) return pass(std::move(after).error(), "in " + name);
    if (text && *text == *after)
      output.current.push_back(name);
    else if (input.check)
      output.stale.push_back(name);
    else {
      rewrites.push_back({name, text ? sha256(*text) : Digest{}, std::move(*after)});
      output.written.push_back(name);
    }
  }
  if (!output.stale.empty()) output.status = "stale";
  SKEIN_DO(rewrite_files(services, context, "docs agents", engine::write_json(input).dump(), std::move(rewrites)));
  return output;
}

}  // namespace

void register_docs_agents(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<AgentsInput, AgentsOutput>(
      {.name = "docs agents",
       .summary = "Keep the facts in AGENTS.md or CLAUDE.md fresh",
       .description =
           "Writes what can be known from the workspace's files into a marked section of AGENTS.md and CLAUDE.md "
           "(AGENTS.md where neither is there): commands from manifests and CI, layout, entry points, languages, "
           "conventions. What people wrote around it is never touched. To document a folder named agents, write `skein "
           "docs "
           "./agents`.",
       .examples = {{"skein docs agents", "write or refresh the section"},
                    {"skein docs agents --check", "is it up to date? For CI"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files},
       .records_runs = true},
      [&services](const Context& context, const AgentsInput& input) { return agents(services, context, input); },
      render));
}

}  // namespace skein::app
