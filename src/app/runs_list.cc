// `skein runs list`.
#include <algorithm>

#include "app/past_runs.h"
#include "app/runs.h"
#include "text/printable.h"
#include "text/quantity.h"

namespace skein::app {
namespace {

using engine::Context;

struct RunsListInput {
  std::int64_t limit = 20;

  template <class V>
  static void describe(V& v) {
    v.field("limit", &RunsListInput::limit, "At most this many, the newest; 0: all.",
            {.short_name = 'n', .value_name = "N", .min = 0});
  }
};

struct RunRow {
  std::string run;
  std::string operation;
  std::string at;
  std::string status;
  std::int64_t done = 0;
  std::int64_t reused = 0;
  std::int64_t failed = 0;
  std::int64_t wall_us = 0;
  std::string problem;

  template <class V>
  static void describe(V& v) {
    v.field("run", &RunRow::run, "Its name.");
    v.field("operation", &RunRow::operation, "What was asked for: \"docs\".");
    v.field("at", &RunRow::at, "When it began, UTC.");
    v.field("status", &RunRow::status, "\"ok\", \"failed\", \"cancelled\", \"killed\", \"running\" or \"unreadable\".");
    v.field("done", &RunRow::done, "Steps that were done.");
    v.field("reused", &RunRow::reused, "Steps whose results were remembered; not known of a run without an end.");
    v.field("failed", &RunRow::failed, "Steps that failed.");
    v.field("wall_us", &RunRow::wall_us, "How long it took, in microseconds; 0 while it has no end.");
    v.field("problem", &RunRow::problem, "Why the journal cannot be read; or empty.");
  }
};

struct RunsListOutput {
  std::vector<RunRow> runs;
  std::int64_t total = 0;

  template <class V>
  static void describe(V& v) {
    v.field("runs", &RunsListOutput::runs, "The newest first.");
    v.field("total", &RunsListOutput::total, "How many this workspace remembers.");
  }
};

RunRow row_of(FileSystem& files, const std::string& state, const std::string& run) {
  RunRow row;
  row.run = run;
  auto ends = engine::read_journal_ends(files, engine::journal_path(state, run));
  if (!ends) {
    // The first instant of a run: its journal is still empty.
    const bool has_nothing = ends.error().code() == Code::not_found;
    row.status = is_running(state, run) ? "running" : has_nothing ? "killed" : "unreadable";
    if (row.status == "unreadable") row.problem = ends.error().to_string();
    return row;
  }
  row.operation = ends->start.operation;
  row.at = shown_time(ends->start.at);
  row.status = status_of(state, run, ends->end);
  if (ends->end) {
    row.done = static_cast<std::int64_t>(ends->end->executed);
    row.reused = static_cast<std::int64_t>(ends->end->hits);
    row.failed = static_cast<std::int64_t>(ends->end->failed);
    // Of a killed run only the times of its steps are known.
    if (row.status != "killed") row.wall_us = ends->end->usage.wall.count();
    return row;
  }
  const auto record = read_run(files, state, run);
  if (!record) {
    row.status = "unreadable";
    row.problem = record.error().to_string();
    return row;
  }
  row.done = static_cast<std::int64_t>(record->steps.size());
  row.failed = static_cast<std::int64_t>(record->failures.size());
  return row;
}

std::string render(const RunsListOutput& output, const engine::Style&) {
  if (output.runs.empty()) return "No runs yet.\n";
  std::string text = fmt::format("{:<20}  {:<9} {:<9} {:>8} {:>8} {:>6} {:>10}\n", "run", "operation", "status", "done",
                                 "reused", "failed", "time");
  for (const auto& row : output.runs) {
    if (!row.problem.empty()) {
      text += fmt::format("{:<20}  {}\n", row.run, "its journal cannot be read: see `skein verify`");
      continue;
    }
    text +=
        fmt::format("{:<20}  {:<9} {:<9} {:>8} {:>8} {:>6} {:>10}\n", row.run, shortened(row.operation, 9), row.status,
                    text::format_count(row.done), text::format_count(row.reused), text::format_count(row.failed),
                    row.wall_us == 0 ? "-" : text::format_duration(Micros(row.wall_us)));
  }
  if (const auto left = output.total - static_cast<std::int64_t>(output.runs.size()); left > 0)
    text += fmt::format("{} older ones: `skein runs list --limit 0`\n", text::format_count(left));
  return text;
}

Result<RunsListOutput> list(const Services& services, const Context& context, const RunsListInput& input) {
  RunsListOutput output;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (!state) return output;
  SKEIN_TRY(auto runs, runs_by_time(services.files, state->path));
  output.total = static_cast<std::int64_t>(runs.size());
  std::reverse(runs.begin(), runs.end());
  if (input.limit > 0 && output.total > input.limit) runs.resize(static_cast<std::size_t>(input.limit));
  for (const auto& run : runs) output.runs.push_back(row_of(services.files, state->path, run));
  return output;
}

}  // namespace

engine::Operation runs_list_operation(const Services& services) {
  return engine::Operation::make<RunsListInput, RunsListOutput>(
      {.name = "runs list",
       .summary = "List past runs, the newest first",
       .description = "Every run is recorded in a journal in the state folder. Names are times: UTC, and four letters. "
                      "A run that was killed shows as \"killed\": what it had decided the next skein command here "
                      "finishes, and `skein runs resume` does the rest.",
       .examples = {{"skein runs list", "the last twenty"}, {"skein runs list --limit 0 --json", "all, as JSON"}}},
      [&services](const Context& context, const RunsListInput& input) { return list(services, context, input); },
      render);
}

}  // namespace skein::app
