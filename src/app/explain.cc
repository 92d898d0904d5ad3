// `skein explain`.
#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "app/known_results.h"
#include "app/machinery.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {

namespace {

using engine::Context;

constexpr std::size_t kFewestKeyDigits = 6;
/// Steps of one path in the text; inputs and reads of one step.
constexpr std::size_t kShownSteps = 8;
constexpr std::size_t kShownInputs = 6;

struct ExplainInput {
  std::string what;

  template <class V>
  static void describe(V& v) {
    v.field("what", &ExplainInput::what,
            "A step (\"page src/a.py\"), a file or folder of the workspace, or the beginning of a key.",
            {.required = true, .positional = true, .value_name = "STEP|PATH|KEY", .is_path = true});
  }
};

struct ExplainedPart {
  std::string name;
  std::string value;

  template <class V>
  static void describe(V& v) {
    v.field("name", &ExplainedPart::name, "Of the part.");
    v.field("value", &ExplainedPart::value, "Its value.");
  }
};

struct ExplainedInput {
  Digest digest;
  std::string from;

  template <class V>
  static void describe(V& v) {
    v.field("digest", &ExplainedInput::digest, "Of its bytes.");
    v.field("from", &ExplainedInput::from, "The step that made it; empty where that is not known any more.");
  }
};

struct ExplainedRead {
  std::string kind;
  std::string path;
  Digest digest;

  template <class V>
  static void describe(V& v) {
    v.field("kind", &ExplainedRead::kind, "\"file\", \"absence\" or \"listing\".");
    v.field("path", &ExplainedRead::path, "In the workspace.");
    v.field("digest", &ExplainedRead::digest, "Of what was read.");
  }
};

struct ExplainedStep {
  std::string step;
  std::string agent;
  std::string run;
  std::string state;
  Digest key;
  Digest declared;
  std::vector<ExplainedPart> parts;
  std::vector<ExplainedInput> inputs;
  std::vector<ExplainedRead> reads;
  std::vector<Digest> outputs;
  std::int64_t wall_us = 0;
  std::string previous_run;
  std::optional<Digest> previous_key;
  std::string difference;
  std::string error;

  template <class V>
  static void describe(V& v) {
    v.field("step", &ExplainedStep::step, "Its name.");
    v.field("agent", &ExplainedStep::agent, "Who did it, and the version of what it gives.");
    v.field("run", &ExplainedStep::run, "The run that did it last.");
    v.field("state", &ExplainedStep::state, "\"remembered\", \"done\" (an effect, never reused) or \"failed\".");
    v.field("key", &ExplainedStep::key, "Digest of all that can change its result.");
    v.field("declared", &ExplainedStep::declared, "Digest of the key's declared stage: agent, parts and inputs.");
    v.field("parts", &ExplainedStep::parts, "The declared parts.");
    v.field("inputs", &ExplainedStep::inputs, "The inputs, in the step's order.");
    v.field("reads", &ExplainedStep::reads, "What it read while it ran.");
    v.field("outputs", &ExplainedStep::outputs, "Digests of what it made.");
    v.field("wall_us", &ExplainedStep::wall_us, "How long it took, in microseconds.");
    v.field("previous_run", &ExplainedStep::previous_run, "The run that last did it with another key; or empty.");
    v.field("previous_key", &ExplainedStep::previous_key, "That key.");
    v.field("difference", &ExplainedStep::difference, "The first part of the key that differs from that one.");
    v.field("error", &ExplainedStep::error, "Of a failed step.");
  }
};

struct ExplainOutput {
  std::string what;
  std::vector<ExplainedStep> steps;

  template <class V>
  static void describe(V& v) {
    v.field("what", &ExplainOutput::what, "What was asked about.");
    v.field("steps", &ExplainOutput::steps, "One for every step that fits, as it was done last.");
  }
  [[nodiscard]] bool succeeded() const { return !steps.empty(); }
};

std::string_view name_of(engine::ReadKind kind) {
  switch (kind) {
    case engine::ReadKind::file:
      return "file";
    case engine::ReadKind::absence:
      return "absence";
    case engine::ReadKind::listing:
      return "listing";
  }
  return {};
}

std::string render_step(const ExplainedStep& step, const engine::Style& style) {
  const std::size_t most = style.verbose ? std::string::npos : kShownInputs;
  std::string text = fmt::format("{}\n", shortened(step.step, 78));
  const auto line = [&](std::string_view name, std::string_view value) {
    text += fmt::format("  {:<12} {}\n", shortened(name, 12),
                        style.verbose ? text::printable(value) : shortened(value, 64));
  };
  const auto more = [&](std::size_t all) {
    if (all > most) text += fmt::format("  {:<12} {} more (--verbose)\n", "", all - most);
  };
  line("agent", step.agent);
  line(step.state == "failed" ? "failed in" : "made in", fmt::format("run {}", step.run));
  if (!step.error.empty()) line("error", step.error);
  if (!step.key.is_none()) line("key", style.verbose ? step.key.hex() : step.key.short_hex());
  for (const auto& part : step.parts) line("  " + part.name, part.value);
  for (std::size_t i = 0; i < std::min(step.inputs.size(), most); ++i)
    line(fmt::format("  input {}", i + 1), fmt::format("{} {}", step.inputs[i].digest.short_hex(),
                                                       step.inputs[i].from.empty() ? "" : "of " + step.inputs[i].from));
  more(step.inputs.size());
  for (std::size_t i = 0; i < std::min(step.reads.size(), most); ++i)
    line("  read", fmt::format("{} {} {}", step.reads[i].kind, step.reads[i].digest.short_hex(), step.reads[i].path));
  more(step.reads.size());
  if (style.verbose)
    for (const auto& output : step.outputs) line("output", output.hex());
  if (step.state == "done") text += "  An effect: it is done whenever something that it stands on was done.\n";
  if (step.previous_key)
    text += fmt::format("  made again because of\n    {}\n  (before: run {}, key {})\n",
                        style.verbose ? text::printable(step.difference) : shortened(step.difference, 74),
                        step.previous_run, step.previous_key->short_hex());
  else if (step.state == "remembered")
    text += "  No older result with another key is known.\n";
  return text;
}

std::string render(const ExplainOutput& output, const engine::Style& style) {
  if (output.steps.empty())
    return fmt::format(
        "Nothing is known of {}: no step of that name or path was done here yet,\nor its results are gone. "
        "`skein docs` documents this workspace.\n",
        shortened(output.what, 60));
  std::string text;
  const std::size_t shown = style.verbose ? output.steps.size() : std::min(output.steps.size(), kShownSteps);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : "\n") + render_step(output.steps[i], style);
  if (shown < output.steps.size())
    text += fmt::format("\nand {} more steps (--verbose)\n", output.steps.size() - shown);
  return text;
}

ExplainedStep explained(const engine::StoredResult& result) {
  ExplainedStep step;
  step.step = result.step;
  step.agent = result.agent;
  step.run = result.run;
  step.state = "remembered";
  step.key = result.key;
  step.declared = result.declared;
  for (const auto& part : result.parts) step.parts.push_back({part.name, part.value});
  for (const auto& input : result.inputs) step.inputs.push_back({input, {}});
  for (const auto& read : result.reads) step.reads.push_back({std::string(name_of(read.kind)), read.path, read.digest});
  step.outputs = result.outputs;
  step.wall_us = result.usage.wall.count();
  return step;
}

/// Says which steps made the inputs.
Status name_inputs(store::Store& store, std::vector<ExplainedStep>& steps) {
  std::unordered_map<Digest, std::string> makers;
  for (const auto& step : steps)
    for (const auto& input : step.inputs) makers.emplace(input.digest, "");
  if (makers.empty()) return {};
  SKEIN_DO(store.for_each_result([&](const store::ResultRecord& record) {
    if (std::ranges::none_of(record.blobs, [&](const Digest& blob) { return makers.contains(blob); })) return true;
    const auto result = engine::decode_result(record.declared, record.key, record.payload);
    if (!result) return true;
    for (const auto& output : result->outputs)
      if (const auto found = makers.find(output); found != makers.end() && found->second.empty())
        found->second = result->step;
    return true;
  }));
  for (auto& step : steps)
    for (auto& input : step.inputs) input.from = makers.at(input.digest);
  return {};
}

/// What journals of runs later than `since` say of a step that left no result: it failed, or is an effect. The newest.
std::optional<ExplainedStep> from_journals(FileSystem& files, const std::string& state, std::string_view name,
                                           const std::string& since) {
  const auto runs = runs_by_time(files, state);
  if (!runs) return std::nullopt;
  std::optional<ExplainedStep> found;
  for (auto run = runs->rbegin(); run != runs->rend() && !found; ++run) {
    if (*run == since || time_of_run(*run) < time_of_run(since)) break;
    // A damaged journal has nothing to say here; `skein verify` tells of it.
    [[maybe_unused]] const auto read =
        engine::read_journal(files, engine::journal_path(state, *run), [&](const engine::JournalRecord& record) {
          if (const auto* step = std::get_if<engine::JournalStep>(&record);
              step != nullptr && step->name == name && step->state != engine::StepState::hit) {
            found.emplace();
            found->step = step->name, found->agent = step->agent, found->run = *run, found->state = "done";
            found->key = step->key, found->outputs = step->outputs, found->wall_us = step->usage.wall.count();
          }
          const auto* failure = std::get_if<engine::JournalFailure>(&record);
          if (failure != nullptr && failure->name == name) {
            found.emplace();
            found->step = failure->name, found->agent = failure->agent, found->run = *run, found->state = "failed";
            found->error = failure->message;
            for (const auto& part : failure->parts) found->parts.push_back({part.name, part.value});
            for (const auto& input : failure->inputs) found->inputs.push_back({input, {}});
          }
          return true;
        });
  }
  return found;
}

/// A path of the user's as the workspace calls it: "./src/", seen from below the workspace, is "src".
std::string path_in(const std::string& workspace, std::string path) {
  if (const auto real = real_path(path); real && *real != workspace && real->starts_with(workspace + "/"))
    return real->substr(workspace.size() + 1);
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<ExplainOutput> explain(const Services& services, const Context& context, const ExplainInput& input) {
  ExplainOutput output;
  output.what = input.what;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state || input.what.empty()) return output;
  Machinery machinery(services, context);
  SKEIN_TRY(engine::Session * session, machinery.session());
  ResultQuery query{input.what, path_in(context.workspace, input.what), {}};
  if (input.what.size() >= kFewestKeyDigits && input.what.find_first_not_of("0123456789abcdef") == std::string::npos)
    query.key_prefix = input.what;
  SKEIN_TRY(const auto results, find_known_results(session->store(), query));
  std::map<std::string, std::size_t, std::less<>> at;  // Steps in `output`, by name.
  for (const auto& result : results) {
    const auto [place, is_new] = at.try_emplace(result.step, output.steps.size());
    if (is_new) output.steps.push_back(explained(result));
  }
  // Results of one step come the newest first: the second is what the newest is compared with.
  for (auto& step : output.steps) {
    const engine::StoredResult* newest = nullptr;
    for (const auto& result : results) {
      if (result.step != step.step || step.previous_key) continue;
      if (newest == nullptr) {
        newest = &result;
      } else if (result.key != newest->key) {
        step.previous_key = result.key;
        step.previous_run = result.run;
        step.difference = first_difference(result, *newest);
      }
    }
  }
  // A path names no step of its own, and a step's newest result says all but a later failure.
  const bool may_be_a_step = output.steps.empty() || output.steps.front().step == input.what;
  auto failed_or_effect = may_be_a_step ? from_journals(services.files, state->path, input.what,
                                                        output.steps.empty() ? "" : output.steps.front().run)
                                        : std::nullopt;
  if (failed_or_effect && (output.steps.empty() || failed_or_effect->state == "failed"))
    output.steps.insert(output.steps.begin(), std::move(*failed_or_effect));
  std::stable_sort(output.steps.begin(), output.steps.end(),
                   [](const ExplainedStep& a, const ExplainedStep& b) { return a.step < b.step; });
  SKEIN_DO(name_inputs(session->store(), output.steps));
  return output;
}

void register_as(engine::OperationTable& table, const Services& services, std::string_view name) {
  table.add(engine::Operation::make<ExplainInput, ExplainOutput>(
      {.name = name,
       .summary = "Say why a step was done again, or what its key holds",
       .description =
           "Shows all that can change a step's result: its agent, the declared parts, the inputs and what it "
           "read; and the first of them that differs from the last time with another key. A file or folder "
           "means all steps about it.\n\nExit code 1 says that nothing is known of it.",
       .examples = {{"skein explain src/a.py", "all steps about a file"},
                    {"skein explain \"page src/a.py\" --verbose", "one step, nothing shortened"}},
       .permissions = {engine::Permission::read, engine::Permission::write_state}},
      [&services](const Context& context, const ExplainInput& input) { return explain(services, context, input); },
      render));
}

}  // namespace

void register_explain(engine::OperationTable& table, const Services& services) {
  register_as(table, services, "explain");
}

void register_cache_explain(engine::OperationTable& table, const Services& services) {
  register_as(table, services, "cache explain");
}

}  // namespace skein::app
