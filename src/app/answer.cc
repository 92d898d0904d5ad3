// `skein answer`: what steps ask of a person.
#include "app/operations.h"
#include "app/questions.h"
#include "text/printable.h"

namespace skein::app {
namespace {

using engine::Context;

struct AnswerInput {
  std::optional<std::string> id;
  std::optional<std::string> text;

  template <class V>
  static void describe(V& v) {
    v.field("id", &AnswerInput::id, "The question; without it those that are open are shown.",
            {.positional = true, .value_name = "ID"});
    v.field("text", &AnswerInput::text, "The answer: \"yes\" or \"no\", or words where words are asked for.",
            {.positional = true, .value_name = "TEXT"});
  }
};

struct AnswerOutput {
  std::vector<OpenQuestion> open;
  std::string answered;

  template <class V>
  static void describe(V& v) {
    v.field("open", &AnswerOutput::open, "What steps wait for.");
    v.field("answered", &AnswerOutput::answered, "The question that was answered; may be empty.");
  }
};

std::string render(const AnswerOutput& output, const engine::Style&) {
  if (!output.answered.empty()) return fmt::format("Answered {}.\n", output.answered);
  if (output.open.empty()) return "No step waits for a person.\n";
  std::string text;
  for (const OpenQuestion& one : output.open)
    text += fmt::format("{}  {}  {}\n  {}: {}\n", one.id, one.asked, text::printable(one.step), one.kind,
                        text::printable(one.what));
  return text + "`skein answer ID yes` or `no` answers.\n";
}

Result<AnswerOutput> answer(const Services& services, const Context& context, const AnswerInput& input) {
  SKEIN_TRY(const StateFolder state, open_state(services, context));
  AnswerOutput output;
  if (input.id && !input.text)
    return std::unexpected(Error(Code::invalid_argument, "which answer?").or_do("say it: skein answer ID yes"));
  if (input.id) {
    SKEIN_DO(answer_question(services, state.path, *input.id, *input.text));
    output.answered = *input.id;
    return output;
  }
  SKEIN_TRY(output.open, open_questions(services, state.path));
  return output;
}

}  // namespace

void register_answer(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<AnswerInput, AnswerOutput>(
      {.name = "answer",
       .summary = "Answer what a step asks of a person",
       .description =
           "A step that needs a person (a permission, a question, a login, a usage window that is used up) waits, and "
           "holds no slot meanwhile. The settings agents.person_command and agents.person_webhook tell you of it; this "
           "shows what waits, and answers.",
       .examples = {{"skein answer", "what waits"}, {"skein answer 1a2b3c4d yes", "allow it, or go on"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const AnswerInput& input) { return answer(services, context, input); },
      render));
}

}  // namespace skein::app
