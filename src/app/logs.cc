// `skein log list`, `show`, `export`, `rm`; log_compare.cc has `diff` and `stats`.
#include <limits>

#include <re2/re2.h>

#include "app/log_summaries.h"
#include "app/operations.h"
#include "app/past_runs.h"
#include "summary/log_store.h"
#include "text/printable.h"
#include "text/quantity.h"
#include "text/shell_quote.h"
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
    v.field("command", &LogRow::command, "What was run, or the file that was summarised.");
    v.field("exit_code", &LogRow::exit_code, "Absent: it still runs, skein was killed, or it is a file.");
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
  if (!output.logs.empty())
    text = fmt::format("{:<8} {:<19} {:>5} {:>9}  {}\n", "id", "started", "exit", "size", "command");
  for (const LogRow& row : output.logs) {
    const std::string command = text::shell_line(row.command);
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
    const auto ends = summary::LogReader::open_ends(services.files, one.path);
    if (!ends) continue;  // Killed before its first record.
    LogRow row{one.id, shown_time(WallTime{Micros{ends->start.started_us}}), ends->start.command, {}, {}, {}, {}};
    if (one.is_reference) {
      const auto reference = summary::read_reference(services.files, one.path);
      if (!reference) continue;
      row.bytes = reference->bytes;
      row.lines = reference->lines;
    } else if (ends->end) {
      row.exit_code = ends->end->exit_code;
      row.secrets = static_cast<std::int64_t>(ends->end->secrets);
      row.bytes = static_cast<std::int64_t>(ends->end->bytes);
      row.lines = static_cast<std::int64_t>(ends->end->lines);
    } else if (const auto log = summary::LogReader::open(services.files, one.path)) {
      row.bytes = static_cast<std::int64_t>(log->bytes());
      row.lines = static_cast<std::int64_t>(log->lines());
    }
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
  std::optional<std::int64_t> failure;

  template <class V>
  static void describe(V& v) {
    v.field("id", &ShowInput::id, "The log: a unique beginning of its id, or \"last\".",
            {.required = true, .positional = true, .value_name = "ID"});
    v.field("lines", &ShowInput::lines, "Only these lines, from 1: \"120-1333\", \"120-\" or \"120\".",
            {.value_name = "A-B"});
    v.field("stream", &ShowInput::stream, "Only standard output or standard error.");
    v.field("grep", &ShowInput::grep, "Only lines that match (RE2).", {.value_name = "RE"});
    v.field("failure", &ShowInput::failure, "Only the lines of this failure of its summary, from 1.",
            {.value_name = "N", .min = 1});
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

/// The lines of a failure, from the first to the last that say it.
Result<std::pair<std::uint64_t, std::uint64_t>> lines_of_failure(const Services& services, const Context& context,
                                                                 const summary::LogReader& log, std::int64_t number) {
  SKEIN_TRY(const summary::Summary made, summary_of_log(services, context, log));
  if (static_cast<std::uint64_t>(number) > made.failures.size())
    return std::unexpected(Error(Code::not_found, fmt::format("--failure {}: the summary of log {} has {} failures",
                                                              number, log.start().id, made.failures.size()))
                               .or_do("see `skein summarize` or `skein log show` without it"));
  const summary::Finding& finding = made.failures[static_cast<std::size_t>(number) - 1];
  std::uint64_t first = std::max<std::uint64_t>(finding.log_line, 1), last = first;
  for (const summary::LogLine& line : finding.excerpt) {
    first = std::min(first, line.number);
    last = std::max(last, line.number);
  }
  return std::pair(first, last);
}

/// Passes lines on, those that match, as a terminal may have them.
class Shown {
 public:
  /// `pattern` null: all lines. They go to `sink`, or, where it is null, to `text`.
  Shown(const RE2* pattern, bool raw, engine::LineSink* sink, std::string& text)
      : pattern_(pattern), raw_(raw), sink_(sink), text_(text) {}

  Status add(std::string_view bytes) {
    const std::size_t end = bytes.rfind('\n');
    if (end == std::string_view::npos) {
      torn_ += bytes;
      return {};
    }
    torn_ += bytes.substr(0, end + 1);
    SKEIN_DO(finish());
    torn_ = bytes.substr(end + 1);
    return {};
  }
  Status finish() {
    const std::string lines = pattern_ == nullptr ? std::move(torn_) : matching(torn_);
    torn_.clear();
    if (lines.empty()) return {};
    const std::string shown = raw_ ? lines : text::terminal_safe(lines);
    // What has no last newline is the end, and stands behind the lines before.
    if (sink_ != nullptr && shown.ends_with('\n'))
      return sink_->line(std::string_view(shown).substr(0, shown.size() - 1));
    text_ += shown;
    return {};
  }

 private:
  [[nodiscard]] std::string matching(std::string_view lines) const {
    std::string found;
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size() - 1) + 1;
      const std::string_view line = lines.substr(0, end);
      const std::string_view bare = line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
      if (RE2::PartialMatch(re2::StringPiece(bare.data(), bare.size()), *pattern_)) found += line;
      lines.remove_prefix(end);
    }
    return found;
  }

  const RE2* pattern_;
  bool raw_;
  engine::LineSink* sink_;
  std::string& text_;
  std::string torn_;
};

Result<ShowOutput> show(const Services& services, const Context& context, const ShowInput& input) {
  SKEIN_TRY(auto range, range_of(input.lines));
  if (input.failure && !input.lines.empty())
    return fail(Code::invalid_argument, "--failure and --lines exclude each other");
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(input.grep, quiet);
  if (!pattern.ok()) return fail(Code::invalid_argument, "--grep: {}", pattern.error());
  SKEIN_TRY(const auto folder, existing_logs(services, context));
  SKEIN_TRY(const auto found, summary::find_log(services.files, folder.value_or(""), input.id));
  SKEIN_TRY(const auto log, summary::LogReader::open(services.files, found.path));
  if (!log.changed().empty() && context.note) context.note(log.changed());
  if (input.stream && log.start().terminal)
    return std::unexpected(
        Error(Code::invalid_argument, fmt::format("log {} has one merged stream: its command wrote to a "
                                                  "terminal",
                                                  log.start().id))
            .or_do("leave out --stream, or run the command with its output piped on"));
  if (input.stream && log.is_reference())
    return fail(Code::invalid_argument, "log {} is a file: it has no streams", log.start().id);
  if (log.changed().empty() && range.first > std::max<std::uint64_t>(log.lines(), 1))
    return fail(Code::not_found, "--lines {}: log {} has {} lines", input.lines, log.start().id, log.lines());
  if (input.failure) {
    SKEIN_TRY(range, lines_of_failure(services, context, log, *input.failure));
  }
  ShowOutput output;
  // A log may be larger than memory: what a person reads goes out as it is read.
  Shown shown(input.grep.empty() ? nullptr : &pattern, input.raw,
              context.lines != nullptr && !context.json ? context.lines : nullptr, output.text);
  Status status;
  SKEIN_DO(log.pieces(range.first, range.second, [&](const summary::LogPiece& piece) {
    const auto wanted =
        input.stream && *input.stream == Stream::err ? summary::LogStream::err : summary::LogStream::out;
    if (!input.stream || piece.stream == wanted) status = shown.add(piece.bytes);
    return status.has_value() && !context.stop.stop_requested();
  }));
  SKEIN_DO(status);
  SKEIN_DO(shown.finish());
  return output;
}

struct ExportInput {
  std::string id;
  std::string file;
  bool jsonl = false;

  template <class V>
  static void describe(V& v) {
    v.field("id", &ExportInput::id, "The log.", {.required = true, .positional = true, .value_name = "ID"});
    v.field("file", &ExportInput::file, "Where it goes; a file that is there is replaced.",
            {.required = true, .positional = true, .value_name = "FILE", .is_path = true});
    v.field("jsonl", &ExportInput::jsonl, "With streams, times and the list of secrets: a JSON object a line.");
  }
};

struct ExportOutput {
  std::string file;
  std::int64_t bytes = 0;
  std::int64_t secrets = 0;

  template <class V>
  static void describe(V& v) {
    v.field("file", &ExportOutput::file, "What was written.");
    v.field("bytes", &ExportOutput::bytes, "Of it.");
    v.field("secrets", &ExportOutput::secrets, "That are replaced in it.");
  }
};

std::string render_export(const ExportOutput& output, const engine::Style&) {
  return fmt::format("{}: {}, {} secrets replaced\n", text::printable(output.file),
                     text::format_bytes(Bytes{output.bytes}), output.secrets);
}

std::string_view name_of(summary::LogStream stream) {
  switch (stream) {
    case summary::LogStream::out:
      return "out";
    case summary::LogStream::err:
      return "err";
    case summary::LogStream::terminal:
      return "terminal";
  }
  return "out";
}

/// Writes in pieces of a MiB, since a log may be larger than memory.
class ExportFile {
 public:
  explicit ExportFile(File& file) : file_(file) {}
  Status add(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < (std::size_t{1} << 20) ? Status() : flush();
  }
  Status flush() {
    written_ += buffer_.size();
    Status status = file_.append(buffer_);
    buffer_.clear();
    return status;
  }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  File& file_;
  std::string buffer_;
  std::uint64_t written_ = 0;
};

std::string json_line(const engine::Json& json) {
  return json.dump(-1, ' ', false, engine::Json::error_handler_t::replace) + "\n";
}

Result<ExportOutput> export_log(const Services& services, const Context& context, const ExportInput& input) {
  SKEIN_TRY(const auto folder, existing_logs(services, context));
  SKEIN_TRY(const auto found, summary::find_log(services.files, folder.value_or(""), input.id));
  SKEIN_TRY(const auto log, summary::LogReader::open(services.files, found.path));
  if (!log.changed().empty() && context.note) context.note(log.changed());
  SKEIN_TRY(const auto secrets, log.secrets());
  SKEIN_TRY(const auto file, services.files.open(input.file, OpenMode::create));
  ExportFile out(*file);
  Status status;
  if (input.jsonl) {
    engine::Json head = engine::write_json(log.start());
    head["schema"] = "skein.log/1";
    SKEIN_DO(out.add(json_line(head)));
  }
  SKEIN_DO(log.pieces(1, std::numeric_limits<std::uint64_t>::max(), [&](const summary::LogPiece& piece) {
    status = out.add(
        input.jsonl
            ? json_line({{"stream", name_of(piece.stream)}, {"at_us", piece.at_us}, {"text", std::string(piece.bytes)}})
            : std::string(piece.bytes));
    return status.has_value() && !context.stop.stop_requested();
  }));
  SKEIN_DO(status);
  if (context.stop.stop_requested()) return fail(Code::cancelled, "stopped: {} is not whole", input.file);
  if (input.jsonl) {
    engine::Json list = engine::Json::array();
    for (const auto& secret : secrets)
      list.push_back({{"offset", secret.offset}, {"length", secret.length}, {"rule", secret.rule}});
    engine::Json tail{{"secrets", std::move(list)}};
    if (log.end()) tail["end"] = engine::write_json(*log.end());
    SKEIN_DO(out.add(json_line(tail)));
  }
  SKEIN_DO(out.flush());
  return ExportOutput{input.file, static_cast<std::int64_t>(out.written()), static_cast<std::int64_t>(secrets.size())};
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
    SKEIN_DO(remove_log(services.files, log.path));
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
       .description =
           "The outputs that `skein exec` stored for this workspace, and the files that were summarised in it, "
           "the newest first.",
       .examples = {{"skein log list", "id, time, exit code, size, command"}}},
      [&services](const Context& context, const NoInput&) { return list(services, context); }, render_list));
  table.add(engine::Operation::make<ShowInput, ShowOutput>(
      {.name = "log show",
       .summary = "Show a stored output, or some of its lines",
       .description = "Prints a stored output. Escape sequences are left out, but with --raw. A range of lines reads "
                      "only the parts of the log that hold it.",
       .examples = {{"skein log show last --lines 120-1333", "what a notice named"},
                    {"skein log show last --failure 1", "the lines of the first failure"},
                    {"skein log show 3f2a --raw > build.log", "the stored bytes"}}},
      [&services](const Context& context, const ShowInput& input) { return show(services, context, input); },
      render_show));
  table.add(engine::Operation::make<ExportInput, ExportOutput>(
      {.name = "log export",
       .summary = "Write a stored output to a file",
       .description =
           "Writes the stored bytes, secrets replaced, or with --jsonl a JSON object a line: the command, each "
           "piece with its stream and the microseconds since the start, at last the replaced secrets "
           "(offset and length in the output, rule) and how it ended. Bytes that are no UTF-8 are U+FFFD "
           "in JSON.",
       .examples = {{"skein log export last build.log", "the stored bytes"},
                    {"skein log export 3f2a build.jsonl --jsonl", "for programs"}},
       .permissions = {Permission::read, Permission::write_files}},
      [&services](const Context& context, const ExportInput& input) { return export_log(services, context, input); },
      render_export));
  register_log_compare(table, services);
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
