// `skein runs resume` and `skein runs retry`: a recorded request, run again. What was finished is found in the store.
#include <algorithm>
#include <set>

#include "app/past_runs.h"
#include "app/runs.h"
#include "engine/events.h"
#include "text/nearest.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct ResumeInput {
  std::string run;

  template <class V>
  static void describe(V& v) {
    v.field("run", &ResumeInput::run, "Its name, the beginning of it, or \"last\".",
            {.required = true, .positional = true, .value_name = "ID"});
  }
};

struct RetryInput {
  std::string run;
  std::string step;

  template <class V>
  static void describe(V& v) {
    v.field("run", &RetryInput::run, "Its name, the beginning of it, or \"last\".",
            {.required = true, .positional = true, .value_name = "ID"});
    v.field("step", &RetryInput::step, "The step's name: \"page src/a.py\".",
            {.required = true, .positional = true, .value_name = "STEP"});
  }
};

struct AgainOutput {
  std::string resumed;
  std::string operation;
  std::string run;
  std::int64_t done = 0;
  std::int64_t reused = 0;
  std::int64_t failed = 0;
  engine::Json output;
  bool ok = true;
  std::string text;  ///< The operation's own answer for people.

  template <class V>
  static void describe(V& v) {
    v.field("resumed", &AgainOutput::resumed, "The run whose request was run again.");
    v.field("operation", &AgainOutput::operation, "What it asks for.");
    v.field("run", &AgainOutput::run, "The new run; empty when nothing had to be done.");
    v.field("done", &AgainOutput::done, "Steps that were done now.");
    v.field("reused", &AgainOutput::reused, "Steps whose results were there.");
    v.field("failed", &AgainOutput::failed, "Steps that failed.");
    v.field("output", &AgainOutput::output, "The operation's own output, with its schema.");
  }
  [[nodiscard]] bool succeeded() const { return ok; }
};

std::string render(const AgainOutput& output, const engine::Style&) {
  if (output.run.empty()) return output.text + fmt::format("Nothing of {} was left to do.\n", output.resumed);
  return output.text + fmt::format("{} was run again as {}:\n{} steps done, {} reused, {} failed\n", output.resumed,
                                   output.run, text::format_count(output.done), text::format_count(output.reused),
                                   text::format_count(output.failed));
}

/// Notes which runs an operation makes; everything goes on to the next observer.
class RunNames final : public engine::Observer {
 public:
  explicit RunNames(engine::Observer* next) : next_(next) {}
  void on(const engine::Event& event) override {
    if (const auto* started = std::get_if<engine::RunStarted>(&event)) runs_.emplace_back(started->run);
    if (next_ != nullptr) next_->on(event);
  }
  bool wants_every_step() const override { return next_ != nullptr && next_->wants_every_step(); }
  [[nodiscard]] const std::vector<std::string>& runs() const { return runs_; }

 private:
  engine::Observer* next_;
  std::vector<std::string> runs_;
};

/// "0.10.1" is newer than "0.9"; what is no number counts as 0.
bool is_newer(std::string_view version, std::string_view than) {
  while (!version.empty() || !than.empty()) {
    const auto next = [](std::string_view& text) {
      int number = 0;
      std::size_t at = 0;
      for (; at < text.size() && text[at] != '.'; ++at)
        if (text[at] >= '0' && text[at] <= '9' && number < 100'000'000) number = number * 10 + (text[at] - '0');
      text.remove_prefix(std::min(at + 1, text.size()));
      return number;
    };
    const int a = next(version);
    const int b = next(than);
    if (a != b) return a > b;
  }
  return false;
}

struct Past {
  StateFolder state;
  std::string run;
  RunRecord record;
};

Result<Past> load(const Services& services, const Context& context, std::string_view name) {
  SKEIN_TRY(auto state, existing_state(services, context));
  if (!state) return fail(Code::not_found, "this workspace has no runs yet");
  SKEIN_TRY(std::string run, find_run(services.files, state->path, name));
  if (is_running(state->path, run)) return fail(Code::unavailable, "run {} still goes on", run);
  SKEIN_TRY(auto record, read_run(services.files, state->path, run));
  if (is_newer(record.start.version, skein_version()))
    return std::unexpected(Error(Code::unsupported_version, fmt::format("run {} was made by skein {}, this is {}", run,
                                                                        record.start.version, skein_version()))
                               .or_do("update skein, or ask for the same again by hand"));
  return Past{std::move(*state), std::move(run), std::move(record)};
}

Result<AgainOutput> run_again(const Services& services, Context context, const Past& past) {
  const engine::OperationTable table = make_operations(services);
  const auto* operation = table.find(past.record.start.operation);
  // Only what records runs: a journal that somebody made up must not reach `skein trust`.
  if (operation == nullptr || !operation->info().records_runs)
    return fail(Code::invalid_argument, "run {} is one of \"{}\", which this skein cannot run again", past.run,
                past.record.start.operation);
  SKEIN_TRY(const auto request, engine::parse_json(past.record.start.request));
  RunNames names(context.observer);
  context.observer = &names;
  SKEIN_TRY(const auto answer, operation->run(context, request));
  AgainOutput output;
  output.resumed = past.run;
  output.operation = past.record.start.operation;
  output.output = answer->json();
  output.text = answer->text(context.style);
  output.ok = answer->succeeded();
  for (const auto& run : names.runs()) {
    output.run = run;
    const auto ends = engine::read_journal_ends(services.files, engine::journal_path(past.state.path, run));
    if (!ends || !ends->end) continue;
    output.done += static_cast<std::int64_t>(ends->end->executed);
    output.reused = static_cast<std::int64_t>(ends->end->hits);
    output.failed = static_cast<std::int64_t>(ends->end->failed);
  }
  return output;
}

/// True if one of `runs` did or tried the step.
bool was_tried(const Services& services, const Past& past, const std::string& run, const std::string& step) {
  const auto record = read_run(services.files, past.state.path, run);
  const auto is_it = [&](const auto& one) { return one.name == step; };
  return record && (std::ranges::any_of(record->steps, is_it) || std::ranges::any_of(record->failures, is_it));
}

Result<AgainOutput> retry(const Services& services, Context context, const RetryInput& input) {
  SKEIN_TRY(const Past past, load(services, context, input.run));
  context.refresh = {input.step};
  SKEIN_TRY(auto output, run_again(services, context, past));
  // Which steps there are is known only when they are planned, and a reused one is in no journal.
  if (!output.run.empty() && output.ok && !was_tried(services, past, output.run, input.step)) {
    std::set<std::string> known;
    for (const auto& step : past.record.steps) known.insert(step.name);
    for (const auto& failure : past.record.failures) {
      known.insert(failure.name);
      known.insert(failure.not_run.begin(), failure.not_run.end());
    }
    const std::vector<std::string> candidates(known.begin(), known.end());
    return std::unexpected(
        Error(Code::not_found, fmt::format("\"{}\" has no step \"{}\" now{}", past.record.start.operation, input.step,
                                           text::did_you_mean(input.step, candidates)))
            .or_do(fmt::format("see `skein runs show {} --verbose`", past.run)));
  }
  return output;
}

}  // namespace

engine::Operation runs_resume_operation(const Services& services) {
  return engine::Operation::make<ResumeInput, AgainOutput>(
      {.name = "runs resume",
       .summary = "Run an interrupted run's request again, to its end",
       .description =
           "Asks for the same again as the run did. The steps that it finished are found in the store, so only "
           "the rest is done, on the files as they are now. A run that still goes on is left alone.",
       .examples = {{"skein runs resume last", "after an interruption"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files}},
      [&services](const Context& context, const ResumeInput& input) -> Result<AgainOutput> {
        SKEIN_TRY(const Past past, load(services, context, input.run));
        return run_again(services, context, past);
      },
      render);
}

engine::Operation runs_retry_operation(const Services& services) {
  return engine::Operation::make<RetryInput, AgainOutput>(
      {.name = "runs retry",
       .summary = "Do one step of a run again, whatever is remembered",
       .description =
           "Runs the request of the run again. The named step is done even if its result is remembered; what "
           "stands on it follows where its result is a different one.",
       .examples = {{"skein runs retry last \"page src/a.py\"", "one step again"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state, engine::Permission::write_files}},
      [&services](const Context& context, const RetryInput& input) { return retry(services, context, input); }, render);
}

}  // namespace skein::app
