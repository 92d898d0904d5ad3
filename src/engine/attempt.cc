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
    // Those beyond the step's own are attached.
    if (result.outputs.size() < attempt.step->outputs.size() || !still_true(result, environment.world)) continue;
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

namespace {

Outcome concluded(const Attempt& attempt, const Digest& declared, StepContext& context, Status status,
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
  outcome.state = StepState::executed;
  if (step.purity == Purity::effectful) {
    outcome.outputs = outputs;
    return outcome;
  }

  outcome.key = complete_key(declared, context.reads());
  StoredResult result;
  result.declared = declared;
  result.key = outcome.key;
  result.parts = step.parts;
  result.inputs = attempt.inputs;
  result.reads = std::move(context.reads());
  result.outputs = outputs;
  result.outputs.insert(result.outputs.end(), context.attachments().begin(), context.attachments().end());
  if (!log.empty()) {
    auto kept = environment.results.put_blob(log);
    if (!kept) return failed(std::move(kept).error());
    result.log = *kept;
  }
  result.usage = outcome.usage;
  result.agent = attempt.agent_label;
  result.step = step.name;
  result.run = environment.run;
  result.source = environment.source;
  result.made = environment.clock.wall();
  if (auto put = environment.results.put(result); !put) return failed(std::move(put).error());
  outcome.outputs = std::move(result.outputs);
  return outcome;
}

}  // namespace

Outcome conclude(const Attempt& attempt, const Digest& declared, StepContext& context, Status status,
                 const AttemptEnvironment& environment) {
  Outcome outcome = concluded(attempt, declared, context, std::move(status), environment);
  if (environment.outputs != nullptr && !context.log().empty()) {
    StepOutput output;
    output.run = environment.run;
    output.step = attempt.step->name;
    output.agent = attempt.agent_label;
    output.failed = outcome.state != StepState::executed;
    if (output.failed) {
      output.exit_code = context.exit_code() != 0 ? context.exit_code() : 1;
      output.timed_out = context.timed_out();
    }
    output.wall = context.usage().wall;
    output.bytes = context.log();
    auto name = environment.outputs->keep(output);
    if (name) outcome.output_name = std::move(*name);
  }
  return outcome;
}

Outcome compute(const Attempt& attempt, const AttemptEnvironment& environment) {
  const Instant start = environment.clock.now();
  const ThreadCpu cpu = attempt.measure ? thread_cpu() : ThreadCpu{};
  const Digest declared = declared_digest(attempt);
  auto hit = find_hit(attempt, declared, environment);
  std::unique_ptr<Claim> claim;  // Until the result is kept, or there is none.
  Micros waited{};               // For another process that makes the same: the coordinator counts it as queued.
  if (!hit && attempt.claim && attempt.use_cache && attempt.step->purity != Purity::effectful) {
    const Instant asked = environment.clock.now();
    claim = environment.results.claim(declared, environment.stop);
    if (claim != nullptr && claim->waited()) {
      waited = std::chrono::duration_cast<Micros>(environment.clock.now() - asked);
      hit = find_hit(attempt, declared, environment);
    }
  }
  if (hit) {
    hit->usage.wall = std::chrono::duration_cast<Micros>(environment.clock.now() - start) - waited;
    return std::move(*hit);
  }
  StepContext context(*attempt.step, attempt.inputs, environment.results, environment.world, environment.stop);
  if (attempt.step->purity == Purity::effectful) {
    context.set_recorder(environment.recorder);
    if (environment.commits != nullptr) context.set_commits(environment.commits);
  }
  if (environment.park)
    context.set_parking([&environment, id = attempt.id](const PersonNeed* need) { environment.park(id, need); });
  Status status = attempt.step->agent->run(context);
  waited += context.waited();
  if (attempt.measure) {
    const ThreadCpu now = thread_cpu();
    context.usage().user_cpu += now.user - cpu.user;
    context.usage().system_cpu += now.system - cpu.system;
  }
  context.usage().wall = std::chrono::duration_cast<Micros>(environment.clock.now() - start) - waited;
  Outcome outcome = conclude(attempt, declared, context, std::move(status), environment);
  // Whoever waits for the claim looks for the result next. What cannot be written now fails with the run's next group.
  if (claim != nullptr && outcome.state == StepState::executed) [[maybe_unused]]
    const auto written = environment.results.flush();
  return outcome;
}

}  // namespace skein::engine
