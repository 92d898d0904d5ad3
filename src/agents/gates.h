// Gates: commands that must pass on a result before it is applied. What they passed on is kept as evidence: it speaks
// for these very bytes, and an edit of any file makes it void.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agents/sandbox.h"
#include "engine/step_context.h"

namespace skein::agents {

struct AgentManifest;
struct ProcessStepOptions;

/// Commands, and the surroundings that they want.
struct Gates {
  std::vector<std::string> checks, setup, environment, hide;
  std::int64_t seconds = 1800;  ///< Limit of each command.

  template <class V>
  static void describe(V& v) {
    v.field("checks", &Gates::checks, "Shell commands that must pass.");
    v.field("setup", &Gates::setup, "Shell commands before them.");
    v.field("environment", &Gates::environment, "Names of the user's variables, and NAME=value.");
    v.field("hide", &Gates::hide, "Files that they do not see.");
    v.field("seconds", &Gates::seconds, "Limit of each command.");
  }
};

/// What passed, on what.
struct GateReport {
  Gates gates;
  std::string workspace;
  std::string changes;
  std::vector<std::string> weak;
  std::vector<std::string> moving;
  std::int64_t tries = 1;

  template <class V>
  static void describe(V& v) {
    v.field("gates", &GateReport::gates, "What passed.");
    v.field("workspace", &GateReport::workspace, "The digest of the workspace's files below the changes.");
    v.field("changes", &GateReport::changes, "The digest of the changes.");
    v.field("weak", &GateReport::weak, "Checks that cannot fail: they pass also when what changed is no program.");
    v.field("moving", &GateReport::moving, "Files that the checks change each time: they passed on other bytes.");
    v.field("tries", &GateReport::tries, "How many tries the agent took.");
  }
};

/// From the JSON of itself, or of a report that has it as "gates". Of what is neither, one without checks.
[[nodiscard]] GateReport read_gate_report(std::string_view json);

/// A variable that stands for a way to models or to the agent's own server: checks do not get it.
[[nodiscard]] bool is_of_agent_alone(std::string_view variable);
/// Those of an agent.
[[nodiscard]] Gates gates_of(const AgentManifest& manifest);

/// Runs them over `base` with `changes` laid over it, in a sandbox of their own. `context` gets what they print and
/// take. Empty: all passed; else what failed, as `unpassed_check` says it. Errors: as that, and of sandboxes.
[[nodiscard]] Result<std::string> failed_gate(engine::StepContext& context, const repo::Snapshot& base,
                                              const ProcessStepOptions& options, const Gates& gates,
                                              const ChangeSet& changes);

/// The checks that cannot fail: they pass also when each file of code in `own` (part of `changes`) is replaced by
/// what is a syntax error in any language. None where `own` has no such file. Errors: as `failed_gate`, but for limits.
[[nodiscard]] Result<std::vector<std::string>> weak_gates(engine::StepContext& context, const repo::Snapshot& base,
                                                          const ProcessStepOptions& options, const Gates& gates,
                                                          const ChangeSet& changes, const ChangeSet& own);

/// Files of `before` or of the workspace that are other ones in `after`: what checks changed of what they check. Files
/// that they only made are not among them.
[[nodiscard]] std::vector<std::string> edited_by_checks(const ChangeSet& before, const ChangeSet& after);

}  // namespace skein::agents
