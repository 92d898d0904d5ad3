#include "agents/checks.h"

#include <algorithm>
#include <array>

#include "base/file_system.h"
#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::agents {
namespace {

/// Of the user's environment, what every program needs; none of it is a secret.
constexpr std::array<std::string_view, 8> kPassedOn{"PATH", "LANG", "LC_ALL",  "LC_CTYPE",
                                                    "TZ",   "USER", "LOGNAME", "SHELL"};
constexpr Bytes kToldOfAFailure{4000};

}  // namespace

std::vector<std::string> sandbox_environment(const Sandbox& sandbox,
                                             std::span<const std::pair<std::string, std::string>> of_user,
                                             std::span<const std::string> more) {
  std::vector<std::string> made{"HOME=" + join_path(sandbox.scratch(), "home"),
                                "TMPDIR=" + join_path(sandbox.scratch(), "tmp"),
                                "TERM=dumb",
                                "SKEIN_SANDBOX=1",
                                "SKEIN_NAME=" + sandbox.name(),
                                "COMPOSE_PROJECT_NAME=" + sandbox.name(),
                                fmt::format("SKEIN_PORT={}", sandbox.first_port()),
                                fmt::format("SKEIN_PORTS={}", Sandbox::kPorts)};
  const auto pass_on = [&](std::string_view name) {
    for (const auto& [known, value] : of_user)
      if (known == name) made.push_back(known + "=" + value);
  };
  for (const std::string_view name : kPassedOn) pass_on(name);
  for (const std::string& one : more) {
    if (one.find('=') != std::string::npos)
      made.push_back(one);
    else
      pass_on(one);
  }
  return made;
}

Status limit_error(const std::string& who, const ProcessOutcome& outcome, Millis limit) {
  if (outcome.timed_out)
    return std::unexpected(Error(Code::timed_out, fmt::format("{} took longer than {} s", who, limit.count() / 1000))
                               .or_do("a longer time stands in its manifest: limits.time_s"));
  if (!outcome.limit.empty())
    return std::unexpected(
        Error(Code::resource_exhausted, fmt::format("{} took more {} than it may", who, outcome.limit))
            .or_do("its manifest has the limits: [limits]"));
  return {};
}

void add_usage(engine::StepContext& context, const ProcessOutcome& outcome) {
  context.usage().user_cpu += outcome.user;
  context.usage().system_cpu += outcome.system;
  context.usage().peak_memory = std::max(context.usage().peak_memory, outcome.peak_memory);
  context.program_ended(outcome.exit_code, outcome.timed_out);
}

Result<std::string> unpassed_check(engine::StepContext& context, Sandbox& sandbox, std::span<const std::string> checks,
                                   const std::vector<std::string>& environment, Millis time_limit) {
  for (const std::string& check : checks) {
    Command command;
    command.argv = {"sh", "-c", check};
    command.environment = environment;
    command.time_limit = time_limit;
    std::string output;
    command.on_output = [&](bool, std::string_view bytes) { output += bytes; };
    context.print(fmt::format("\n$ {}\n", check));
    SKEIN_TRY(const ProcessOutcome outcome, sandbox.run(std::move(command), context.stop()));
    context.print(output);
    add_usage(context, outcome);
    SKEIN_DO(limit_error("the check `" + check + "`", outcome, time_limit));
    if (outcome.exit_code == 0) continue;
    summary::RunFacts facts;
    facts.argv = {"sh", "-c", check};
    facts.exit_code = outcome.exit_code;
    summary::RenderOptions shown;
    shown.format = summary::Format::agent;
    shown.limit = kToldOfAFailure;
    SKEIN_TRY(const auto rendering, summary::render(summary::summarize(output, facts, {}), shown));
    return fmt::format("`{}` ended with exit code {}:\n\n{}", check, outcome.exit_code, rendering.text);
  }
  return std::string();
}

}  // namespace skein::agents
