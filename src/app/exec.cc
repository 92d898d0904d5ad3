// `skein exec`.
#include "app/operations.h"
#include "app/own_formats.h"
#include "base/platform/child.h"
#include "base/platform/surroundings.h"
#include "base/random.h"
#include "summary/log_store.h"
#include "summary/render.h"
#include "summary/summarizer.h"
#include "text/redact.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr std::int64_t kSmallestLimit = 256;

struct ExecInput {
  std::vector<std::string> command;
  Bytes limit{10'240};
  std::optional<std::chrono::seconds> timeout;
  std::optional<summary::Format> format;

  template <class V>
  static void describe(V& v) {
    v.field("command", &ExecInput::command, "The command and its arguments, after --.",
            {.required = true, .positional = true, .value_name = "CMD"});
    v.field("limit", &ExecInput::limit, "The most that is printed of the output.",
            {.value_name = "SIZE", .min = static_cast<double>(kSmallestLimit)});
    v.field("timeout", &ExecInput::timeout, "End the command after this time (exit code 124).",
            {.value_name = "DURATION", .min = 1});
    v.field("format", &ExecInput::format, "How the summary is shown; without it plain, or for a terminal.");
  }
};

struct ExecOutput {
  std::string id;
  std::string verdict;
  int exit_code = 0;
  bool timed_out = false;
  std::int64_t wall_us = 0;
  std::int64_t bytes = 0;
  std::int64_t lines = 0;
  std::int64_t secrets = 0;
  std::string text;

  template <class V>
  static void describe(V& v) {
    v.field("id", &ExecOutput::id, "Of the stored log; empty where none could be stored.");
    v.field("verdict", &ExecOutput::verdict, "pass, fail or unknown.");
    v.field("exit_code", &ExecOutput::exit_code, "The command's: 128 + signal for a killed one.");
    v.field("timed_out", &ExecOutput::timed_out, "True if the time limit ended it.");
    v.field("wall_us", &ExecOutput::wall_us, "How long it ran, in microseconds.");
    v.field("bytes", &ExecOutput::bytes, "Of the output.");
    v.field("lines", &ExecOutput::lines, "Of the output.");
    v.field("secrets", &ExecOutput::secrets, "How many were replaced in it.");
    v.field("text", &ExecOutput::text, "What is printed of it.");
  }
  [[nodiscard]] bool succeeded() const { return exit_code == 0; }
};

std::string render(const ExecOutput& output, const engine::Style&) { return output.text; }

/// The summary of a stored log: it has no secrets any more.
Result<summary::Summary> summary_of(const Services& services, const Context& context, const summary::LogReader& log,
                                    const summary::RunFacts& facts) {
  SKEIN_TRY(const auto own, own_formats(services, context));
  summary::SummarizerOptions options;
  options.formats = own.get();
  summary::Summarizer summarizer(options);
  if (log.lines() > 0)
    SKEIN_DO(log.pieces(1, log.lines(), [&](const summary::LogPiece& piece) {
      summarizer.add(piece.bytes);
      return true;
    }));
  return summarizer.finish(facts);
}

/// Where the output goes: to a log, or, where none can be stored, through to our own streams.
class Output {
 public:
  Output(const Services& services, const Context& context, const ExecInput& input)
      : services_(services), context_(context), started_(services.clock.now()) {
    if (Status opened = open(input); !opened) give_up(opened.error());
  }
  void take(bool is_error, std::string_view bytes) {
    if (writer_) {
      const auto at = std::chrono::duration_cast<Micros>(services_.clock.now() - started_).count();
      if (Status added = writer_->add(is_error ? summary::LogStream::err : summary::LogStream::out, at, bytes); !added)
        give_up(added.error());
      else
        return;
    }
    static_cast<void>(context_.lines->line(text::redact(bytes)));
  }
  void idle() {
    if (!writer_) return;
    if (Status flushed = writer_->flush(); !flushed) give_up(flushed.error());
  }
  /// The finished log, or nothing where none is stored.
  Result<std::optional<summary::LogReader>> finish(const ChildEnd& end) {
    if (!writer_) return std::optional<summary::LogReader>();
    summary::LogEnd last;
    last.exit_code = end.exit_code;
    last.timed_out = end.timed_out;
    last.wall_us = std::chrono::duration_cast<Micros>(services_.clock.now() - started_).count();
    SKEIN_DO(writer_->finish(last));
    SKEIN_TRY(auto log, summary::LogReader::open(services_.files, path_));
    return std::optional(std::move(log));
  }
  void remove() {
    if (writer_) static_cast<void>(services_.files.remove(path_));
  }

 private:
  Status open(const ExecInput& input) {
    SKEIN_TRY(const StateFolder state, open_state(services_, context_));
    const std::string folder = summary::log_folder(state.path);
    SystemRandom random;
    summary::LogStart start;
    SKEIN_TRY(start.id, summary::new_log_id(services_.files, folder, random.next()));
    start.command = input.command;
    SKEIN_TRY(start.directory, real_path("."));
    start.started_us = std::chrono::duration_cast<Micros>(services_.clock.wall().time_since_epoch()).count();
    start.keep_secrets = settings_of(context_).values().log.keep_secrets;
    const std::string time = summary::log_time_name(services_.clock.wall());
    path_ = join_path(folder, fmt::format("{}-{}.log", time, start.id));
    SKEIN_TRY(auto writer, summary::LogWriter::create(services_.files, folder, std::move(start), time));
    writer_.emplace(std::move(writer));
    return {};
  }
  void give_up(const Error& error) {
    writer_.reset();
    if (context_.note)
      context_.note(fmt::format("the output is not stored and is shown as it comes: {}", error.to_string()));
  }

  const Services& services_;
  const Context& context_;
  Instant started_;
  std::string path_;
  std::optional<summary::LogWriter> writer_;
};

Result<ExecOutput> exec(const Services& services, const Context& context, const ExecInput& input) {
  Output output(services, context, input);
  ChildOptions options{input.command, std::nullopt};
  if (input.timeout) options.time_limit = *input.timeout;
  const auto ended = run_child(
      options, [&](bool is_error, std::string_view bytes) { output.take(is_error, bytes); }, [&] { output.idle(); });
  if (!ended) {
    output.remove();
    const bool not_found = ended.error().code() == Code::not_found;
    if (context.exit_code != nullptr) *context.exit_code = not_found ? kNotFound : kNotExecutable;
    return std::unexpected(Error(ended.error())
                               .or_do(not_found ? "check its name and PATH; a line for the shell needs `sh -c '…'`"
                                                : "it must be an executable file (chmod +x)"));
  }
  if (context.exit_code != nullptr) *context.exit_code = ended->exit_code;
  if (ended->output_left_open && context.note)
    context.note("the command ended, and processes that it left behind still hold its output: it is not waited for");
  if (ended->timed_out && context.note)
    context.note(
        fmt::format("the command was ended: it took longer than its time limit of {} s", input.timeout->count()));
  ExecOutput result;
  result.exit_code = ended->exit_code;
  result.timed_out = ended->timed_out;
  SKEIN_TRY(const auto log, output.finish(*ended));
  if (!log) return result;
  result.id = log->start().id;
  result.wall_us = log->end() ? log->end()->wall_us : 0;
  result.bytes = static_cast<std::int64_t>(log->bytes());
  result.lines = static_cast<std::int64_t>(log->lines());
  result.secrets = log->end() ? static_cast<std::int64_t>(log->end()->secrets) : 0;
  summary::RunFacts facts;
  facts.argv = input.command;
  facts.exit_code = ended->exit_code;
  facts.timed_out = ended->timed_out;
  facts.wall = Micros(result.wall_us);
  SKEIN_TRY(const summary::Summary made, summary_of(services, context, *log, facts));
  result.verdict = engine::name_of(made.verdict);
  summary::RenderOptions shown;
  shown.format = input.format.value_or(context.style.color ? summary::Format::terminal : summary::Format::plain);
  shown.limit = input.limit;
  shown.color = context.style.color;
  shown.log_id = result.id;
  SKEIN_TRY(summary::Rendering rendering, summary::render(made, shown));
  result.text = std::move(rendering.text);
  return result;
}

}  // namespace

void register_exec(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<ExecInput, ExecOutput>(
      {.name = "exec",
       .summary = "Run a command, keep its whole output, print little",
       .description =
           "Runs the command exactly as typed, stores all it prints, and prints a summary at its end, failures first, "
           "with how to see what was left out; an output that is no longer than its summary is printed itself. The "
           "exit code is the "
           "command's: 128 + signal for a killed one, 127 where there is no such command, 126 where it cannot be "
           "run, 124 after --timeout. Standard input and signals reach it. Both streams are pipes, stored in the "
           "order of arrival. Secrets are replaced before anything is stored.",
       .examples = {{"skein exec -- make -j2", "build, and read what failed"},
                    {"skein exec --limit 2KB -- npm test", "at most 2,000 bytes"}},
       .permissions = {engine::Permission::run_code, engine::Permission::write_state},
       .surfaces = {engine::Surface::cli},
       .owns_signals = true},
      [&services](const Context& context, const ExecInput& input) { return exec(services, context, input); }, render));
}

}  // namespace skein::app
