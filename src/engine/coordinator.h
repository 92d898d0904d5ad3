// The coordinator of a run: it alone decides which step is started, and what follows from how one ended. In three
// files, by what happens to a step: coordinator.cc (a plan becomes a run, and the run ends), coordinator_start.cc
// (ready steps are started), coordinator_outcome.cc (steps have ended).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/attempt.h"
#include "engine/ready_queue.h"
#include "engine/run.h"

namespace skein::engine {

/// Where a step of a run is.
enum class Phase : std::uint8_t { waiting, ready, running, done, failed, skipped };

/// What the run knows of one step.
struct StepRun {
  std::uint32_t waiting_for = 0;  ///< Dependencies not yet made.
  float remaining_us = 0;
  Phase phase = Phase::waiting;
  std::uint8_t attempts = 0;
  std::uint8_t remakes = 0;
  bool on_executed = false;  ///< Stands on a step that was done in this run.
  bool forced = false;       ///< It was done and its bytes were lost: do it, whatever the cache says.
  std::uint16_t agent = 0;   ///< Index of its AgentSlot.
  Instant ready_at{};
};

/// What the steps of one agent share, looked up once.
struct AgentSlot {
  const Agent* agent = nullptr;
  std::string label;                ///< "repo.facts@1.0".
  AgentHistory* history = nullptr;  ///< In the run's History.
};

/// The state of one run and all that changes it. Everything happens on the loop's thread, but for `compute` on a
/// worker. Plan, environment and options outlive it.
class Coordinator {
 public:
  Coordinator(Plan& plan, const RunEnvironment& environment, const RunOptions& options);
  /// As `execute`. Once.
  Result<RunReport> run(std::vector<Digest>* artifacts);

 private:
  /// A consumer of an artifact; `next` is the artifact's next edge, or kEnd.
  struct Edge {
    std::uint32_t step;
    std::uint32_t next;
  };
  static constexpr std::uint32_t kEnd = 0xffffffff;

  // coordinator.cc
  Status adopt();
  [[nodiscard]] Status check_refresh() const;
  void make_ready(StepId id) { make_ready(id, env_.loop.now()); }
  void make_ready(StepId id, Instant now);
  void pump();
  void post_pump();
  void drain(ReadyQueue& queue);
  [[nodiscard]] ReadyQueue& queue_of(StepId id);
  [[nodiscard]] bool dispatch(StepId id);
  void dispatch_batch(StepId first);
  void park(StepId id, const PersonNeed* need);
  void start_waiting_step(StepId id);
  void start_effect(StepId id);
  Attempt attempt_for(StepId id);
  void complete(Outcome outcome);
  void succeed(const Outcome& outcome, Instant now);
  void fail_step(Outcome outcome);
  [[nodiscard]] bool can_remake(ArtifactId lost) const;
  void remake(StepId id, ArtifactId lost);
  void skip_dependents(StepId failed, std::vector<std::string>& names);
  void finish_if_done();
  void begin_stop();
  void stop_now(Error error);
  Status record_from_worker(JournalRecord record, bool waits);
  [[nodiscard]] bool runs_inline(StepId id);
  [[nodiscard]] Resources needs_of(const Step& step) const;
  [[nodiscard]] double expected_us(StepId id);
  void emit(const Event& event) {
    for (auto* observer : env_.observers) observer->on(event);
  }
  void emit_step(const Event& event) {
    if (!detailed_) return;
    for (auto* observer : env_.observers)
      if (observer->wants_every_step()) observer->on(event);
  }
  void progress(bool always);
  [[nodiscard]] std::uint16_t slot_of(const Agent& agent);
  [[nodiscard]] AgentSlot& agent_of(StepId id) { return agents_[state(id).agent]; }
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
  ReadyQueue waiting_ready_;                                       // Waiting and blocking steps.
  std::vector<StepId> blocked_;                                    // Ready, but not enough is free.
  std::unordered_map<std::uint32_t, EventLoop::TimerId> retries_;  // By step: waiting for its next attempt.
  std::deque<AgentSlot> agents_;  // Workers hold what is in a slot; a plan that grows brings new agents.
  std::size_t running_ = 0;       // Handed out, waiting for durability or for a retry.
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

}  // namespace skein::engine
