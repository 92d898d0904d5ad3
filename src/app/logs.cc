// `skein log list`, `show`, `rm`.
#include <limits>

#include <re2/re2.h>

#include "app/operations.h"
#include "app/past_runs.h"
#include "summary/log_store.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/terminal_safe.h"

namespace skein::app {
namespace {

using engine::Context;

struct NoInput {
  template <class V>
  static void describe(V&) {}
};

struct LogRow {
  std::string id;
  std::string at;
  std::vector<std::string> command;
  std::optional<int> exit_code;
  std::optional<std::int64_t> bytes, lines, secrets;

  template <class V>
  static void describe(V& v) {
    v.field("id", &LogRow::id, "A unique beginning of it names the log.");
    v.field("at", &LogRow::at, "When it began, UTC.");
    v.field("command", &LogRow::command, "What was run.");
    v.field("exit_code", &LogRow::exit_code, "Absent: it still runs, or skein was killed.");
    v.field("bytes", &LogRow::bytes, "Of the log.");
    v.field("lines", &LogRow::lines, "Of the log.");
    v.field("secrets", &LogRow::secrets, "Replaced in it.");
  }
};

struct LogListOutput {
  std::vector<LogRow> logs;

  template <class V>
  static void describe(V& v) {
    v.field("logs", &LogListOutput::logs, "The newest first.");
  }
};

std::string render_list(const LogListOutput& output, const engine::Style& style) {
  std::string text;
  for (const LogRow& row : output.logs) {
    std::string command;
    for (const std::string& word : row.command) command += (command.empty() ? "" : " ") + word;
    text +=
        fmt::format("{:<8} {} {:>5} {:>9}  {}\n", row.id, row.at, row.exit_code ? std::to_string(*row.exit_code) : "-",
                    row.bytes ? text::format_bytes(Bytes{*row.bytes}) : "-",
                    shortened(command, static_cast<std::size_t>(std::max(style.width - 46, 20))));
  }
  return text;
}

/// The folder of logs, or nothing where the workspace has no state yet.
Result<std::optional<std::string>> existing_logs(const Services& services, const Context& context) {
  SKEIN_TRY(const auto state, existing_state(services, context));
  return state ? std::optional(summary::log_folder(state->path)) : std::nullopt;
}

Result<LogListOutput> list(const Services& services, const Context& context) {
  LogListOutput output;
  SKEIN_TRY(const auto folder, existing_logs(services, context));
  if (!folder) return output;
  SKEIN_TRY(const auto logs, summary::list_logs(services.files, *folder));
  for (const auto& one : logs) {
    const auto log = summary::LogReader::open(services.files, one.path);
    if (!log) continue;  // Killed before its first record.
    LogRow row{one.id, shown_time(WallTime{Micros{log->start().started_us}}), log->start().command, {}, {}, {}, {}};
    if (log->end()) {
      row.exit_code = log->end()->exit_code;
      row.secrets = static_cast<std::int64_t>(log->end()->secrets);
    }
    row.bytes = static_cast<std::int64_t>(log->bytes());
    row.lines = static_cast<std::int64_t>(log->lines());
    output.logs.push_back(std::move(row));
  }
  return output;
}

enum class Stream { out, err };
std::span<const engine::Choice<Stream>> choices_of(Stream) {
  static constexpr std::array<engine::Choice<Stream>, 2> kChoices{{{Stream::out, "out"}, {Stream::err, "err"}}};
  return kChoices;
}

struct ShowInput {
  std::string id;
  std::string lines;
  std::optional<Stream> stream;
  std::string grep;
  bool raw = false;

  template <class V>
  static void describe(V& v) {
    v.field("id", &ShowInput::id, "The log: a unique beginning of its id, or \"last\".",
            {.required = true, .positional = true, .value_name = "ID"});
    v.field("lines", &ShowInput::lines, "Only these lines, from 1: \"120-1333\", \"120-\" or \"120\".",
            {.value_name = "A-B"});
    v.field("stream", &ShowInput::stream, "Only standard output or standard error.");
    v.field("grep", &ShowInput::grep, "Only lines that match (RE2).", {.value_name = "RE"});
    v.field("raw", &ShowInput::raw, "The stored bytes as they are, escape sequences too.");
  }
};

struct ShowOutput {
  std::string text;

  template <class V>
  static void describe(V& v) {
    v.field("text", &ShowOutput::text, "The lines.");
  }
};

std::string render_show(const ShowOutput& output, const engine::Style&) { return output.text; }

Result<std::pair<std::uint64_t, std::uint64_t>> range_of(const std::string& text) {
  constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
  if (text.empty()) return std::pair<std::uint64_t, std::uint64_t>(1, kEnd);
  static const RE2 kRange("(\\d{1,18})(-?)(\\d{0,18})");
  std::string first, dash, last;
  if (!RE2::FullMatch(text, kRange, &first, &dash, &last) || (dash.empty() && !last.empty()) || std::stoull(first) == 0)
    return fail(Code::invalid_argument, "--lines must be like 120-1333, 120- or 120, not \"{}\"", text);
  const std::uint64_t begin = std::stoull(first);
  const std::uint64_t end = dash.empty() ? begin : last.empty() ? kEnd : std::stoull(last);
  if (end < begin) return fail(Code::invalid_argument, "--lines {}: the last line comes before the first", text);
  return std::pair(begin, end);
}

Result<ShowOutput> show(const Services& services, const Context& context, const ShowInput& input) {
  SKEIN_TRY(const auto range, range_of(input.lines));
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(input.grep, quiet);
  if (!pattern.ok()) return fail(Code::invalid_argument, "--grep: {}", pattern.error());
  SKEIN_TRY(const auto folder, existing_logs(services, context));
  SKEIN_TRY(const auto found, summary::find_log(services.files, folder.value_or(""), input.id));
  SKEIN_TRY(const auto log, summary::LogReader::open(services.files, found.path));
  ShowOutput output;
  SKEIN_DO(log.pieces(range.first, range.second, [&](const summary::LogPiece& piece) {
    if (!input.stream ||
        piece.stream == (*input.stream == Stream::out ? summary::LogStream::out : summary::LogStream::err))
      output.text += piece.bytes;
    return true;
  }));
  if (!input.grep.empty()) {
    std::string matching;
    for (std::size_t at = 0; at < output.text.size();) {
      const std::size_t end = std::min(output.text.find('\n', at), output.text.size() - 1) + 1;
      const std::string_view line = std::string_view(output.text).substr(at, end - at);
      const std::string_view bare = line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
      if (RE2::PartialMatch(re2::StringPiece(bare.data(), bare.size()), pattern)) matching += line;
      at = end;
    }
    output.text = std::move(matching);
  }
  if (!input.raw) output.text = text::terminal_safe(output.text);
  return output;
}

struct RemoveInput {
  std::vector<std::string> ids;

  template <class V>
  static void describe(V& v) {
    v.field("ids", &RemoveInput::ids, "The logs.", {.required = true, .positional = true, .value_name = "ID"});
  }
};

struct RemoveOutput {
  std::vector<std::string> removed;

  template <class V>
  static void describe(V& v) {
    v.field("removed", &RemoveOutput::removed, "Ids of the logs that are gone.");
  }
};

std::string render_removed(const RemoveOutput& output, const engine::Style&) {
  std::string text;
  for (const std::string& id : output.removed) text += "removed " + id + "\n";
  return text;
}

Result<RemoveOutput> remove(const Services& services, const Context& context, const RemoveInput& input) {
  SKEIN_TRY(const auto folder, existing_logs(services, context));
  std::vector<summary::LogFile> going;  // All are found before the first goes.
  for (const std::string& id : input.ids) {
    SKEIN_TRY(auto log, summary::find_log(services.files, folder.value_or(""), id));
    going.push_back(std::move(log));
  }
  RemoveOutput output;
  for (const auto& log : going) {
    SKEIN_DO(services.files.remove(log.path));
    output.removed.push_back(log.id);
  }
  return output;
}

}  // namespace

void register_logs(engine::OperationTable& table, const Services& services) {
  using engine::Permission;
  table.add(engine::Operation::make<NoInput, LogListOutput>(
      {.name = "log list",
       .summary = "List stored outputs of commands",
       .description = "The outputs that `skein exec` stored for this workspace, the newest first.",
       .examples = {{"skein log list", "id, time, exit code, size, command"}}},
      [&services](const Context& context, const NoInput&) { return list(services, context); }, render_list));
  table.add(engine::Operation::make<ShowInput, ShowOutput>(
      {.name = "log show",
       .summary = "Show a stored output, or some of its lines",
       .description = "Prints a stored output. Escape sequences are left out, but with --raw. A range of lines reads "
                      "only the parts of the log that hold it.",
       .examples = {{"skein log show last --lines 120-1333", "what a notice named"},
                    {"skein log show 3f2a --raw > build.log", "the stored bytes"}}},
      [&services](const Context& context, const ShowInput& input) { return show(services, context, input); },
      render_show));
  table.add(engine::Operation::make<RemoveInput, RemoveOutput>(
      {.name = "log rm",
       .summary = "Remove stored outputs",
       .description = "Removes the named logs. Nothing is removed where one of them is not found.",
       .examples = {{"skein log rm 3f2a", "remove one"}},
       .permissions = {Permission::read, Permission::write_state}},
      [&services](const Context& context, const RemoveInput& input) { return remove(services, context, input); },
      render_removed));
}

}  // namespace skein::app
