// `skein exec`.
#include <csignal>

#include <unistd.h>

#include "app/live_view.h"
#include "app/log_summaries.h"
#include "app/operations.h"
#include "app/own_formats.h"
#include "base/platform/child.h"
#include "base/platform/surroundings.h"
#include "base/random.h"
#include "summary/log_recorder.h"
#include "summary/render.h"
#include "summary/token_counter.h"
#include "summary/verdict.h"
#include "text/redact.h"
#include "text/shell_quote.h"

namespace skein::app {
namespace {

using engine::Context;

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr std::int64_t kSmallestLimit = 256;

struct ExecInput {
  std::vector<std::string> command;
  Bytes limit{10'240};
  std::optional<std::int64_t> tokens;
  std::optional<std::chrono::seconds> timeout;
  std::optional<summary::Format> format;
  bool live = false;
  bool keys = false;

  template <class V>
  static void describe(V& v) {
    v.field("command", &ExecInput::command, "The command and its arguments, after --.",
            {.required = true, .positional = true, .value_name = "CMD"});
    v.field("limit", &ExecInput::limit, "The most that is printed of the output.",
            {.value_name = "SIZE", .min = static_cast<double>(kSmallestLimit)});
    v.field("tokens", &ExecInput::tokens, "In place of --limit: the most tokens that are printed (o200k_base, exact).",
            {.value_name = "N", .min = static_cast<double>(summary::kSmallestTokenLimit.value)});
    v.field("timeout", &ExecInput::timeout, "End the command after this time (exit code 124).",
            {.value_name = "DURATION", .min = 1});
    v.field("format", &ExecInput::format, "How the summary is shown; without it plain, or for a terminal.");
    v.field("live", &ExecInput::live, "Show the output as it comes, and the summary after it.");
    v.field("keys", &ExecInput::keys,
            "For programs that you work in (an editor, a debugger): keys go to the command's terminal, and all that it "
            "prints to yours, byte for byte; the summary follows.");
  }
};

struct ExecOutput {
  std::string id;
  std::string verdict;
  int exit_code = 0;
  bool timed_out = false;
  bool terminal = false;
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
    v.field("terminal", &ExecOutput::terminal, "True if its output was a terminal: one merged stream.");
    v.field("wall_us", &ExecOutput::wall_us, "How long it ran, in microseconds.");
    v.field("bytes", &ExecOutput::bytes, "Of the output.");
    v.field("lines", &ExecOutput::lines, "Of the output.");
    v.field("secrets", &ExecOutput::secrets, "How many were replaced in it.");
    v.field("text", &ExecOutput::text, "What is printed of it.");
  }
  [[nodiscard]] bool succeeded() const { return exit_code == 0; }
};

std::string render(const ExecOutput& output, const engine::Style&) { return output.text; }

/// Where the output goes: to a log and its summary, or, where none can be stored, through to our own streams.
class Output {
 public:
  Output(const Services& services, const Context& context, const ExecInput& input, bool terminal, LiveView& live)
      : services_(services), context_(context), live_(live), started_(services.clock.now()) {
    if (Status opened = open(input, terminal); !opened) give_up(opened.error());
  }
  void take(bool is_error, bool terminal, std::string_view bytes) {
    if (recorder_) {
      const auto at = std::chrono::duration_cast<Micros>(services_.clock.now() - started_).count();
      const auto stream = terminal   ? summary::LogStream::terminal
                          : is_error ? summary::LogStream::err
                                     : summary::LogStream::out;
      if (Status added = recorder_->add(stream, at, bytes); !added)
        give_up(added.error());
      else
        return;
    }
    static_cast<void>(context_.lines->line(text::redact(bytes)));
  }
  void idle() {
    live_.idle();
    if (!recorder_) return;
    if (Status flushed = recorder_->flush(); !flushed) give_up(flushed.error());
  }
  /// The finished log and its summary, or nothing where none is stored.
  Result<std::optional<summary::LogRecorder::Recorded>> finish(const ChildEnd& end, const summary::RunFacts& facts) {
    if (!recorder_) return std::optional<summary::LogRecorder::Recorded>();
    summary::LogEnd last;
    last.exit_code = end.exit_code;
    last.signal = end.signal;
    last.timed_out = end.timed_out;
    last.wall_us = wall().count();
    auto known = facts;
    known.wall = wall();
    SKEIN_TRY(auto recorded, recorder_->finish(last, known));
    if (end.exit_code == 0) {
      [[maybe_unused]] const Status only_for_ranking = keep_baseline(services_.files, path_, recorded.baseline);
    }
    return std::optional(std::move(recorded));
  }
  void remove() {
    if (recorder_) static_cast<void>(services_.files.remove(path_));
  }
  [[nodiscard]] Micros wall() const { return std::chrono::duration_cast<Micros>(services_.clock.now() - started_); }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  Status open(const ExecInput& input, bool terminal) {
    SKEIN_TRY(const StateFolder state, open_state(services_, context_));
    folder_ = summary::log_folder(state.path);
    SystemRandom random;
    summary::LogStart start;
    SKEIN_TRY(start.id, summary::new_log_id(services_.files, folder_, random.next()));
    id_ = start.id;
    start.command = input.command;
    SKEIN_TRY(start.directory, real_path("."));
    start.started_us = std::chrono::duration_cast<Micros>(services_.clock.wall().time_since_epoch()).count();
    start.terminal = terminal;
    start.keep_secrets = settings_of(context_).values().log.keep_secrets;
    if (start.keep_secrets && context_.note)
      context_.note("[log] keep_secrets is set: passwords and keys are stored and shown as they come");
    const std::string time = summary::log_time_name(services_.clock.wall());
    path_ = join_path(folder_, fmt::format("{}-{}.log", time, start.id));
    SKEIN_TRY(formats_, own_formats(services_, context_));
    SKEIN_TRY(baseline_, baseline_before(services_, folder_, start));
    SKEIN_TRY(auto writer, summary::LogWriter::create(services_.files, folder_, std::move(start), time));
    summary::SummarizerOptions options;
    options.formats = formats_.get();
    options.baseline = baseline_;
    recorder_ = std::make_unique<summary::LogRecorder>(std::move(writer), options);
    recorder_->listen([this](std::string_view bytes) { live_.take(bytes); });
    return {};
  }
  void give_up(const Error& error) {
    recorder_.reset();
    if (context_.note)
      context_.note(fmt::format("the output is not stored and is shown as it comes: {}", error.to_string()));
  }

  const Services& services_;
  const Context& context_;
  LiveView& live_;
  Instant started_;
  std::string id_, path_, folder_;
  std::unique_ptr<summary::Formats> formats_;
  std::string baseline_;
  std::unique_ptr<summary::LogRecorder> recorder_;
};

/// To our terminal, as it is: it is the user's own program, as if it ran without us.
void show(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (written <= 0 && errno != EINTR) return;  // Nobody is left to see it.
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

Result<summary::RenderOptions> render_options(const Context& context, const ExecInput& input) {
  if (input.live && context.json)
    return fail(Code::invalid_argument, "--live and --json exclude each other: the output would stand before the JSON");
  summary::RenderOptions shown;
  shown.format = input.format.value_or(context.style.color ? summary::Format::terminal : summary::Format::plain);
  shown.limit = input.limit;
  if (input.tokens) {
    shown.tokens = Tokens{*input.tokens};
    shown.counter = &summary::o200k_counter();
  }
  shown.color = context.style.color;
  if (input.keys && (input.live || context.json))
    return fail(Code::invalid_argument, "--keys excludes --live and --json: it shows the output itself");
  if (input.keys && (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1))
    return std::unexpected(Error(Code::invalid_argument, "--keys needs a terminal for input and output")
                               .or_do("leave it out where there is none"));
  return shown;
}

Result<ExecOutput> exec(const Services& services, const Context& context, const ExecInput& input) {
  SKEIN_TRY(summary::RenderOptions shown, render_options(context, input));
  ChildOptions options{
      .argv = input.command, .time_limit = std::nullopt, .terminal = ::isatty(STDOUT_FILENO) == 1, .keys = input.keys};
  if (input.timeout) options.time_limit = *input.timeout;
  LiveView live(input.keys ? LiveView::Kind::nothing : live_kind(input.live, context), services, context,
                text::redact(text::shell_line(input.command)));
  Output output(services, context, input, options.terminal, live);
  const auto ended = run_child(
      options,
      [&](bool is_error, std::string_view bytes) {
        if (input.keys) show(bytes);
        output.take(is_error, options.terminal, bytes);
      },
      [&] { output.idle(); });
  if (!ended) {
    output.remove();
    const bool not_found = ended.error().code() == Code::not_found;
    if (context.exit_code != nullptr) *context.exit_code = not_found ? kNotFound : kNotExecutable;
    return std::unexpected(Error(ended.error())
                               .or_do(not_found ? "check its name and PATH; a line for the shell needs `sh -c '…'`"
                                                : "it must be an executable file (chmod +x)"));
  }
  if (context.exit_code != nullptr) *context.exit_code = ended->exit_code;
  summary::RunFacts facts;
  facts.argv = input.command;
  facts.exit_code = ended->exit_code;
  facts.signal = ended->signal;
  facts.timed_out = ended->timed_out;
  auto recorded = output.finish(*ended, facts);
  live.finish();
  if (ended->output_left_open && context.note)
    context.note("the command ended, and processes that it left behind still hold its output: it is not waited for");
  if (ended->timed_out && context.note)
    context.note(
        fmt::format("the command was ended: it took longer than its time limit of {} s", input.timeout->count()));
  if (!recorded) return std::unexpected(std::move(recorded).error());
  ExecOutput result;
  result.exit_code = ended->exit_code;
  result.timed_out = ended->timed_out;
  result.terminal = ended->was_terminal;
  if (!*recorded) return result;
  const summary::LogRecorder::Recorded& log = **recorded;
  result.id = output.id();
  result.wall_us = log.end.wall_us;
  result.bytes = static_cast<std::int64_t>(log.end.bytes);
  result.lines = static_cast<std::int64_t>(log.end.lines);
  result.secrets = static_cast<std::int64_t>(log.end.secrets);
  result.verdict = engine::name_of(log.summary.verdict);
  const Instant before = services.clock.now();
  shown.log_id = result.id;
  SKEIN_TRY(summary::Rendering rendering, summary::render(log.summary, shown));
  // What was just shown as a whole is not shown again.
  if (!(input.live || input.keys) || !rendering.whole) result.text = std::move(rendering.text);
  // An output that is shown itself does not say so. Whoever pressed Ctrl-C knows.
  if (rendering.whole && ended->signal && ended->signal != SIGINT && context.note)
    context.note(fmt::format("the command was killed by {}", summary::signal_name(*ended->signal)));
  if (log.end.bytes > 0) {
    if (const auto stored = summary::LogReader::open(services.files, output.path()))
      note_summary(services, output.folder(), *stored, log.summary, result.text,
                   std::chrono::duration_cast<Micros>(services.clock.now() - before));
  }
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
           "exit code is the command's: 128 + signal for a killed one, 127 where there is no such command, 126 where "
           "it cannot be run, 124 after --timeout. Standard input and signals reach it.\n\n"
           "Where standard output is a terminal, the command's output is one of the same size, and both its streams "
           "are stored as one, merged; else both are pipes, stored in the order of arrival. While it runs a status "
           "line is shown on a terminal, or with --live the output itself. Secrets are replaced before anything is "
           "stored; --keys shows them on your terminal, as the command does without skein.",
       .examples = {{"skein exec -- make -j2", "build, and read what failed"},
                    {"skein exec --limit 2KB -- npm test", "at most 2,000 bytes"},
                    {"skein exec --keys -- gdb ./a.out", "work in a debugger, and keep what it printed"},
                    {"skein exec --tokens 500 --format agent -- pytest -q", "for a model's context"}},
       .permissions = {engine::Permission::run_code, engine::Permission::write_state},
       .surfaces = {engine::Surface::cli},
       .owns_signals = true},
      [&services](const Context& context, const ExecInput& input) { return exec(services, context, input); }, render));
}

}  // namespace skein::app
