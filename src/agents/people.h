// Whom a step can ask: a person who answers some time later, or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "engine/step_context.h"

namespace skein::agents {

/// What is asked.
struct Question {
  std::string kind;                 ///< As PersonNeed::kind.
  std::string what;                 ///< In words.
  std::optional<Millis> settles{};  ///< By itself after this long, with an empty answer.
};

/// Thread-safe.
class People {
 public:
  virtual ~People() = default;
  /// Tells of the question once, and waits for the answer; the step holds no slot meanwhile. Errors: `cancelled`;
  /// `timed_out` where nobody answered for as long as the user allows.
  [[nodiscard]] virtual Result<std::string> ask(engine::StepContext& context, const Question& question) = 0;
};

/// "yes", "ok", "once", "always", "done", and an empty answer; all else is a no.
[[nodiscard]] bool is_yes(std::string_view answer);

}  // namespace skein::agents
