#include "engine/attempt.h"

#include <algorithm>

#include "base/platform/machine.h"

namespace skein::engine {
namespace {

constexpr std::size_t kLogTail = 4096;

bool still_true(const StoredResult& result, const World* world) {
  if (result.reads.empty()) return true;
  if (world == nullptr) return false;
  return std::all_of(result.reads.begin(), result.reads.end(),
                     [&](const Read& read) { return world->state(read.kind, read.path) == read.digest; });
}

}  // namespace

Digest declared_digest(const Attempt& attempt) {
  const Agent& agent = *attempt.step->agent;
  return declared_digest(agent.name(), agent.result_version(), attempt.step->parts, attempt.inputs);
}

std::optional<Outcome> find_hit(const Attempt& attempt, const Digest& declared, const AttemptEnvironment& environment) {
  if (!attempt.use_cache || attempt.step->purity == Purity::effectful) return std::nullopt;
  // A store that cannot be read costs work, never a run: the step is done again.
  const auto results = environment.results.find(declared);
  if (!results) return std::nullopt;
  for (const auto& result : *results) {
    if (result.outputs.size() != attempt.step->outputs.size() || !still_true(result, environment.world)) continue;
    Outcome outcome;
    outcome.id = attempt.id;
    outcome.state = StepState::hit;
    outcome.key = result.key;
    outcome.outputs = result.outputs;
    outcome.usage.cache = CacheResult::hit;
    return outcome;
  }
  return std::nullopt;
}

Outcome conclude(const Attempt& attempt, const Digest& declared, StepContext& context, Status status,
                 const AttemptEnvironment& environment) {
  const Step& step = *attempt.step;
  Outcome outcome;
  outcome.id = attempt.id;
  outcome.key = declared;
  outcome.usage = context.usage();
  outcome.usage.cache = step.purity == Purity::effectful ? CacheResult::none : CacheResult::miss;
  outcome.changes = context.changes();
  const auto& log = context.log();
  outcome.log_tail = log.size() > kLogTail ? log.substr(log.size() - kLogTail) : log;
  const auto failed = [&](Error error) {
    outcome.state = error.code() == Code::cancelled ? StepState::cancelled : StepState::failed;
    outcome.error = std::move(error);
    outcome.lost_input = context.lost_input();
    return std::move(outcome);
  };
  if (!status) return failed(std::move(status).error());
  const auto& outputs = context.outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].is_none())
      return failed(Error(Code::internal, fmt::format("agent {} did not give output {} of step '{}'",
                                                      step.agent->name(), i + 1, step.name)));
  outcome.outputs = outputs;
  outcome.state = StepState::executed;
  if (step.purity == Purity::effectful) return outcome;

  outcome.key = complete_key(declared, context.reads());
  StoredResult result;
  result.declared = declared;
  result.key = outcome.key;
  result.parts = step.parts;
  result.inputs = attempt.inputs;
  result.reads = std::move(context.reads());
  result.outputs = outputs;
  if (!log.empty()) {
    auto kept = environment.results.put_blob(log);
    if (!kept) return failed(std::move(kept).error());
    result.log = *kept;
  }
  result.usage = outcome.usage;
  result.agent = attempt.agent_label;
  result.step = step.name;
  result.run = environment.run;
  if (auto put = environment.results.put(result); !put) return failed(std::move(put).error());
  return outcome;
}

Outcome compute(const Attempt& attempt, const AttemptEnvironment& environment) {
  const Instant start = environment.clock.now();
  const ThreadCpu cpu = attempt.measure ? thread_cpu() : ThreadCpu{};
  const Digest declared = declared_digest(attempt);
  Outcome outcome;
  if (auto hit = find_hit(attempt, declared, environment)) {
    outcome = std::move(*hit);
  } else {
    StepContext context(*attempt.step, attempt.inputs, environment.results, environment.world, environment.stop);
    if (attempt.step->purity == Purity::effectful) {
      context.set_recorder(environment.recorder);
      if (environment.commits != nullptr) context.set_commits(environment.commits);
    }
    Status status = attempt.step->agent->run(context);
    if (attempt.measure) {
      const ThreadCpu now = thread_cpu();
      context.usage().user_cpu += now.user - cpu.user;
      context.usage().system_cpu += now.system - cpu.system;
    }
    context.usage().wall = std::chrono::duration_cast<Micros>(environment.clock.now() - start);
    outcome = conclude(attempt, declared, context, std::move(status), environment);
  }
  outcome.usage.wall = std::chrono::duration_cast<Micros>(environment.clock.now() - start);
  return outcome;
}

}  // namespace skein::engine
