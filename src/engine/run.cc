#include "engine/run.h"

#include <algorithm>
#include <future>
#include <unordered_map>

#include "base/check.h"
#include "engine/attempt.h"
#include "engine/ready_queue.h"

namespace skein::engine {
namespace {

constexpr double kBatchUs = 1000;  // Expected length of what is handed to a worker at once.
constexpr std::size_t kBatchSteps = 32;
constexpr int kInlineBeforeYield = 512;  // Inline steps before timers and posts get a turn.
constexpr int kMaxRemakes = 3;           // Of one lost artifact.
constexpr int kMaxMisses = 64;           // Ready steps looked at that do not fit, before what fits may wait too.
constexpr std::size_t kMaxNotRunNames = 1000;
constexpr Millis kProgressEvery{100};
const SystemClock kSystemClock;

enum class Phase : std::uint8_t { waiting, ready, running, done, failed, skipped };

struct StepRun {
  std::uint32_t waiting_for = 0;  // Dependencies not yet made.
  float remaining_us = 0;
  Phase phase = Phase::waiting;
  std::uint8_t attempts = 0;
  std::uint8_t remakes = 0;
  bool on_executed = false;  // Stands on a step that was done in this run.
  bool forced = false;       // It was done and its bytes were lost: do it, whatever the cache says.
  Instant ready_at{};
};

struct Edge {
  std::uint32_t step;
  std::uint32_t next;
};

constexpr std::uint32_t kEnd = 0xffffffff;

}  // namespace

std::string_view to_string(RunStatus status) {
  switch (status) {
    case RunStatus::ok:
      return "ok";
    case RunStatus::failed:
      return "failed";
    case RunStatus::cancelled:
      return "cancelled";
  }
  return "unknown";
}

/// Everything here happens on the loop's thread, but for `compute` on a worker.
class Coordinator {
 public:
  Coordinator(Plan& plan, const RunEnvironment& environment, const RunOptions& options)
      : plan_(plan),
        env_(environment),
        options_(options),
        capacity_(options.capacity),
        commits_(environment.loop, environment.disk, environment.results, environment.journal, options.group),
        attempt_env_{environment.results,
                     environment.world,
                     options.id,
                     stop_.get_token(),
                     environment.clock != nullptr ? *environment.clock : kSystemClock,
                     [this](JournalRecord record) { return record_from_worker(std::move(record)); },
                     &commits_decided_} {
    capacity_.cpu = options.serial ? 1 : std::max(capacity_.cpu, 1);
    if (options.serial) capacity_.providers = 1;
    free_ = capacity_;
    for (auto* observer : env_.observers) detailed_ = detailed_ || observer->wants_every_step();
  }

  Result<RunReport> run(std::vector<Digest>* artifacts);

 private:
  Status adopt();
  void make_ready(StepId id);
  void pump();
  void post_pump();
  void drain(ReadyQueue& queue);
  [[nodiscard]] ReadyQueue& queue_of(StepId id);
  [[nodiscard]] bool dispatch(StepId id);
  void dispatch_batch(StepId first);
  void start_waiting_step(StepId id);
  void start_effect(StepId id);
  Attempt attempt_for(StepId id);
  void complete(Outcome outcome);
  void succeed(const Outcome& outcome);
  void fail_step(Outcome outcome);
  [[nodiscard]] bool can_remake(ArtifactId lost) const;
  void remake(StepId id, ArtifactId lost);
  void skip_dependents(StepId failed, std::vector<std::string>& names);
  void finish_if_done();
  void begin_stop();
  void stop_now(Error error);
  Status record_from_worker(JournalRecord record);
  [[nodiscard]] bool runs_inline(const Step& step) const;
  [[nodiscard]] Resources needs_of(const Step& step) const;
  [[nodiscard]] double expected_us(const Agent& agent) const;
  void emit(const Event& event) {
    for (auto* observer : env_.observers) observer->on(event);
  }
  void emit_step(const Event& event) {
    if (!detailed_) return;
    for (auto* observer : env_.observers)
      if (observer->wants_every_step()) observer->on(event);
  }
  void progress(bool always);
  [[nodiscard]] const std::string& label(const Agent& agent);
  StepRun& state(StepId id) { return steps_[index_of(id)]; }

  Plan& plan_;
  const RunEnvironment& env_;
  const RunOptions& options_;
  std::stop_source stop_;
  Resources capacity_;
  Resources free_;
  GroupCommit commits_;
  std::uint32_t commits_decided_ = 0;  // Used by effectful steps, one at a time.
  AttemptEnvironment attempt_env_;

  std::vector<StepRun> steps_;
  std::vector<Digest> artifacts_;
  std::vector<std::uint32_t> consumers_;  // By artifact: first edge.
  std::vector<Edge> edges_;
  std::unordered_map<std::uint32_t, std::vector<StepId>> remake_waiters_;
  ReadyQueue ready_;                                               // Computing steps and effects that compute.
  ReadyQueue waiting_ready_;                                       // Waiting steps.
  std::vector<StepId> blocked_;                                    // Ready, but not enough is free.
  std::unordered_map<std::uint32_t, EventLoop::TimerId> retries_;  // By step: waiting for its next attempt.
  std::unordered_map<const Agent*, std::string> labels_;
  std::size_t running_ = 0;  // Handed out, waiting for durability or for a retry.
  std::size_t ended_ = 0;
  bool effect_running_ = false;
  bool detailed_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  bool pump_posted_ = false;
  bool in_pump_ = false;
  int inline_run_ = 0;
  EventLoop::TimerId run_timer_ = 0;
  std::optional<Error> fatal_;
  RunReport report_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // Posts that may outlive the run hold it weakly.
  Micros busy_{};
  Instant start_{};
  Instant last_progress_{};
};

Status Coordinator::adopt() {
  SKEIN_DO(plan_.check());
  const std::size_t first = steps_.size();
  if (first == plan_.size()) return {};
  for (std::size_t i = first; i < plan_.size(); ++i) {
    const Step& step = plan_.step(static_cast<StepId>(i));
    Resources most = capacity_;
    if (!needs_of(step).fits_in(most))
      return fail(Code::invalid_argument,
                  "step '{}' needs more than this run has ({} CPU tokens, {} provider slots, {} bytes of memory); give "
                  "the run a larger profile",
                  step.name, capacity_.cpu, capacity_.providers, capacity_.memory.value);
  }
  steps_.resize(plan_.size());
  artifacts_.resize(plan_.artifact_count());
  consumers_.resize(plan_.artifact_count(), kEnd);
  const auto remaining = remaining_paths(plan_, first, env_.history);
  for (std::size_t i = first; i < plan_.size(); ++i) {
    const auto id = static_cast<StepId>(i);
    StepRun& step = state(id);
    step.remaining_us = options_.serial ? 0 : remaining[i - first];
    for_each_dependency(plan_.step(id), [&](ArtifactId artifact) {
      const StepId maker = plan_.maker(artifact);
      if (state(maker).phase == Phase::done) return;
      ++step.waiting_for;
      edges_.push_back({static_cast<std::uint32_t>(i), consumers_[index_of(artifact)]});
      consumers_[index_of(artifact)] = static_cast<std::uint32_t>(edges_.size() - 1);
    });
  }
  for (std::size_t i = first; i < plan_.size(); ++i) {
    const auto id = static_cast<StepId>(i);
    // Stands on a step that failed before this one was added.
    bool hopeless = false;
    for_each_dependency(plan_.step(id), [&](ArtifactId artifact) {
      const Phase phase = state(plan_.maker(artifact)).phase;
      hopeless = hopeless || phase == Phase::failed || phase == Phase::skipped;
    });
    if (hopeless && state(id).phase == Phase::waiting) {
      state(id).phase = Phase::skipped;
      ++report_.skipped;
      ++ended_;
      std::vector<std::string> names;
      skip_dependents(id, names);
    } else if (state(id).waiting_for == 0 && state(id).phase == Phase::waiting) {
      make_ready(id);
    }
  }
  return {};
}

Result<RunReport> Coordinator::run(std::vector<Digest>* artifacts) {
  start_ = env_.loop.now();
  last_progress_ = start_;
  SKEIN_DO(adopt());
  emit(RunStarted{options_.id, plan_.size()});
  const std::stop_callback on_stop(env_.stop, [this] {
    env_.loop.post([this, alive = std::weak_ptr(alive_)] {
      if (alive.expired()) return;
      begin_stop();
      pump();
    });
  });
  if (options_.run_limit)
    run_timer_ = env_.loop.call_at(start_ + *options_.run_limit, [this] {
      run_timer_ = 0;
      if (finished_) return;
      stop_now(Error(Code::timed_out, fmt::format("the run took longer than its limit of {} s; what was done is kept",
                                                  options_.run_limit->count() / 1000))
                   .or_do("run it again to go on from there, or raise engine.time_limit"));
    });
  post_pump();
  env_.loop.run();
  if (run_timer_ != 0) env_.loop.cancel(run_timer_);

  if (fatal_) return std::unexpected(*fatal_);
  report_.usage.wall = std::chrono::duration_cast<Micros>(env_.loop.now() - start_);
  report_.groups = commits_.groups();
  if (report_.usage.wall.count() > 0)
    report_.parallel_efficiency =
        static_cast<double>(busy_.count()) / (static_cast<double>(report_.usage.wall.count()) * capacity_.cpu);
  if (env_.metrics != nullptr) {
    env_.metrics->count("skein_steps_total", {{"state", "executed"}}, static_cast<double>(report_.executed));
    env_.metrics->count("skein_steps_total", {{"state", "hit"}}, static_cast<double>(report_.hits));
    env_.metrics->count("skein_steps_total", {{"state", "failed"}}, static_cast<double>(report_.failed));
    env_.metrics->count("skein_steps_total", {{"state", "skipped"}}, static_cast<double>(report_.skipped));
    env_.metrics->observe("skein_run_seconds", {}, static_cast<double>(report_.usage.wall.count()) / 1e6);
    env_.metrics->gauge("skein_parallel_efficiency", {}, report_.parallel_efficiency);
  }
  emit(RunFinished{options_.id, to_string(report_.status)});
  if (artifacts != nullptr) *artifacts = std::move(artifacts_);
  return std::move(report_);
}

void Coordinator::make_ready(StepId id) {
  StepRun& step = state(id);
  step.phase = Phase::ready;
  step.ready_at = env_.loop.now();
  queue_of(id).push(id, step.remaining_us);
}

Resources Coordinator::needs_of(const Step& step) const {
  Resources needs = step.needs;
  if (step.agent->kind() == WorkKind::computing) ++needs.cpu;
  return needs;
}

double Coordinator::expected_us(const Agent& agent) const {
  // Unknown: long enough to go to a worker, on its own.
  return env_.history.expected_us(agent.name()).value_or(kBatchUs);
}

bool Coordinator::runs_inline(const Step& step) const {
  return step.agent->kind() == WorkKind::computing && step.purity != Purity::effectful && step.needs.cpu == 0 &&
         step.needs.memory == Bytes{} && !step.time_limit && !options_.time_limit &&
         expected_us(*step.agent) < options_.inline_below_us;
}

const std::string& Coordinator::label(const Agent& agent) {
  auto& text = labels_[&agent];
  if (text.empty()) text = fmt::format("{}@{}", agent.name(), agent.result_version());
  return text;
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
  return plan_.step(id).agent->kind() == WorkKind::waiting ? waiting_ready_ : ready_;
}

bool Coordinator::dispatch(StepId id) {
  const Step& step = plan_.step(id);
  const Resources needs = needs_of(step);
  if (!needs.fits_in(free_) || (step.purity == Purity::effectful && effect_running_)) return false;
  if (step.purity == Purity::effectful) {
    start_effect(id);
  } else if (step.agent->kind() == WorkKind::waiting) {
    start_waiting_step(id);
  } else if (runs_inline(step)) {
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
  attempt.inputs.reserve(step.inputs.size());
  for (const auto input : step.inputs) attempt.inputs.push_back(artifacts_[index_of(input)]);
  attempt.use_cache = options_.use_cache && !run.forced && !(run.on_executed && !options_.use_cutoff) &&
                      (options_.refresh.empty() || !options_.refresh.contains(step.name));
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
  double expected = expected_us(*plan_.step(first).agent);
  const auto fair_share = ready_.size() / static_cast<std::size_t>(capacity_.cpu) + 1;
  const auto limit = batch.front().step->time_limit ? batch.front().step->time_limit : options_.time_limit;
  while (!options_.serial && !limit && !ready_.empty() && batch.size() < std::min(kBatchSteps, fair_share)) {
    const Step& next = plan_.step(ready_.top());
    const double more = expected_us(*next.agent);
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
  env_.pool.submit([this, batch = std::move(batch), needs, limit, timer, stop]() mutable {
    std::vector<Outcome> outcomes;
    outcomes.reserve(batch.size());
    AttemptEnvironment environment = attempt_env_;
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
    waiting->context->set_recorder([](const JournalRecord&) -> Status {
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
  commits_.when_durable([this, id, needs](Status durable) {
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
    env_.pool.submit([this, needs, attempt = attempt_for(id)] {
      Outcome outcome = compute(attempt, attempt_env_);
      env_.loop.post([this, needs, outcome = std::move(outcome)]() mutable {
        free_ += needs;
        effect_running_ = false;
        complete(std::move(outcome));
        pump();
      });
    });
  });
}

Status Coordinator::record_from_worker(JournalRecord record) {
  auto done = std::make_shared<std::promise<Status>>();  // Shared with the loop, which may end first.
  auto durable = done->get_future();
  env_.loop.post([this, record = std::move(record), done]() mutable {
    commits_.append(record);
    commits_.when_durable([done](Status status) { done->set_value(std::move(status)); });
  });
  return durable.get();
}

void Coordinator::complete(Outcome outcome) {
  const StepId id = outcome.id;
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  --running_;
  const Micros total = std::chrono::duration_cast<Micros>(env_.loop.now() - run.ready_at);
  outcome.usage.queued = std::max(Micros{0}, total - outcome.usage.wall);
  if (step.agent->kind() == WorkKind::computing) busy_ += outcome.usage.wall;
  for (const auto& change : outcome.changes) emit(FileChanged{change.path, change.removed ? "removed" : "written"});
  if (!outcome.log_tail.empty()) emit_step(OutputGenerated{step.name, outcome.log_tail});
  if (outcome.usage.money.value > 0)
    emit_step(Spent{step.name, outcome.usage.input_tokens + outcome.usage.output_tokens, outcome.usage.money});
  switch (outcome.state) {
    case StepState::executed:
    case StepState::hit:
      succeed(outcome);
      break;
    case StepState::failed:
    case StepState::skipped:
    case StepState::cancelled:
      fail_step(std::move(outcome));
      break;
  }
  progress(false);
}

void Coordinator::succeed(const Outcome& outcome) {
  const StepId id = outcome.id;
  const Step& step = plan_.step(id);
  StepRun& run = state(id);
  const bool executed = outcome.state == StepState::executed;
  const bool again = run.forced;  // Counted when it was first done.
  run.phase = Phase::done;
  run.forced = false;
  env_.history.record(step.agent->name(), outcome.usage.wall);
  if (!again) ++ended_;
  if (executed) {
    ++report_.executed;
    report_.usage += outcome.usage;
    commits_.append(
        JournalStep{step.name, label(*step.agent), outcome.state, outcome.key, outcome.outputs, outcome.usage});
    if (outcome.usage.cache == CacheResult::miss) emit_step(CacheMiss{step.name, step.agent->name()});
  } else {
    ++report_.hits;
    emit_step(CacheHit{step.name, step.agent->name()});
  }
  if (report_.first_result == Micros{})
    report_.first_result = std::chrono::duration_cast<Micros>(env_.loop.now() - start_);
  emit_step(StepFinished{step.name, step.agent->name(), &outcome.usage});

  for (std::size_t i = 0; i < step.outputs.size(); ++i) {
    const auto artifact = index_of(step.outputs[i]);
    artifacts_[artifact] = outcome.outputs[i];
    for (auto edge = std::exchange(consumers_[artifact], kEnd); edge != kEnd; edge = edges_[edge].next) {
      const auto consumer = static_cast<StepId>(edges_[edge].step);
      StepRun& other = state(consumer);
      other.on_executed = other.on_executed || executed;
      if (--other.waiting_for == 0 && other.phase == Phase::waiting) make_ready(consumer);
    }
  }
  if (const auto waiters = remake_waiters_.find(index_of(id)); waiters != remake_waiters_.end()) {
    for (const auto consumer : waiters->second)
      if (--state(consumer).waiting_for == 0) make_ready(consumer);
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
                         label(*step.agent),
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
  // An effect is never repeated, and what failed to be made again is lost for good.
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

void Coordinator::stop_now(Error error) {
  if (!fatal_) fatal_ = std::move(error);
  begin_stop();
  finish_if_done();
}

void Coordinator::begin_stop() {
  stopping_ = true;
  stop_.request_stop();
  for (const auto& [step, timer] : retries_) {
    env_.loop.cancel(timer);
    --running_;
    state(static_cast<StepId>(step)).phase = Phase::waiting;
  }
  retries_.clear();
}

void Coordinator::progress(bool always) {
  if (env_.observers.empty()) return;
  const Instant now = env_.loop.now();
  if (!always && now - last_progress_ < kProgressEvery) return;
  last_progress_ = now;
  emit(Progress{ended_, plan_.size(), running_, report_.hits, report_.failed});
}

void Coordinator::finish_if_done() {
  if (finished_ || running_ > 0) return;
  if (!stopping_ && (!ready_.empty() || !waiting_ready_.empty() || !blocked_.empty() || pump_posted_)) return;
  finished_ = true;
  report_.skipped += plan_.size() - ended_;
  const bool cancelled = env_.stop.stop_requested();
  report_.status = report_.failed > 0 ? RunStatus::failed : cancelled ? RunStatus::cancelled : RunStatus::ok;
  std::sort(report_.failures.begin(), report_.failures.end(), [this](const auto& a, const auto& b) {
    return index_of(*plan_.find(a.step)) < index_of(*plan_.find(b.step));
  });
  progress(true);
  // What was done is saved, whatever the end.
  commits_.when_durable([this](Status status) {
    if (!status && !fatal_) fatal_ = std::move(status).error();
    env_.loop.stop();
  });
}

Result<RunReport> execute(Plan& plan, const RunEnvironment& environment, const RunOptions& options,
                          std::vector<Digest>* artifacts) {
  return Coordinator(plan, environment, options).run(artifacts);
}

}  // namespace skein::engine
