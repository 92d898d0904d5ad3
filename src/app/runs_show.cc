// `skein runs show`.
#include <algorithm>
#include <set>

#include "app/log_summaries.h"
#include "app/past_runs.h"
#include "app/runs.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {
namespace {

using engine::Context;

/// Of a list, without --verbose.
constexpr std::size_t kShown = 10;

constexpr Bytes kSummaryBytes{2000};
constexpr std::size_t kSummarised = 50;

struct RunsShowInput {
  std::string run;

  template <class V>
  static void describe(V& v) {
    v.field("run", &RunsShowInput::run, "Its name, the beginning of it, or \"last\".",
            {.required = true, .positional = true, .value_name = "ID"});
  }
};

struct ShownStep {
  std::string step;
  std::string agent;
  Digest key;
  std::int64_t wall_us = 0;
  std::int64_t cpu_us = 0;
  std::int64_t queued_us = 0;

  template <class V>
  static void describe(V& v) {
    v.field("step", &ShownStep::step, "Its name.");
    v.field("agent", &ShownStep::agent, "Who did it, and the version of what it gives.");
    v.field("key", &ShownStep::key, "Digest of all that can change its result.");
    v.field("wall_us", &ShownStep::wall_us, "How long it took, in microseconds.");
    v.field("cpu_us", &ShownStep::cpu_us, "Processor time, user and system.");
    v.field("queued_us", &ShownStep::queued_us, "From ready to started.");
  }
};

struct ShownPart {
  std::string name;
  std::string value;

  template <class V>
  static void describe(V& v) {
    v.field("name", &ShownPart::name, "Of a part of the key.");
    v.field("value", &ShownPart::value, "Its value.");
  }
};

struct ShownFailure {
  std::string step;
  std::string agent;
  std::string code;
  std::string message;
  int attempts = 1;
  std::vector<ShownPart> parts;
  std::vector<Digest> inputs;
  std::string last_output;
  std::vector<std::string> not_run;

  template <class V>
  static void describe(V& v) {
    v.field("step", &ShownFailure::step, "Its name.");
    v.field("agent", &ShownFailure::agent, "Who tried.");
    v.field("code", &ShownFailure::code, "What kind of failure.");
    v.field("message", &ShownFailure::message, "What went wrong.");
    v.field("attempts", &ShownFailure::attempts, "How often it was tried.");
    v.field("parts", &ShownFailure::parts, "The declared parts of its key.");
    v.field("inputs", &ShownFailure::inputs, "Digests of its inputs.");
    v.field("last_output", &ShownFailure::last_output, "The end of what it printed.");
    v.field("not_run", &ShownFailure::not_run, "Steps that stand on it and were not run.");
  }
};

struct ShownLog {
  std::string step;
  std::string log;
  std::string verdict;
  std::int64_t bytes = 0;
  std::int64_t lines = 0;
  std::string summary;

  template <class V>
  static void describe(V& v) {
    v.field("step", &ShownLog::step, "Which step printed it.");
    v.field("log", &ShownLog::log, "The stored log: `skein log show`.");
    v.field("verdict", &ShownLog::verdict, "What it says: pass, fail or unknown; empty where the log is gone.");
    v.field("bytes", &ShownLog::bytes, "Of the log.");
    v.field("lines", &ShownLog::lines, "Of the log.");
    v.field("summary", &ShownLog::summary, "At most 2,000 bytes of it, failures first.");
  }
};

struct ShownTarget {
  std::string folder;
  std::string stage;

  template <class V>
  static void describe(V& v) {
    v.field("folder", &ShownTarget::folder, "Where the files were installed.");
    v.field("stage", &ShownTarget::stage, "What of it: \"pages\".");
  }
};

struct RunsShowOutput {
  std::string run;
  std::string operation;
  engine::Json request;
  std::string version;
  std::string at;
  std::string status;
  std::int64_t done = 0;
  std::int64_t reused = 0;
  std::int64_t failed = 0;
  std::int64_t not_run = 0;
  std::int64_t wall_us = 0;
  std::int64_t cpu_us = 0;
  std::int64_t first_result_us = 0;
  std::int64_t bytes_read = 0;
  std::int64_t bytes_written = 0;
  double parallel_efficiency = 0;
  std::vector<ShownTarget> targets;
  std::vector<ShownFailure> failures;
  std::vector<ShownLog> outputs;
  std::vector<ShownStep> steps;

  template <class V>
  static void describe(V& v) {
    v.field("run", &RunsShowOutput::run, "Its name.");
    v.field("operation", &RunsShowOutput::operation, "What was asked for.");
    v.field("request", &RunsShowOutput::request, "The input of the operation.");
    v.field("version", &RunsShowOutput::version, "skein's.");
    v.field("at", &RunsShowOutput::at, "When it began, UTC.");
    v.field("status", &RunsShowOutput::status, "\"ok\", \"failed\", \"cancelled\", \"killed\" or \"running\".");
    v.field("done", &RunsShowOutput::done, "Steps that were done.");
    v.field("reused", &RunsShowOutput::reused, "Steps whose results were remembered.");
    v.field("failed", &RunsShowOutput::failed, "Steps that failed.");
    v.field("not_run", &RunsShowOutput::not_run,
            "Steps that stand on failed ones, or that were left when the run was stopped.");
    v.field("wall_us", &RunsShowOutput::wall_us, "How long the run took, in microseconds.");
    v.field("cpu_us", &RunsShowOutput::cpu_us, "Processor time of its steps, user and system.");
    v.field("first_result_us", &RunsShowOutput::first_result_us, "From its start to its first finished step.");
    v.field("bytes_read", &RunsShowOutput::bytes_read, "By its steps.");
    v.field("bytes_written", &RunsShowOutput::bytes_written, "By its steps.");
    v.field("parallel_efficiency", &RunsShowOutput::parallel_efficiency,
            "Time spent in computing steps / (wall time * threads).");
    v.field("targets", &RunsShowOutput::targets, "Where files were installed.");
    v.field("failures", &RunsShowOutput::failures, "Steps that failed, with what is needed to understand it.");
    v.field("outputs", &RunsShowOutput::outputs, "What steps printed, stored whole, with its summary.");
    v.field("steps", &RunsShowOutput::steps, "Steps that were done, the slowest first.");
  }
};

void add_list(std::string& text, std::string_view head, const std::vector<std::string>& lines, bool all) {
  if (lines.empty()) return;
  text += head;
  const std::size_t shown = all ? lines.size() : std::min(lines.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) text += lines[i];
  if (shown < lines.size())
    text += fmt::format("    and {} more (--verbose)\n",
                        text::format_count(static_cast<std::int64_t>(lines.size() - shown)));
}

std::string render_failure(const ShownFailure& failure, bool all) {
  std::string text = fmt::format("\nfailed: {}\n", shortened(failure.step, 70));
  text += text::wrap(text::printable(failure.message), 78, "  ");
  text += fmt::format("  {}, by {}, {} attempt{}\n", failure.code, failure.agent, failure.attempts,
                      failure.attempts == 1 ? "" : "s");
  std::vector<std::string> lines;
  for (const auto& part : failure.parts)
    lines.push_back(fmt::format("    {:<12} {}\n", shortened(part.name, 12), shortened(part.value, 60)));
  for (const auto& input : failure.inputs)
    lines.push_back(fmt::format("    {:<12} {}\n", "input", input.is_none() ? "not made" : input.short_hex()));
  add_list(text, "  its key\n", lines, all);
  if (!failure.last_output.empty()) {
    text += "  the end of what it printed\n";
    for (std::size_t at = 0; at < failure.last_output.size();) {
      const auto end = std::min(failure.last_output.find('\n', at), failure.last_output.size());
      text += fmt::format("    {}\n", text::printable(failure.last_output.substr(at, end - at)));
      at = end + 1;
    }
  }
  lines.clear();
  for (const auto& name : failure.not_run) lines.push_back(fmt::format("    {}\n", shortened(name, 74)));
  add_list(text, fmt::format("  not run, because they stand on it: {}\n", failure.not_run.size()), lines, all);
  return text;
}

std::string render_log(const ShownLog& log) {
  if (log.verdict.empty()) return fmt::format("    {}: its log {} is gone\n", shortened(log.step, 50), log.log);
  std::string text =
      fmt::format("    {}: {} {}, {}: skein log show {}\n", shortened(log.step, 40), text::format_count(log.lines),
                  log.lines == 1 ? "line" : "lines", log.verdict, log.log);
  for (std::size_t at = 0; at < log.summary.size();) {
    const auto end = std::min(log.summary.find('\n', at), log.summary.size());
    text += fmt::format("      {}\n", text::printable(log.summary.substr(at, end - at)));
    at = end + 1;
  }
  return text;
}

/// A stored output and its summary, made anew. Of outputs beyond kSummarised only the names are told.
Result<ShownLog> shown_log(const Services& services, const Context& context, const std::string& folder,
                           const engine::JournalOutput& output, bool summarised) {
  ShownLog shown{output.step, output.name, {}, 0, 0, {}};
  const auto file = summary::find_log(services.files, folder, output.name);
  if (!file) return shown;
  const auto log = summary::LogReader::open(services.files, file->path);
  if (!log) return shown;
  shown.bytes = static_cast<std::int64_t>(log->bytes());
  shown.lines = static_cast<std::int64_t>(log->lines());
  shown.verdict = "not summarised";
  if (!summarised) return shown;
  const Instant before = services.clock.now();
  SKEIN_TRY(const summary::Summary made, summary_of_log(services, context, *log));
  summary::RenderOptions options;
  options.limit = kSummaryBytes;
  options.log_id = output.name;
  SKEIN_TRY(summary::Rendering rendering, summary::render(made, options));
  shown.verdict = engine::name_of(made.verdict);
  shown.summary = std::move(rendering.text);
  note_summary(services, folder, *log, made, shown.summary,
               std::chrono::duration_cast<Micros>(services.clock.now() - before));
  return shown;
}

std::string render(const RunsShowOutput& output, const engine::Style& style) {
  std::string text = fmt::format("{}  {}  {}\n", output.run, output.operation, output.status);
  text += fmt::format("  began    {} UTC, skein {}\n", output.at, output.version);
  text += fmt::format("  request  {}\n",
                      shortened(output.request.dump(-1, ' ', false, engine::Json::error_handler_t::replace), 68));
  text += fmt::format("  steps    {} done, {} reused, {} failed, {} not run\n", text::format_count(output.done),
                      text::format_count(output.reused), text::format_count(output.failed),
                      text::format_count(output.not_run));
  text +=
      fmt::format("  took     {} (processor {}, first result after {})\n",
                  output.wall_us == 0 ? "unknown" : text::format_duration(Micros(output.wall_us)),
                  text::format_duration(Micros(output.cpu_us)), text::format_duration(Micros(output.first_result_us)));
  text += fmt::format("  moved    {} read, {} written\n", text::format_bytes(Bytes{output.bytes_read}),
                      text::format_bytes(Bytes{output.bytes_written}));
  text += fmt::format("  threads  {:.0f} % of their time in steps\n", 100 * output.parallel_efficiency);
  for (const auto& target : output.targets)
    text += fmt::format("  wrote    {} ({})\n", shortened(target.folder, 60), target.stage);
  for (const auto& failure : output.failures) text += render_failure(failure, style.verbose);
  std::vector<std::string> lines;
  for (const auto& log : output.outputs) lines.push_back(render_log(log));
  add_list(text, "\nprinted\n", lines, style.verbose);
  lines.clear();
  for (const auto& step : output.steps)
    lines.push_back(
        fmt::format("    {:>10}  {}\n", text::format_duration(Micros(step.wall_us)), shortened(step.step, 64)));
  add_list(text, "\nsteps, the slowest first\n", lines, style.verbose);
  if (output.status == "killed" || output.status == "cancelled" || output.status == "failed")
    text += fmt::format("\n`skein runs resume {}` goes on from there.\n", output.run);
  return text;
}

ShownFailure shown(const engine::JournalFailure& failure) {
  ShownFailure one{failure.name, failure.agent,  failure.code,        failure.message, failure.attempts,
                   {},           failure.inputs, failure.last_output, failure.not_run};
  for (const auto& part : failure.parts) one.parts.push_back({part.name, part.value});
  return one;
}

Result<RunsShowOutput> show(const Services& services, const Context& context, const RunsShowInput& input) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return fail(Code::not_found, "this workspace has no runs yet");
  SKEIN_TRY(const std::string run, find_run(services.files, state->path, input.run));
  SKEIN_TRY(auto record, read_run(services.files, state->path, run));
  RunsShowOutput output;
  output.run = run;
  output.operation = record.start.operation;
  if (auto request = engine::parse_json(record.start.request)) output.request = std::move(*request);
  output.version = record.start.version;
  output.at = shown_time(record.start.at);
  output.status = status_of(state->path, run, record.end);
  engine::Usage usage;
  for (const auto& step : record.steps) {
    usage += step.usage;
    output.steps.push_back({step.name, step.agent, step.key, step.usage.wall.count(),
                            (step.usage.user_cpu + step.usage.system_cpu).count(), step.usage.queued.count()});
  }
  std::stable_sort(output.steps.begin(), output.steps.end(),
                   [](const ShownStep& a, const ShownStep& b) { return a.wall_us > b.wall_us; });
  std::set<std::string> left;
  for (const auto& failure : record.failures) {
    output.failures.push_back(shown(failure));
    left.insert(failure.not_run.begin(), failure.not_run.end());
  }
  for (std::size_t i = 0; i < record.outputs.size(); ++i) {
    SKEIN_TRY(auto log,
              shown_log(services, context, summary::log_folder(state->path), record.outputs[i], i < kSummarised));
    output.outputs.push_back(std::move(log));
  }
  for (const auto& commit : record.commits) output.targets.push_back({commit.target, commit.stage});
  output.done = static_cast<std::int64_t>(record.steps.size());
  output.failed = static_cast<std::int64_t>(record.failures.size());
  output.not_run = static_cast<std::int64_t>(left.size());
  if (record.end) {
    usage = record.end->usage;
    output.reused = static_cast<std::int64_t>(record.end->hits);
    if (record.end->status != "killed") output.not_run = static_cast<std::int64_t>(record.end->skipped);
    output.first_result_us = record.end->first_result.count();
    output.parallel_efficiency = record.end->parallel_efficiency;
  }
  // Of a run without an end of its own only the times of its steps are known.
  if (record.end && record.end->status != "killed") output.wall_us = usage.wall.count();
  output.cpu_us = (usage.user_cpu + usage.system_cpu).count();
  output.bytes_read = usage.bytes_read.value;
  output.bytes_written = usage.bytes_written.value;
  return output;
}

}  // namespace

engine::Operation runs_show_operation(const Services& services) {
  return engine::Operation::make<RunsShowInput, RunsShowOutput>(
      {.name = "runs show",
       .summary = "Show one run: what it did, took, and why it failed",
       .description = "What was asked for, what it took, the slowest steps, and of every failed step the parts of its "
                      "key, its inputs, the end of what it printed, and what was not run because of it; of what steps "
                      "printed, the "
                      "stored log and its summary. --verbose and "
                      "--json leave nothing out.",
       .examples = {{"skein runs show last", "the newest"}, {"skein runs show 20261121-0102 --json", "one, as JSON"}}},
      [&services](const Context& context, const RunsShowInput& input) { return show(services, context, input); },
      render);
}

}  // namespace skein::app
