#include "agents/gates.h"

#include <algorithm>

#include "agents/checks.h"
#include "agents/process_step.h"
#include "repo/languages.h"

namespace skein::agents {
namespace {

/// No language takes this at a file's beginning.
constexpr std::string_view kNoProgram = "}])> skein asks whether a check can fail: this is no program <([{ \"'`\n";

Result<std::unique_ptr<Sandbox>> sandbox_for(const repo::Snapshot& base, const ProcessStepOptions& options,
                                             const Gates& gates, const ChangeSet& changes, std::stop_token stop) {
  SandboxOptions made;
  made.folder = options.sandboxes;
  made.hide = gates.hide;
  made.hidden = options.hidden;
  made.executor = options.executor;
  made.sweeper = options.sweeper;
  made.secret_places = options.secret_places;
  made.isolation = options.isolation;
  made.limits = usual_limits();
  made.given = changes;
  made.stop = std::move(stop);
  return Sandbox::make(base, made);
}

bool is_code(const Change& change) {
  if (change.after.kind != EntryKind::file) return false;
  const repo::Language* language = repo::builtin_languages().by_path_and_content(
      change.path, std::string_view(change.after.bytes).substr(0, repo::Languages::kWindow));
  return language != nullptr && language->has_grammar();
}

Millis limit_of(const Gates& gates) { return std::chrono::seconds(gates.seconds); }

}  // namespace

GateReport read_gate_report(std::string_view text) {
  GateReport report;
  auto json = engine::parse_json(text);
  if (!json || !json->is_object()) return report;
  const auto inner = json->find("gates");
  if (inner != json->end() && inner->is_object() && inner->contains("gates")) *json = engine::Json(*inner);
  if (!engine::read_json(*json, report)) report = {};
  return report;
}

bool is_of_agent_alone(std::string_view variable) {
  return variable.contains("{relay_") || variable.contains("{session_");
}

Gates gates_of(const AgentManifest& manifest) {
  Gates gates{manifest.verify, manifest.setup, {}, manifest.hide, manifest.time_limit.count() / 1000};
  for (const std::string& one : manifest.environment)
    if (!is_of_agent_alone(one) && !one.contains("{model}")) gates.environment.push_back(one);
  return gates;
}

Result<std::string> failed_gate(engine::StepContext& context, const repo::Snapshot& base,
                                const ProcessStepOptions& options, const Gates& gates, const ChangeSet& changes) {
  SKEIN_TRY(const auto sandbox, sandbox_for(base, options, gates, changes, context.stop()));
  const auto environment = sandbox_environment(*sandbox, options.environment, gates.environment);
  SKEIN_TRY(std::string failed, unpassed_check(context, *sandbox, gates.setup, environment, limit_of(gates)));
  if (!failed.empty()) return failed;
  return unpassed_check(context, *sandbox, gates.checks, environment, limit_of(gates));
}

Result<std::vector<std::string>> weak_gates(engine::StepContext& context, const repo::Snapshot& base,
                                            const ProcessStepOptions& options, const Gates& gates,
                                            const ChangeSet& changes, const ChangeSet& own) {
  std::vector<std::string> weak;
  ChangeSet broken = changes;
  std::size_t count = 0;
  for (const Change& change : own.changes) {
    if (!is_code(change)) continue;
    const auto at = std::ranges::lower_bound(broken.changes, change.path, {}, &Change::path);
    if (at == broken.changes.end() || at->path != change.path || at->after.kind != EntryKind::file) continue;
    at->after.bytes = kNoProgram;
    ++count;
  }
  if (count == 0 || gates.checks.empty()) return weak;
  context.print(fmt::format("\nskein: can the checks fail? {} replaced by syntax errors\n",
                            count == 1 ? "The changed file is" : fmt::format("The {} changed files are", count)));
  SKEIN_TRY(const auto sandbox, sandbox_for(base, options, gates, broken, context.stop()));
  const auto environment = sandbox_environment(*sandbox, options.environment, gates.environment);
  const auto passes = [&](std::span<const std::string> commands) -> Result<bool> {
    const auto failed = unpassed_check(context, *sandbox, commands, environment, limit_of(gates));
    if (failed) return failed->empty();
    if (failed.error().code() == Code::timed_out || failed.error().code() == Code::resource_exhausted) return false;
    return std::unexpected(failed.error());
  };
  SKEIN_TRY(const bool is_set_up, passes(gates.setup));
  if (!is_set_up) return weak;  // It can fail: by its set-up.
  for (const std::string& check : gates.checks) {
    SKEIN_TRY(const bool passed, passes({&check, 1}));
    if (passed) weak.push_back(check);
  }
  return weak;
}

std::vector<std::string> edited_by_checks(const ChangeSet& before, const ChangeSet& after) {
  std::vector<std::string> paths;
  const auto find = [](const ChangeSet& set, const std::string& path) -> const Change* {
    const auto at = std::ranges::lower_bound(set.changes, path, {}, &Change::path);
    return at != set.changes.end() && at->path == path ? &*at : nullptr;
  };
  for (const Change& change : after.changes) {
    const Change* was = find(before, change.path);
    const bool moved = was != nullptr ? was->after != change.after : change.before.kind != EntryKind::none;
    if (moved) paths.push_back(change.path);
  }
  for (const Change& change : before.changes)  // Taken back to what they were.
    if (find(after, change.path) == nullptr) paths.push_back(change.path);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace skein::agents
