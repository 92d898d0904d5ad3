// A run executes a plan. One coordinator, on the loop's thread, owns its state; workers compute, waiting steps are
// coroutines on the loop, and records become durable in groups.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "engine/events.h"
#include "engine/group_commit.h"
#include "engine/history.h"
#include "engine/metrics.h"
#include "engine/output_sink.h"
#include "engine/plan.h"
#include "engine/retry.h"
#include "engine/world.h"

namespace skein::engine {

struct RunOptions {
  std::string id;          ///< make_run_id.
  std::string source{};    ///< Recorded with every result: StoredResult::source.
  Resources capacity;      ///< At least one CPU token is taken for granted.
  bool serial = false;     ///< One step at a time, in the order of the plan where dependencies allow.
  bool use_cache = true;   ///< False: every step is done.
  bool use_cutoff = true;  ///< False: what stands on a step that was done is done again too.
  bool keep_going = true;  ///< False: after a failure nothing more is started.
  RetryPolicy retry{};
  std::optional<Millis> time_limit{};  ///< Of a step that names none.
  std::optional<Millis> run_limit{};   ///< Of the whole run: then it stops as if asked, with error `timed_out`.
  std::set<std::string> refresh{};     ///< Names of steps to do whatever the cache holds; each must be in the plan.
  GroupPolicy group{};
  double claim_above_us = 100'000;  ///< Steps expected to be longer are not made by two processes at once.
  double inline_below_us = 50;      ///< Computing steps expected to be shorter run on the coordinator's thread.
};

/// Everything outside that a run uses. All of it outlives the run.
struct RunEnvironment {
  EventLoop& loop;
  Executor& pool;
  Executor& disk;  ///< Width 1.
  ResultStore& results;
  store::RecordLogWriter* journal = nullptr;  ///< Null: nothing is recorded.
  const World* world = nullptr;               ///< Null: steps may read nothing but their inputs.
  Random& random;
  History& history;
  const Clock* clock = nullptr;  ///< Measures computing steps; null: the machine's.
  MetricsSink* metrics = nullptr;
  Executor* blocking = nullptr;   ///< For blocking steps; null: they take threads of `pool`.
  OutputSink* outputs = nullptr;  ///< Null: of what a step prints only the end is kept with its failure.
  std::vector<Observer*> observers{};
  std::stop_token stop{};  ///< Requested: drain, save, end as cancelled.
};

enum class RunStatus : std::uint8_t { ok, failed, cancelled };
[[nodiscard]] std::string_view to_string(RunStatus status);

struct StepFailure {
  std::string step;
  Error error;
  int attempts = 1;
};

struct RunReport {
  RunStatus status = RunStatus::ok;
  std::size_t executed = 0;
  std::size_t hits = 0;  ///< Also those of a remembered plan that were not asked for.
  std::size_t failed = 0;
  std::size_t skipped = 0;  ///< They stand on failed steps, or the run was stopped.
  Usage usage;              ///< Sum over steps, but `wall`, which is the run's.
  Micros first_result{};    ///< From the start to the first finished step.
  double parallel_efficiency = 0;
  std::uint64_t groups = 0;           ///< Group commits.
  std::vector<StepFailure> failures;  ///< In the order of the plan.
};

/// Runs `plan`, which may grow meanwhile, and returns when all that can be done is done and durable. Failed steps are
/// in the report; an error is only what makes the run as a whole impossible: a bad plan, or a journal or store that
/// cannot be written. `artifacts`, if given, gets every artifact's digest, by ArtifactId; none where it was not made.
[[nodiscard]] Result<RunReport> execute(Plan& plan, const RunEnvironment& environment, const RunOptions& options,
                                        std::vector<Digest>* artifacts = nullptr);

}  // namespace skein::engine
