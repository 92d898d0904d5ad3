#include <algorithm>

#include "base/check.h"
#include "engine/coordinator.h"

namespace skein::engine {
namespace {

constexpr int kMaxRemakes = 3;  // Of one lost artifact.
constexpr std::size_t kMaxNotRunNames = 1000;

}  // namespace

void Coordinator::complete(Outcome outcome) {
  const StepId id = outcome.id;
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  --running_;
  const Instant now = env_.loop.now();
  const Micros total = std::chrono::duration_cast<Micros>(now - run.ready_at);
  outcome.usage.queued = std::max(Micros{0}, total - outcome.usage.wall);
  if (step.agent->kind() == WorkKind::computing) busy_ += outcome.usage.wall;
  for (const auto& change : outcome.changes) emit(FileChanged{change.path, change.removed ? "removed" : "written"});
  if (!outcome.log_tail.empty()) emit_step(OutputGenerated{step.name, outcome.log_tail});
  if (!outcome.output_name.empty()) commits_.append(JournalOutput{step.name, outcome.output_name});
  if (outcome.usage.money.value > 0)
    emit_step(Spent{step.name, outcome.usage.input_tokens + outcome.usage.output_tokens, outcome.usage.money});
  switch (outcome.state) {
    case StepState::executed:
    case StepState::hit:
      succeed(outcome, now);
      break;
    case StepState::failed:
    case StepState::skipped:
    case StepState::cancelled:
      fail_step(std::move(outcome));
      break;
  }
  progress(false);
}

void Coordinator::succeed(const Outcome& outcome, Instant now) {
  const StepId id = outcome.id;
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  const bool executed = outcome.state == StepState::executed;
  const bool again = run.forced;  // Counted when it was first done.
  run.phase = Phase::done;
  run.forced = false;
  agent_of(id).history->record(outcome.usage.wall, executed);
  if (!again) ++ended_;
  if (executed) {
    ++report_.executed;
    report_.usage += outcome.usage;
    commits_.append(
        JournalStep{step.name, agent_of(id).label, outcome.state, outcome.key, outcome.outputs, outcome.usage});
    if (outcome.usage.cache == CacheResult::miss) emit_step(CacheMiss{step.name, step.agent->name()});
  } else {
    ++report_.hits;
    // What a model or an agent answered may be asked for by its run's name, also where it was reused.
    if (step.purity == Purity::sampled)
      commits_.append(
          JournalStep{step.name, agent_of(id).label, outcome.state, outcome.key, outcome.outputs, outcome.usage});
    emit_step(CacheHit{step.name, step.agent->name()});
  }
  if (report_.first_result == Micros{}) report_.first_result = std::chrono::duration_cast<Micros>(now - start_);
  emit_step(StepFinished{step.name, step.agent->name(), &outcome.usage});

  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const auto artifact = index_of(step.outputs[i]);
    artifacts_[artifact] = outcome.outputs[i];
    for (auto edge = std::exchange(consumers_[artifact], kEnd); edge != kEnd; edge = edges_[edge].next) {
      const auto consumer = static_cast<StepId>(edges_[edge].step);
      StepRun& other = state(consumer);
      other.on_executed = other.on_executed || executed;
      if (--other.waiting_for == 0 && other.phase == Phase::waiting) make_ready(consumer, now);
    }
  }
  if (const auto waiters = remake_waiters_.find(index_of(id)); waiters != remake_waiters_.end()) {
    for (const auto consumer : waiters->second)
      if (--state(consumer).waiting_for == 0) make_ready(consumer, now);
    remake_waiters_.erase(waiters);
  }
  if (step.expand && !again) {
    auto status = step.expand(plan_, outcome.outputs);
    if (status) status = adopt();
    if (!status) stop_now(std::move(status).error().with(fmt::format("while step '{}' added steps", step.name)));
  }
}

void Coordinator::fail_step(Outcome outcome) {
  const StepId id = outcome.id;
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  SKEIN_CHECK(outcome.error.has_value());
  if (outcome.lost_input && run.remakes < kMaxRemakes && can_remake(step.inputs[*outcome.lost_input])) {
    ++run.remakes;
    --run.attempts;
    remake(id, step.inputs[*outcome.lost_input]);
    return;
  }
  const bool worth_a_retry =
      classify(outcome.error->code()) == FailureClass::transient && run.attempts < options_.retry.max_attempts;
  if (stopping_ && (outcome.state == StepState::cancelled || worth_a_retry)) {
    run.phase = Phase::skipped;
    if (run.forced) return;
    ++report_.skipped;
    ++ended_;
    return;
  }
  const bool again = worth_a_retry && !stopping_;
  emit(StepFailed{step.name, step.agent->name(), to_string(outcome.error->code()), outcome.error->message(),
                  run.attempts, again});
  if (again) {
    ++running_;  // The retry holds the run open, and no tokens.
    const Nanos delay = retry_delay(options_.retry, run.attempts, env_.random);
    retries_[index_of(id)] = env_.loop.call_at(env_.loop.now() + delay, [this, id] {
      retries_.erase(index_of(id));
      --running_;
      make_ready(id);
      pump();
    });
    return;
  }
  run.phase = Phase::failed;
  ++report_.failed;
  if (!run.forced) ++ended_;  // Else it was counted when it was first done.
  report_.usage += outcome.usage;
  JournalFailure failure{step.name,
                         agent_of(id).label,
                         std::string(to_string(outcome.error->code())),
                         outcome.error->to_string(),
                         run.attempts,
                         step.parts,
                         {},
                         outcome.log_tail,
                         {}};
  for (const auto input : step.inputs) failure.inputs.push_back(artifacts_[index_of(input)]);
  skip_dependents(id, failure.not_run);
  commits_.append(failure);
  report_.failures.push_back({step.name, std::move(*outcome.error), run.attempts});
  if (!options_.keep_going) begin_stop();
}

bool Coordinator::can_remake(ArtifactId lost) const {
  // An effect is never repeated, and what failed to be made again is lost for good; so is what no step here makes.
  if (!plan_.has_maker(lost)) return false;
  const StepId maker = plan_.maker(lost);
  const Phase phase = steps_[index_of(maker)].phase;
  return plan_.step(maker).purity != Purity::effectful && phase != Phase::failed && phase != Phase::skipped;
}

void Coordinator::remake(StepId id, ArtifactId lost) {
  const StepId maker = plan_.maker(lost);
  StepRun& run = state(id);
  run.phase = Phase::waiting;
  run.waiting_for = 1;
  auto& waiters = remake_waiters_[index_of(maker)];
  waiters.push_back(id);
  StepRun& made = state(maker);
  if (made.phase != Phase::done) return;  // Being made again for another step.
  ++made.remakes;
  made.forced = true;
  make_ready(maker);
}

void Coordinator::skip_dependents(StepId failed, std::vector<std::string>& names) {
  const std::string_view because = plan_.step(failed).name;
  std::vector<StepId> stack{failed};
  while (!stack.empty()) {
    const StepId id = stack.back();
    stack.pop_back();
    const auto skip = [&](StepId consumer) {
      StepRun& other = state(consumer);
      if (other.phase != Phase::waiting) return;
      if (plan_.step(consumer).takes_what_there_is) {
        if (--other.waiting_for == 0) make_ready(consumer);
        return;
      }
      other.phase = Phase::skipped;
      ++report_.skipped;
      ++ended_;
      if (names.size() < kMaxNotRunNames) names.push_back(plan_.step(consumer).name);
      emit_step(StepSkipped{plan_.step(consumer).name, because});
      stack.push_back(consumer);
    };
    for (const auto output : plan_.step(id).outputs)
      for (auto edge = consumers_[index_of(output)]; edge != kEnd; edge = edges_[edge].next)
        skip(static_cast<StepId>(edges_[edge].step));
    if (const auto waiters = remake_waiters_.find(index_of(id)); waiters != remake_waiters_.end()) {
      const auto stuck = std::move(waiters->second);
      remake_waiters_.erase(waiters);
      for (const auto consumer : stuck) skip(consumer);
    }
  }
}

}  // namespace skein::engine
