// A step: a unit of work by a named agent, with inputs and outputs. The engine knows no model, no repository and no
// blueprint: it runs steps through `Agent`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/result.h"
#include "engine/key.h"
#include "engine/resources.h"

namespace skein::engine {

class StepContext;

/// A step in a plan: its position, in the order in which steps were added.
enum class StepId : std::uint32_t {};
/// A named value that a step makes and others take.
enum class ArtifactId : std::uint32_t {};

[[nodiscard]] constexpr std::uint32_t index_of(StepId id) { return static_cast<std::uint32_t>(id); }
[[nodiscard]] constexpr std::uint32_t index_of(ArtifactId id) { return static_cast<std::uint32_t>(id); }

enum class Purity : std::uint8_t {
  pure,       ///< Equal keys give equal bytes, by law: cached.
  sampled,    ///< A model answered: the first answer for a key is reused, by choice.
  effectful,  ///< Changes the world: never cached, and does so only when all before it is durable.
};

enum class WorkKind : std::uint8_t {
  computing,  ///< Runs on the thread pool and takes a CPU token.
  waiting,    ///< A coroutine on the I/O loop: a model, a timer. Takes no CPU token.
  blocking,   ///< Waits on a thread for work that others do (a child process). Takes a slot and no CPU token.
};

/// Does steps. One object serves many steps, from several threads at once; it outlives every run that uses it.
class Agent {
 public:
  virtual ~Agent() = default;
  /// Stable and unique: "repo.facts". Part of every key.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// MAJOR.MINOR of what may change its results. Part of every key.
  [[nodiscard]] virtual std::string_view result_version() const = 0;
  [[nodiscard]] virtual WorkKind kind() const { return WorkKind::computing; }
  /// Of one that makes effects: all of them stand behind a record that it waits for (StepContext::record), so that it
  /// may begin before what it depends on is durable.
  [[nodiscard]] virtual bool records_first() const { return false; }
  /// Does a computing or blocking step: reads inputs from the context and gives every output. Long work looks at
  /// `context.stop()`.
  virtual Status run(StepContext& context) const;
  /// Does a waiting step, on the loop's thread.
  virtual Task<Status> wait(StepContext& context, EventLoop& loop) const;
};

struct Step;
/// Called on the coordinator's thread when a step is done, also from the cache: what to add to the running plan. A
/// pure function of the step's outputs, so that a cached run grows the same plan.
class Plan;
using Expansion = std::function<Status(Plan& plan, const std::vector<Digest>& outputs)>;

struct Step {
  std::string name;  ///< Unique in its plan: "facts src/a.py".
  const Agent* agent = nullptr;
  Purity purity = Purity::pure;
  std::vector<KeyPart> parts;  ///< Declared parts of the key, beside the agent and the inputs.
  std::string locator;         ///< Where the body finds what the key names by digest (a path); no part of the key.
  std::vector<ArtifactId> inputs;
  std::vector<ArtifactId> after;  ///< Waited for, and no part of the key.
  /// True: it is done with the inputs that there are; those of failed and skipped steps have no digest.
  bool takes_what_there_is = false;
  std::vector<ArtifactId> outputs;
  Resources needs;  ///< Beside the CPU token of a computing step.
  std::optional<Millis> time_limit;
  Expansion expand;  ///< May be empty.
};

}  // namespace skein::engine
