// What is looked at before an agent starts: whether its task can be done, as far as words tell.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/services.h"
#include "repo/snapshot.h"

namespace skein::app {

/// A task, and what is known of it beside its words.
struct TaskWords {
  std::string name;  ///< Of a plan's step; empty for a task alone.
  std::string task;
  bool has_checks = false;           ///< Something must pass when it is done.
  std::vector<std::string> earlier;  ///< Tasks that it stands on: what they name may be theirs to make.
};

/// What is wrong with it, each in a sentence: paths that it names as there and that are not, and that nothing says when
/// it is done. Words that make something ("write docs/a.md") name no path that must be there.
[[nodiscard]] std::vector<std::string> task_problems(const repo::Snapshot& base, const TaskWords& words);

/// Notes the problems, or refuses, as the setting agents.task_checks says. Errors: `invalid_argument`, with all of
/// them.
[[nodiscard]] Status check_tasks(const engine::Context& context, const repo::Snapshot& base,
                                 std::span<const TaskWords> tasks);

}  // namespace skein::app
