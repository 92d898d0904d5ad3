// The one list of events. Terminal, --json, server-sent events, journal and metrics read it.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "engine/usage.h"

namespace skein::engine {

// The views in an event are valid only during the call that gives it.

struct RunStarted {
  std::string_view run;
  std::size_t steps = 0;         ///< Planned so far; may grow.
  std::string_view source = {};  ///< RunOptions::source; told to observers, not in the event's text.
};
struct StepStarted {
  std::string_view step;
  std::string_view agent;
  int attempt = 1;
};
struct StepFinished {
  std::string_view step;
  std::string_view agent;
  const Usage* usage = nullptr;
};
struct StepFailed {
  std::string_view step;
  std::string_view agent;
  std::string_view code;
  std::string_view message;
  int attempt = 1;
  bool will_retry = false;
};
struct StepSkipped {
  std::string_view step;
  std::string_view because;  ///< The failed step that it stands on; empty: the run was stopped.
};
struct CacheHit {
  std::string_view step;
  std::string_view agent;
};
struct CacheMiss {
  std::string_view step;
  std::string_view agent;
};
struct OutputGenerated {
  std::string_view step;
  std::string_view text;
};
struct Spent {
  std::string_view step;
  Tokens tokens{};
  MicroDollars money{};
};
/// A request of a running step to a model was settled; the step's sum comes as `Spent`.
struct ModelAnswered {
  std::string_view step;
  std::string_view model;
  Tokens tokens{};
  MicroDollars money{};
};
/// A step waits for what only a person can give, and holds no slot; `skein answer` gives it.
struct PersonNeeded {
  std::string_view step;
  std::string_view id;    ///< What the answer names.
  std::string_view kind;  ///< "question", "permission", "login", "usage window".
  std::string_view what;
};
/// A file was changed by a run (absolute path) or seen to change by a watch (below the workspace; also a folder).
struct FileChanged {
  std::string_view path;
  std::string_view change;  ///< "written", "removed"; "overflow": anything may have changed, and there is no path.
};
struct Published {
  std::string_view target;
  std::string_view stage;
  std::size_t written = 0;
  std::size_t removed = 0;
};
struct Progress {
  std::size_t done = 0;  ///< Steps that ended in any way.
  std::size_t total = 0;
  std::size_t running = 0;
  std::size_t hits = 0;
  std::size_t failed = 0;
};
struct RunFinished {
  std::string_view run;
  std::string_view status;  ///< "ok", "failed", "cancelled".
};

using Event =
    std::variant<RunStarted, StepStarted, StepFinished, StepFailed, StepSkipped, CacheHit, CacheMiss, OutputGenerated,
                 Spent, ModelAnswered, PersonNeeded, FileChanged, Published, Progress, RunFinished>;

/// The name of an event as in JSON: "step_started".
[[nodiscard]] std::string_view event_name(const Event& event);
/// One JSON object: {"schema":"skein.event/1","event":"step_started","step":...}.
[[nodiscard]] std::string to_json(const Event& event);

/// Listens to a run. Called on the coordinator's thread; must be quick.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on(const Event& event) = 0;
  /// False: gets RunStarted, StepFailed, ModelAnswered, PersonNeeded, Published, Progress (a few times a second) and
  /// RunFinished only.
  [[nodiscard]] virtual bool wants_every_step() const { return false; }
};

}  // namespace skein::engine
