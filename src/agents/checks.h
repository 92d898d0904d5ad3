// Commands that must pass on what an agent made, run in its sandbox.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agents/sandbox.h"
#include "engine/step_context.h"

namespace skein::agents {

/// What a program in a sandbox gets: HOME and TMPDIR in the sandbox, names and ports of its own (SKEIN_NAME,
/// COMPOSE_PROJECT_NAME; SKEIN_PORT, the first of SKEIN_PORTS), what every program needs of the user's environment
/// `of_user` (none of it is a secret), and `more`: names of the user's variables, and "NAME=value".
[[nodiscard]] std::vector<std::string> sandbox_environment(const Sandbox& sandbox,
                                                           std::span<const std::pair<std::string, std::string>> of_user,
                                                           std::span<const std::string> more);

/// Runs shell commands one after the other until one fails; `context` gets what they print and take. Empty: all passed;
/// else what failed, its first line by itself, as an agent is told of it. Errors: `timed_out` and `resource_exhausted`
/// for a limit; as `Sandbox::run`.
[[nodiscard]] Result<std::string> unpassed_check(engine::StepContext& context, Sandbox& sandbox,
                                                 std::span<const std::string> checks,
                                                 const std::vector<std::string>& environment, Millis time_limit);

/// The error of a program that was ended for its limits; none where it was not.
[[nodiscard]] Status limit_error(const std::string& who, const ProcessOutcome& outcome, Millis limit);
/// Adds what a program took to the step's usage.
void add_usage(engine::StepContext& context, const ProcessOutcome& outcome);

}  // namespace skein::agents
