#include <algorithm>

#include "engine/coordinator.h"

namespace skein::engine {
namespace {

constexpr double kBatchUs = 1000;  // Expected length of what is handed to a worker at once.
constexpr std::size_t kBatchSteps = 32;
constexpr int kInlineBeforeYield = 512;  // Inline steps before timers and posts get a turn.
constexpr int kMaxMisses = 64;           // Ready steps looked at that do not fit, before what fits may wait too.

}  // namespace

void Coordinator::make_ready(StepId id, Instant now) {
  StepRun& step = state(id);
  step.phase = Phase::ready;
  step.ready_at = now;
  queue_of(id).push(id, step.remaining_us);
}

Resources Coordinator::needs_of(const Step& step) const {
  Resources needs = step.needs;
  if (step.agent->kind() == WorkKind::computing) ++needs.cpu;
  if (step.agent->kind() == WorkKind::blocking) ++needs.slots;
  return needs;
}

double Coordinator::expected_us(StepId id) {
  // Unknown: long enough to go to a worker, on its own.
  return agent_of(id).history->attempt_us().value_or(kBatchUs);
}

bool Coordinator::runs_inline(StepId id) {
  const Step& step = plan_.step(id);
  return step.agent->kind() == WorkKind::computing && step.purity != Purity::effectful && step.needs.cpu == 0 &&
         step.needs.memory == Bytes{} && !step.time_limit && !options_.time_limit &&
         expected_us(id) < options_.inline_below_us;
}

void Coordinator::pump() {
  if (in_pump_ || finished_) return;
  in_pump_ = true;
  inline_run_ = 0;
  if (!stopping_ && !blocked_.empty()) {
    for (const auto id : blocked_) queue_of(id).push(id, state(id).remaining_us);
    blocked_.clear();
  }
  // Waiting steps first: they cost this machine nothing, and their answers come late.
  drain(waiting_ready_);
  drain(ready_);
  drain(waiting_ready_);  // Those that inline steps made ready: nobody else may come to start them.
  in_pump_ = false;
  finish_if_done();
}

void Coordinator::drain(ReadyQueue& queue) {
  int misses = 0;
  while (!stopping_ && !queue.empty()) {
    if (options_.serial && running_ > 0) return;
    if (inline_run_ >= kInlineBeforeYield) {
      if (!pump_posted_) post_pump();
      return;
    }
    // With no token of the kind that every step of this queue needs, none of them fits.
    if (&queue == &ready_ && free_.cpu < 1) return;
    const StepId id = queue.pop();
    if (dispatch(id)) continue;
    blocked_.push_back(id);
    if (++misses >= kMaxMisses) return;
  }
}

void Coordinator::post_pump() {
  pump_posted_ = true;
  env_.loop.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    pump_posted_ = false;
    pump();
  });
}

ReadyQueue& Coordinator::queue_of(StepId id) {
  return plan_.step(id).agent->kind() == WorkKind::computing ? ready_ : waiting_ready_;
}

bool Coordinator::dispatch(StepId id) {
  const Step& step = plan_.step(id);
  const Resources needs = needs_of(step);
  if (!needs.fits_in(free_) || (step.purity == Purity::effectful && effect_running_)) return false;
  if (step.purity == Purity::effectful) {
    start_effect(id);
  } else if (step.agent->kind() == WorkKind::waiting) {
    start_waiting_step(id);
  } else if (runs_inline(id)) {
    ++inline_run_;
    ++running_;
    state(id).phase = Phase::running;
    Attempt attempt = attempt_for(id);
    attempt.measure = false;
    complete(compute(attempt, attempt_env_));
  } else {
    dispatch_batch(id);
  }
  return true;
}

Attempt Coordinator::attempt_for(StepId id) {
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  Attempt attempt;
  attempt.id = id;
  attempt.step = &step;
  attempt.agent_label = agent_of(id).label;
  attempt.inputs.reserve(step.inputs.size());
  for (const auto input : step.inputs) attempt.inputs.push_back(artifacts_[index_of(input)]);
  attempt.use_cache = options_.use_cache && !run.forced && !(run.on_executed && !options_.use_cutoff) &&
                      (options_.refresh.empty() || !options_.refresh.contains(step.name));
  attempt.claim =
      step.purity == Purity::sampled || agent_of(id).history->attempt_us().value_or(0) >= options_.claim_above_us;
  ++run.attempts;
  emit_step(StepStarted{step.name, step.agent->name(), run.attempts});
  return attempt;
}

void Coordinator::dispatch_batch(StepId first) {
  const Resources needs = needs_of(plan_.step(first));
  free_ -= needs;
  std::vector<Attempt> batch;
  const auto take = [&](StepId id) {
    state(id).phase = Phase::running;
    ++running_;
    batch.push_back(attempt_for(id));
  };
  take(first);
  // Short steps travel together, as long as enough is left for the other workers.
  double expected = expected_us(first);
  const auto fair_share = ready_.size() / static_cast<std::size_t>(capacity_.cpu) + 1;
  const auto limit = batch.front().step->time_limit ? batch.front().step->time_limit : options_.time_limit;
  const bool blocks = batch.front().step->agent->kind() == WorkKind::blocking;
  while (!blocks && !options_.serial && !limit && !ready_.empty() && batch.size() < std::min(kBatchSteps, fair_share)) {
    const Step& next = plan_.step(ready_.top());
    const double more = expected_us(ready_.top());
    if (expected + more > kBatchUs || next.agent->kind() != WorkKind::computing || next.purity == Purity::effectful ||
        next.needs.cpu != 0 || next.needs.providers != 0 || next.needs.memory != Bytes{} || next.time_limit)
      break;
    expected += more;
    take(ready_.pop());
  }
  // A time limit is cooperative: at its end the body's stop token is requested.
  auto timer = EventLoop::TimerId{0};
  auto stop = std::make_shared<std::stop_source>();  // Shared by the worker and the timer, whichever ends last.
  if (limit) timer = env_.loop.call_at(env_.loop.now() + *limit, [stop] { stop->request_stop(); });
  Executor& executor = blocks && env_.blocking != nullptr ? *env_.blocking : env_.pool;
  executor.submit([this, batch = std::move(batch), needs, limit, timer, stop]() mutable {
    std::vector<Outcome> outcomes;
    outcomes.reserve(batch.size());
    AttemptEnvironment environment = attempt_env_;
    environment.park = [this](StepId id, const PersonNeed* need) { park(id, need); };
    std::optional<std::stop_callback<std::function<void()>>> both;
    if (limit) {
      both.emplace(attempt_env_.stop, [stop] { stop->request_stop(); });
      environment.stop = stop->get_token();
    }
    for (const auto& attempt : batch) {
      outcomes.push_back(compute(attempt, environment));
      if (limit && outcomes.back().error && stop->stop_requested() && !attempt_env_.stop.stop_requested()) {
        outcomes.back().state = StepState::failed;
        outcomes.back().error =
            Error(Code::timed_out, fmt::format("took longer than its limit of {} ms", limit->count()));
      }
    }
    env_.loop.post([this, outcomes = std::move(outcomes), needs, timer]() mutable {
      if (timer != 0) env_.loop.cancel(timer);
      free_ += needs;
      for (auto& outcome : outcomes) complete(std::move(outcome));
      pump();
    });
  });
}

/// From a worker's thread. Another step may take the slot; when this one goes on there may be one more for a while.
void Coordinator::park(StepId id, const PersonNeed* need) {
  env_.loop.post(
      [this, id, alive = std::weak_ptr(alive_), told = need == nullptr ? std::nullopt : std::optional(*need)] {
        if (alive.expired()) return;
        if (plan_.step(id).agent->kind() == WorkKind::blocking) free_.slots += told ? 1 : -1;
        if (told) emit(PersonNeeded{plan_.step(id).name, told->id, told->kind, told->what});
        if (told) pump();
      });
}

void Coordinator::start_waiting_step(StepId id) {
  /// What a waiting step holds until it ends.
  struct Waiting {
    Attempt attempt;
    Digest declared;
    std::stop_source stop;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
    std::optional<StepContext> context;
    EventLoop::TimerId timer = 0;
    bool timed_out = false;
    Instant start;
  };
  const Step& step = plan_.step(id);
  const Resources needs = needs_of(step);
  free_ -= needs;
  ++running_;
  state(id).phase = Phase::running;
  // Shared by the step's end and its timer.
  auto waiting = std::make_shared<Waiting>();
  waiting->attempt = attempt_for(id);
  waiting->declared = declared_digest(waiting->attempt);
  waiting->start = env_.loop.now();
  if (auto hit = find_hit(waiting->attempt, waiting->declared, attempt_env_)) {
    env_.loop.post([this, outcome = std::move(*hit), needs]() mutable {
      free_ += needs;
      complete(std::move(outcome));
      pump();
    });
    return;
  }
  waiting->on_stop.emplace(stop_.get_token(), [stop = waiting->stop]() mutable { stop.request_stop(); });
  waiting->context.emplace(step, waiting->attempt.inputs, env_.results, env_.world, waiting->stop.get_token());
  if (step.purity == Purity::effectful)
    // Waiting for the record here would stop the loop that makes it durable.
    waiting->context->set_recorder([](const JournalRecord&, bool) -> Status {
      return fail(Code::internal, "a waiting step cannot record; give the record to a computing effect");
    });
  const auto limit = step.time_limit ? step.time_limit : options_.time_limit;
  if (limit)
    waiting->timer = env_.loop.call_at(env_.loop.now() + *limit, [waiting] {
      waiting->timer = 0;
      waiting->timed_out = true;
      waiting->stop.request_stop();
    });
  step.agent->wait(*waiting->context, env_.loop).start([this, waiting, needs, limit](Status status) {
    if (waiting->timer != 0) env_.loop.cancel(waiting->timer);
    if (!status && waiting->timed_out)
      status = fail(Code::timed_out, "took longer than its limit of {} ms", limit->count());
    waiting->context->usage().wall = std::chrono::duration_cast<Micros>(env_.loop.now() - waiting->start);
    auto outcome = conclude(waiting->attempt, waiting->declared, *waiting->context, std::move(status), attempt_env_);
    // Posted, not called: this runs inside the coroutine's last suspension.
    env_.loop.post([this, waiting, outcome = std::move(outcome), needs]() mutable {
      free_ += needs;
      if (waiting->attempt.step->purity == Purity::effectful) effect_running_ = false;
      complete(std::move(outcome));
      pump();
    });
  });
}

void Coordinator::start_effect(StepId id) {
  // An effect waits until all it depends on is durable; with a group commit, that is all that happened before.
  state(id).phase = Phase::running;
  effect_running_ = true;
  ++running_;
  const Resources needs = needs_of(plan_.step(id));
  free_ -= needs;
  const auto begin = [this, needs](StepId step) {
    env_.pool.submit([this, needs, attempt = attempt_for(step)] {
      Outcome outcome = compute(attempt, attempt_env_);
      env_.loop.post([this, needs, outcome = std::move(outcome)]() mutable {
        free_ += needs;
        effect_running_ = false;
        complete(std::move(outcome));
        pump();
      });
    });
  };
  const Agent& agent = *plan_.step(id).agent;
  if (agent.records_first() && agent.kind() == WorkKind::computing) return begin(id);
  commits_.when_durable([this, id, needs, begin](Status durable) {
    if (!durable) {
      effect_running_ = false;
      --running_;
      free_ += needs;
      stop_now(std::move(durable).error());
      return;
    }
    if (stopping_) {
      effect_running_ = false;
      --running_;
      free_ += needs;
      state(id).phase = Phase::ready;
      queue_of(id).push(id, state(id).remaining_us);
      pump();
      return;
    }
    const Step& step = plan_.step(id);
    if (step.agent->kind() == WorkKind::waiting) {
      --running_;
      free_ += needs;
      start_waiting_step(id);  // Takes both again.
      return;
    }
    begin(id);
  });
}

}  // namespace skein::engine
