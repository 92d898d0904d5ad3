#include "engine/coordinator.h"

#include <algorithm>
#include <future>
#include <limits>

#include "base/check.h"
#include "text/nearest.h"

namespace skein::engine {
namespace {

constexpr Millis kProgressEvery{100};
const SystemClock kSystemClock;

}  // namespace

Coordinator::Coordinator(Plan& plan, const RunEnvironment& environment, const RunOptions& options)
    : plan_(plan),
      env_(environment),
      options_(options),
      capacity_(options.capacity),
      commits_(environment.loop, environment.disk, environment.results, environment.journal, options.group),
      attempt_env_{environment.results,
                   environment.world,
                   options.id,
                   options_.source,
                   stop_.get_token(),
                   environment.clock != nullptr ? *environment.clock : kSystemClock,
                   [this](JournalRecord record, bool waits) { return record_from_worker(std::move(record), waits); },
                   &commits_decided_,
                   environment.outputs} {
  capacity_.cpu = options.serial ? 1 : std::max(capacity_.cpu, 1);
  capacity_.slots = options.serial ? 1 : std::max(capacity_.slots, 1);
  if (options.serial) capacity_.providers = 1;
  free_ = capacity_;
  for (auto* observer : env_.observers) detailed_ = detailed_ || observer->wants_every_step();
}

Status Coordinator::adopt() {
  SKEIN_DO(plan_.check());
  const std::size_t first = steps_.size();
  if (first == plan_.size()) return {};
  steps_.resize(plan_.size());
  if (first == 0) artifacts_ = plan_.taken_over();
  artifacts_.resize(plan_.artifact_count());
  consumers_.resize(plan_.artifact_count(), kEnd);
  const auto remaining = remaining_paths(plan_, first, env_.history);
  for (std::size_t i = first; i < plan_.size(); ++i) {
    const auto id = static_cast<StepId>(i);
    const Step& planned = plan_.step(id);
    if (!needs_of(planned).fits_in(capacity_))
      return fail(Code::invalid_argument,
                  "step '{}' needs more than this run has ({} CPU tokens, {} provider slots, {} bytes of memory, {} "
                  "slots); give the run a larger profile",
                  planned.name, capacity_.cpu, capacity_.providers, capacity_.memory.value, capacity_.slots);
    StepRun& step = state(id);
    step.agent = slot_of(*planned.agent);
    step.remaining_us = options_.serial ? 0 : remaining[i - first];
    for_each_dependency(planned, [&](ArtifactId artifact) {
      if (!plan_.has_maker(artifact)) return;
      const StepId maker = plan_.maker(artifact);
      if (state(maker).phase == Phase::done) return;
      ++step.waiting_for;
      edges_.push_back({static_cast<std::uint32_t>(i), consumers_[index_of(artifact)]});
      consumers_[index_of(artifact)] = static_cast<std::uint32_t>(edges_.size() - 1);
    });
  }
  const Instant now = env_.loop.now();
  for (std::size_t i = first; i < plan_.size(); ++i) {
    const auto id = static_cast<StepId>(i);
    // Stands on a step that failed before this one was added.
    bool hopeless = false;
    if (first > 0)
      for_each_dependency(plan_.step(id), [&](ArtifactId artifact) {
        if (!plan_.has_maker(artifact)) return;
        const Phase phase = state(plan_.maker(artifact)).phase;
        if (phase != Phase::failed && phase != Phase::skipped) return;
        if (plan_.step(id).takes_what_there_is)
          --state(id).waiting_for;
        else
          hopeless = true;
      });
    if (hopeless && state(id).phase == Phase::waiting) {
      state(id).phase = Phase::skipped;
      ++report_.skipped;
      ++ended_;
      std::vector<std::string> names;
      skip_dependents(id, names);
    } else if (state(id).waiting_for == 0 && state(id).phase == Phase::waiting) {
      make_ready(id, now);
    }
  }
  return {};
}

std::uint16_t Coordinator::slot_of(const Agent& agent) {
  for (std::size_t i = 0; i < agents_.size(); ++i)
    if (agents_[i].agent == &agent) return static_cast<std::uint16_t>(i);
  SKEIN_CHECK(agents_.size() < std::numeric_limits<std::uint16_t>::max());
  agents_.push_back(
      {&agent, fmt::format("{}@{}", agent.name(), agent.result_version()), &env_.history.of(agent.name())});
  return static_cast<std::uint16_t>(agents_.size() - 1);
}

Status Coordinator::check_refresh() const {
  if (options_.refresh.empty()) return {};
  // Steps that are still to be added may be the ones that are meant.
  for (std::size_t i = 0; i < plan_.size(); ++i)
    if (plan_.step(static_cast<StepId>(i)).expand) return {};
  for (const auto& name : options_.refresh) {
    if (plan_.find(name)) continue;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < plan_.size(); ++i) names.push_back(plan_.step(static_cast<StepId>(i)).name);
    return fail(Code::not_found, "there is no step \"{}\"{}", name, text::did_you_mean(name, names));
  }
  return {};
}

Result<RunReport> Coordinator::run(std::vector<Digest>* artifacts) {
  start_ = env_.loop.now();
  last_progress_ = start_;
  SKEIN_DO(adopt());
  SKEIN_DO(check_refresh());
  emit(RunStarted{options_.id, plan_.size(), options_.source});
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
  if (report_.status == RunStatus::ok) report_.hits += plan_.left();
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

Status Coordinator::record_from_worker(JournalRecord record, bool waits) {
  if (!waits) {
    env_.loop.post([this, record = std::move(record)] { commits_.append(record); });
    return {};
  }
  auto done = std::make_shared<std::promise<Status>>();  // Shared with the loop, which may end first.
  auto durable = done->get_future();
  env_.loop.post([this, record = std::move(record), done]() mutable {
    commits_.append(record);
    commits_.when_durable([done](Status status) { done->set_value(std::move(status)); });
  });
  return durable.get();
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

}  // namespace skein::engine
