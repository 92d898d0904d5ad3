// One attempt at one step: look for a result by key, else let the agent work, and keep what it made. Runs on any
// thread; the coordinator alone decides what follows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/output_sink.h"
#include "engine/step_context.h"

namespace skein::engine {

/// What the coordinator hands to a worker.
struct Attempt {
  StepId id{};
  const Step* step = nullptr;
  std::string_view agent_label;  ///< "repo.facts@1.0"; outlives the attempt.
  std::vector<Digest> inputs;
  bool use_cache = true;  ///< Look for a result; it is kept either way.
  bool measure = true;    ///< Take CPU times: costs a microsecond.
  bool claim = false;     ///< Whoever makes the same elsewhere is waited for: worth it for long or paid steps.
};

/// How it went.
struct Outcome {
  StepId id{};
  StepState state = StepState::failed;
  Digest key;  ///< Complete after success, else of the declared stage.
  std::vector<Digest> outputs;
  Usage usage;
  std::optional<Error> error;
  std::optional<std::size_t> lost_input;  ///< This input's bytes are lost: its step must make them again.
  std::string log_tail;
  std::string output_name;  ///< Of the whole, by the output sink; empty where there is none or nothing was printed.
  std::vector<StepContext::Change> changes;
};

/// What every attempt of a run shares.
struct AttemptEnvironment {
  ResultStore& results;
  const World* world = nullptr;
  std::string run;
  std::string_view source;  ///< What the steps are made from (StoredResult::source); outlives the attempts.
  std::stop_token stop;
  const Clock& clock;
  StepContext::Recorder recorder;
  std::uint32_t* commits = nullptr;  ///< Effects run one at a time: no lock.
  OutputSink* outputs = nullptr;     ///< Null: only the end of what a step prints is kept.
  /// Told when a step waits for a person, and, with null, when it goes on. May be empty.
  std::function<void(StepId, const PersonNeed*)> park{};
};

/// The stored result that fits the attempt's key, if there is one.
[[nodiscard]] std::optional<Outcome> find_hit(const Attempt& attempt, const Digest& declared,
                                              const AttemptEnvironment& environment);

/// What a body left in `context`, kept in the result store; `status` is what the body returned.
[[nodiscard]] Outcome conclude(const Attempt& attempt, const Digest& declared, StepContext& context, Status status,
                               const AttemptEnvironment& environment);

/// The declared digest of an attempt.
[[nodiscard]] Digest declared_digest(const Attempt& attempt);

/// A whole attempt of a computing step, on this thread.
[[nodiscard]] Outcome compute(const Attempt& attempt, const AttemptEnvironment& environment);

}  // namespace skein::engine
