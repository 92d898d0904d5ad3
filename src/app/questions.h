// What steps ask of a person: a file for each open question in the state folder, told once by a command or a webhook,
// answered by `skein answer`.
#pragma once

#include <string>
#include <vector>

#include "agents/people.h"
#include "app/services.h"

namespace skein::app {

/// One that waits.
struct OpenQuestion {
  std::string id, step, kind, what;
  std::string asked;  ///< "2026-11-29T12:30:00Z"

  template <class V>
  static void describe(V& v) {
    v.field("id", &OpenQuestion::id, "What the answer names.");
    v.field("step", &OpenQuestion::step, "The step that waits.");
    v.field("kind", &OpenQuestion::kind, "\"question\", \"permission\", \"login\" or \"usage window\".");
    v.field("what", &OpenQuestion::what, "In words.");
    v.field("asked", &OpenQuestion::asked, "When, in UTC.");
  }
};

/// Asks in files of `state`. What goes wrong with telling (a command that fails) is printed by the step: `skein answer`
/// shows the question all the same.
class Questions final : public agents::People {
 public:
  /// `services` and `context` outlive it.
  Questions(const Services& services, const engine::Context& context, std::string state)
      : services_(services), context_(context), folder_(join_path(state, "questions")) {}

  Result<std::string> ask(engine::StepContext& context, const agents::Question& question) override;

 private:
  Result<std::string> wait(const std::string& id, const agents::Question& question, const std::stop_token& stop) const;
  void tell(const OpenQuestion& question, engine::StepContext& context) const;

  const Services& services_;
  const engine::Context& context_;
  std::string folder_;
};

/// Those whose step still lives, the oldest first. Errors: of reading.
[[nodiscard]] Result<std::vector<OpenQuestion>> open_questions(const Services& services, const std::string& state);
/// Answers one. Errors: `not_found`.
[[nodiscard]] Status answer_question(const Services& services, const std::string& state, const std::string& id,
                                     const std::string& answer);

}  // namespace skein::app
