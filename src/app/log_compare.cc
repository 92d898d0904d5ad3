// `skein log diff` and `skein log stats`.
#include <map>

#include "app/log_summaries.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "summary/summary_record.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct DiffInput {
  std::string before;
  std::string now;

  template <class V>
  static void describe(V& v) {
    v.field("before", &DiffInput::before, "The older log.", {.required = true, .positional = true, .value_name = "ID"});
    v.field("now", &DiffInput::now, "The newer one.", {.required = true, .positional = true, .value_name = "ID"});
  }
};

struct DiffFailure {
  std::string tool, kind, name, file, message;
  std::int64_t line = 0;
  std::int64_t log_line = 0;

  template <class V>
  static void describe(V& v) {
    v.field("tool", &DiffFailure::tool, "Who says so.");
    v.field("kind", &DiffFailure::kind, "What kind of failure.");
    v.field("name", &DiffFailure::name, "Of the test, rule or target; may be empty.");
    v.field("file", &DiffFailure::file, "As the tool wrote it; may be empty.");
    v.field("message", &DiffFailure::message, "What is wrong.");
    v.field("line", &DiffFailure::line, "In the file; 0 unknown.");
    v.field("log_line", &DiffFailure::log_line, "In its log.");
  }
};

struct DiffOutput {
  std::string before, now;
  std::string before_verdict, now_verdict;
  std::vector<DiffFailure> added, fixed, still;

  template <class V>
  static void describe(V& v) {
    v.field("before", &DiffOutput::before, "The older log.");
    v.field("now", &DiffOutput::now, "The newer one.");
    v.field("before_verdict", &DiffOutput::before_verdict, "pass, fail or unknown.");
    v.field("now_verdict", &DiffOutput::now_verdict, "pass, fail or unknown.");
    v.field("added", &DiffOutput::added, "Failures that only the newer has; log_line is in it.");
    v.field("fixed", &DiffOutput::fixed, "Failures that only the older has; log_line is in it.");
    v.field("still", &DiffOutput::still, "Failures of both; log_line is in the newer.");
  }
};

std::vector<DiffFailure> shown(const std::vector<summary::Finding>& findings) {
  std::vector<DiffFailure> list;
  for (const summary::Finding& one : findings)
    list.push_back({one.tool, std::string(engine::name_of(one.kind)), one.name, one.file, one.message,
                    static_cast<std::int64_t>(one.line), static_cast<std::int64_t>(one.log_line)});
  return list;
}

std::string render_diff(const DiffOutput& output, const engine::Style& style) {
  std::string text =
      fmt::format("{} {} -> {} {}: {} new, {} fixed, {} still failing\n", output.before, output.before_verdict,
                  output.now, output.now_verdict, output.added.size(), output.fixed.size(), output.still.size());
  const auto add = [&](std::string_view title, const std::vector<DiffFailure>& failures) {
    if (failures.empty()) return;
    text += fmt::format("\n{}\n", title);
    for (const DiffFailure& failure : failures) {
      std::string place = failure.file;
      if (failure.line > 0) place += fmt::format(":{}", failure.line);
      std::string line;
      for (const std::string& part : {place, failure.name, failure.message})
        if (!part.empty()) line += (line.empty() ? "" : "  ") + text::printable(part);
      text += fmt::format(
          "  {}\n", style.verbose ? line : shortened(line, static_cast<std::size_t>(std::max(style.width - 4, 40))));
    }
  };
  add("new", output.added);
  add("still failing", output.still);
  add("fixed", output.fixed);
  return text;
}

Result<std::string> logs_of(const Services& services, const Context& context) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  return state ? summary::log_folder(state->path) : std::string();
}

Result<DiffOutput> diff(const Services& services, const Context& context, const DiffInput& input) {
  SKEIN_TRY(const std::string folder, logs_of(services, context));
  DiffOutput output;
  std::vector<summary::Summary> made;
  for (const std::string& id : {input.before, input.now}) {
    SKEIN_TRY(const auto found, summary::find_log(services.files, folder, id));
    SKEIN_TRY(const auto log, summary::LogReader::open(services.files, found.path));
    if (!log.changed().empty() && context.note) context.note(log.changed());
    SKEIN_TRY(summary::Summary one, summary_of_log(services, context, log));
    (made.empty() ? output.before : output.now) = found.id;
    made.push_back(std::move(one));
  }
  output.before_verdict = engine::name_of(made[0].verdict);
  output.now_verdict = engine::name_of(made[1].verdict);
  const summary::Comparison compared = summary::compare(made[0], made[1]);
  output.added = shown(compared.added);
  output.fixed = shown(compared.fixed);
  output.still = shown(compared.still);
  return output;
}

struct StatsInput {
  template <class V>
  static void describe(V&) {}
};

struct ToolStats {
  std::string tool;
  std::int64_t summaries = 0, bytes_in = 0, bytes_out = 0, tokens_in = 0, tokens_out = 0, wall_us = 0;

  template <class V>
  static void describe(V& v) {
    v.field("tool", &ToolStats::tool, "The first recogniser of each log; \"none\" where none found anything.");
    v.field("summaries", &ToolStats::summaries, "How many.");
    v.field("bytes_in", &ToolStats::bytes_in, "Of the logs.");
    v.field("bytes_out", &ToolStats::bytes_out, "That were printed.");
    v.field("tokens_in", &ToolStats::tokens_in, "Of the logs, o200k_base.");
    v.field("tokens_out", &ToolStats::tokens_out, "That were printed.");
    v.field("wall_us", &ToolStats::wall_us, "Time that rendering took.");
  }
};

struct StatsOutput {
  std::vector<summary::SummaryRecord> summaries;
  std::vector<ToolStats> tools;

  template <class V>
  static void describe(V& v) {
    v.field("summaries", &StatsOutput::summaries, "Each summary of a stored log, the oldest first.");
    v.field("tools", &StatsOutput::tools, "The same by recogniser.");
  }
};

std::string render_stats(const StatsOutput& output, const engine::Style& style) {
  if (output.summaries.empty()) return "No summaries were made yet.\n";
  std::string text = fmt::format("{:<14} {:>9} {:>10} {:>10} {:>10} {:>10} {:>6}\n", "recogniser", "summaries",
                                 "bytes in", "bytes out", "tokens in", "tokens out", "saved");
  ToolStats all;
  const auto row = [&](const ToolStats& one) {
    const double saved = one.tokens_in > 0
                             ? 100.0 * (1.0 - static_cast<double>(one.tokens_out) / static_cast<double>(one.tokens_in))
                             : 0.0;
    text += fmt::format("{:<14} {:>9} {:>10} {:>10} {:>10} {:>10} {:>4.0f} %\n", shortened(one.tool, 14), one.summaries,
                        text::format_bytes(Bytes{one.bytes_in}), text::format_bytes(Bytes{one.bytes_out}),
                        text::format_count(one.tokens_in), text::format_count(one.tokens_out), saved);
  };
  for (const ToolStats& one : output.tools) {
    row(one);
    all.summaries += one.summaries;
    all.bytes_in += one.bytes_in;
    all.bytes_out += one.bytes_out;
    all.tokens_in += one.tokens_in;
    all.tokens_out += one.tokens_out;
  }
  all.tool = "all";
  row(all);
  if (style.verbose)
    for (const auto& one : output.summaries)
      text += fmt::format("{} {:<7} {:>10} -> {:>8} tokens{} in {}  {}\n", shown_time(WallTime{Micros{one.at_us}}),
                          one.log, text::format_count(one.tokens_in), text::format_count(one.tokens_out),
                          one.tokens_in_exact ? "" : " (reckoned)", text::format_duration(Micros(one.wall_us)),
                          shortened(one.source, 30));
  return text;
}

Result<StatsOutput> stats(const Services& services, const Context& context) {
  SKEIN_TRY(const std::string folder, logs_of(services, context));
  StatsOutput output;
  if (folder.empty()) return output;
  SKEIN_TRY(output.summaries, summary::summary_records(services.files, folder));
  std::map<std::string, ToolStats> tools;
  for (const auto& one : output.summaries) {
    ToolStats& tool = tools[one.tools.empty() ? "none" : one.tools.front()];
    ++tool.summaries;
    tool.bytes_in += one.bytes_in;
    tool.bytes_out += one.bytes_out;
    tool.tokens_in += one.tokens_in;
    tool.tokens_out += one.tokens_out;
    tool.wall_us += one.wall_us;
  }
  for (auto& [name, tool] : tools) {
    tool.tool = name;
    output.tools.push_back(std::move(tool));
  }
  return output;
}

}  // namespace

void register_log_compare(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<DiffInput, DiffOutput>(
      {.name = "log diff",
       .summary = "Compare the failures of two stored outputs",
       .description = "Which failures are new, which are fixed, and which still fail: the same tool, name, file and "
                      "message, numbers in it aside.",
       .examples = {{"skein log diff 3f2a last", "what changed since"}}},
      [&services](const Context& context, const DiffInput& input) { return diff(services, context, input); },
      render_diff));
  table.add(engine::Operation::make<StatsInput, StatsOutput>(
      {.name = "log stats",
       .summary = "Show what summaries saved, by recogniser",
       .description = "Each summary that `skein exec` made, with bytes and tokens (o200k_base) in and out, counted "
                      "against what was really printed, and the time. Tokens of logs above 512 KiB are reckoned from "
                      "their beginning and end, and marked so.",
       .examples = {{"skein log stats", "a table"}, {"skein log stats --json", "each summary"}}},
      [&services](const Context& context, const StatsInput&) { return stats(services, context); }, render_stats));
}

}  // namespace skein::app
