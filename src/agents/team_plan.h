// A plan file: tasks for several agents, and which of them stand on which. TOML or JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema.h"

namespace skein::agents {

struct PlanStep {
  std::string id;
  std::string agent;
  std::string task;
  std::vector<std::string> after;
  std::vector<std::string> verify;
  std::optional<double> minutes;
  bool untrusted = false;

  template <class V>
  static void describe(V& v) {
    v.field("id", &PlanStep::id, "The step's name: letters, digits, \".\", \"_\" and \"-\".", {.required = true});
    v.field("agent", &PlanStep::agent, "Who does it: the id of an agent.", {.required = true});
    v.field("task", &PlanStep::task, "What is to be done, in words.", {.required = true});
    v.field("after", &PlanStep::after, "Steps that are done before, and whose changes it sees.");
    v.field("verify", &PlanStep::verify, "Shell commands that its work must pass, beside those of its agent.");
    v.field("minutes", &PlanStep::minutes, "How long it is expected to take.", {.min = 0, .max = 100'000});
    v.field("untrusted", &PlanStep::untrusted,
            "Its words are somebody else's (an issue, a mail). What it makes is taken for that, too.");
  }
};

struct TeamPlan {
  std::int64_t version = 0;
  std::string name;
  std::string description;
  std::vector<std::string> verify;
  std::vector<PlanStep> steps;                           ///< As parsed: each after all that it stands on.
  std::vector<std::vector<std::size_t>> directly_after;  ///< Of each step, the positions of what `after` names.

  template <class V>
  static void describe(V& v) {
    v.field("version", &TeamPlan::version, "Of this format: 1.", {.required = true, .min = 1, .max = 1});
    v.field("name", &TeamPlan::name, "What the plan is called.");
    v.field("description", &TeamPlan::description, "A sentence.");
    v.field("verify", &TeamPlan::verify, "Shell commands that all work together must pass before it is applied.");
    v.field("steps", &TeamPlan::steps, "The tasks.", {.required = true});
  }

  /// Positions of all steps that a step stands on, directly or not, in their order.
  [[nodiscard]] std::vector<std::size_t> before(std::size_t step) const;
};

/// Reads one: JSON where it begins with "{", else TOML. Its steps are put in an order in which each comes after those
/// that it stands on, and otherwise as they stand in the file.
/// Errors: `invalid_argument`, naming `origin`, the place, and for a cycle its steps.
[[nodiscard]] Result<TeamPlan> parse_team_plan(std::string_view text, const std::string& origin);

/// JSON Schema of plan files.
[[nodiscard]] engine::Json team_plan_schema();

/// What is to be expected of a plan.
struct PlanOutlook {
  std::vector<std::vector<std::size_t>> groups;  ///< Steps that may run at the same time, in the order of groups.
  std::vector<std::size_t> critical_path;        ///< The chain of steps that takes longest.
  double critical_minutes = 0;                   ///< Of that chain.
  double all_minutes = 0;                        ///< Of all steps one after the other.
};
/// Steps without `minutes` count as 0.
[[nodiscard]] PlanOutlook outlook_of(const TeamPlan& plan);

}  // namespace skein::agents
