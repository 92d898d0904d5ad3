// `skein summarize`.
#include <array>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/log_summaries.h"
#include "app/operations.h"
#include "app/own_formats.h"
#include "app/past_runs.h"
#include "summary/log_store.h"
#include "summary/render.h"
#include "summary/summary_thread.h"
#include "summary/token_counter.h"
#include "text/redact.h"

namespace skein::app {
namespace {

using engine::Context;
using summary::Format;

struct SummarizeInput {
  std::string file = "-";
  Bytes limit{10'240};
  std::optional<std::int64_t> tokens;
  std::optional<Format> format;
  bool why = false;
  std::optional<std::int64_t> exit_code;

  template <class V>
  static void describe(V& v) {
    v.field("file", &SummarizeInput::file, "The log: a file, the id of a stored one, or \"-\", the standard input.",
            {.positional = true, .value_name = "FILE|ID", .is_path = true});
    v.field("limit", &SummarizeInput::limit, "The most bytes that the summary has.",
            {.value_name = "SIZE", .min = 256});
    v.field("tokens", &SummarizeInput::tokens,
            "In place of --limit: the most tokens that the summary has (o200k_base, exact).",
            {.value_name = "N", .min = static_cast<double>(summary::kSmallestTokenLimit.value)});
    v.field("format", &SummarizeInput::format, "How it is shown; without it plain, or for a terminal.");
    v.field("why", &SummarizeInput::why, "Say of each line why it was chosen.");
    v.field("exit_code", &SummarizeInput::exit_code, "How the command ended, where you know it.",
            {.min = 0, .max = 255});
  }
};

struct SummarizeOutput {
  std::string verdict;
  std::string text;

  template <class V>
  static void describe(V& v) {
    v.field("verdict", &SummarizeOutput::verdict, "pass, fail or unknown.");
    v.field("text", &SummarizeOutput::text, "The summary in the format that was asked for.");
  }
};

std::string render_text(const SummarizeOutput& output, const engine::Style&) { return output.text; }

/// Takes a log's bytes without its secrets.
class Cleaned {
 public:
  Cleaned(summary::SummaryThread& summary, TextSample& sample) : summary_(summary), sample_(sample) {}
  void add(std::string_view bytes) {
    std::string out;
    secrets_.feed(bytes, out, spans_);
    give(std::move(out));
  }
  void finish() {
    std::string out;
    secrets_.finish(out, spans_);
    give(std::move(out));
  }

 private:
  void give(std::string out) {
    spans_.clear();
    sample_.add(out);
    if (!out.empty()) summary_.add(std::move(out));
  }

  summary::SummaryThread& summary_;
  TextSample& sample_;
  text::SecretStream secrets_;
  std::vector<text::SecretSpan> spans_;
};

Status read_all(int descriptor, const std::string& path, const Context& context, Cleaned& cleaned) {
  std::string buffer(1 << 18, '\0');
  while (true) {
    if (context.stop.stop_requested()) return fail(Code::cancelled, "stopped");
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error(errno, "while reading " + path));
    if (got == 0) break;
    cleaned.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
  cleaned.finish();
  return {};
}

/// A log as it is read, and what is known of it.
struct Source {
  int descriptor = -1;                       // Of a file or the standard input.
  std::optional<summary::LogReader> stored;  // In its place.
  std::string baseline;

  ~Source() {
    if (descriptor > 0) ::close(descriptor);
  }
};

/// The file of this name, or else the stored log of this id. Errors: `not_found` where neither is there.
Status find_source(const Services& services, const Context& context, const std::string& name, Source& source) {
  if (name == "-") {
    source.descriptor = 0;
    return {};
  }
  source.descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (source.descriptor >= 0) return {};
  const int why = errno;
  const bool may_be_id = why == ENOENT && name.find('/') == std::string::npos;
  SKEIN_TRY(const auto state, existing_state(services, context));
  if (may_be_id && state) {
    const std::string folder = summary::log_folder(state->path);
    const auto found = summary::find_log(services.files, folder, name);
    if (!found && found.error().code() == Code::invalid_argument) return std::unexpected(found.error());
    if (found) {
      SKEIN_TRY(auto log, summary::LogReader::open(services.files, found->path));
      SKEIN_TRY(source.baseline, baseline_before(services, folder, log.start()));
      source.stored.emplace(std::move(log));
      return {};
    }
  }
  Error error = system_error(why, "while opening " + name);
  if (may_be_id) return std::unexpected(std::move(error).or_do("`skein log list` shows the stored logs"));
  return std::unexpected(std::move(error));
}

/// How a stored log's command ended.
summary::RunFacts facts_of(const summary::LogReader& log) {
  summary::RunFacts facts;
  facts.argv = log.start().command;
  if (!log.end()) return facts;
  facts.exit_code = log.end()->exit_code;
  facts.timed_out = log.end()->timed_out;
  facts.wall = Micros(log.end()->wall_us);
  return facts;
}

Result<SummarizeOutput> summarize(const Services& services, const Context& context, const SummarizeInput& input) {
  SKEIN_TRY(const auto own, own_formats(services, context));
  Source source;
  SKEIN_DO(find_source(services, context, input.file, source));
  summary::SummarizerOptions options;
  options.formats = own.get();
  options.baseline = source.baseline;
  const Instant before = services.clock.now();
  summary::SummaryThread thread(options);
  TextSample sample;
  summary::RunFacts facts;
  if (source.stored) {
    // Its secrets were replaced when it was stored, or kept because the user wants them.
    if (source.stored->lines() > 0) {
      SKEIN_DO(source.stored->pieces(1, source.stored->lines(), [&](const summary::LogPiece& piece) {
        thread.add(std::string(piece.bytes));
        return !context.stop.stop_requested();
      }));
    }
    facts = facts_of(*source.stored);
  } else {
    struct stat file{};
    if (::fstat(source.descriptor, &file) == 0 && S_ISREG(file.st_mode))
      sample.expect(static_cast<std::uint64_t>(file.st_size));
    Cleaned cleaned(thread, sample);
    SKEIN_DO(read_all(source.descriptor, input.file, context, cleaned));
  }
  if (input.exit_code) facts.exit_code = static_cast<int>(*input.exit_code);
  const summary::Summary made = thread.close().finish(facts);
  summary::RenderOptions shown;
  shown.format = input.format.value_or(context.json          ? Format::json
                                       : context.style.color ? Format::terminal
                                                             : Format::plain);
  shown.limit = input.limit;
  if (input.tokens) {
    shown.tokens = Tokens{*input.tokens};
    shown.counter = &summary::o200k_counter();
  }
  shown.color = context.style.color;
  shown.why = input.why;
  if (source.stored)
    shown.log_id = source.stored->start().id;
  else if (input.file != "-")
    shown.source = input.file;
  SKEIN_TRY(summary::Rendering rendering, summary::render(made, shown));
  // Counted where the workspace has a state; a mere look at a file makes none.
  if (const auto state = existing_state(services, context); state && *state && made.bytes > 0) {
    const std::string folder = summary::log_folder((*state)->path);
    const auto wall = std::chrono::duration_cast<Micros>(services.clock.now() - before);
    if (source.stored)
      note_summary(services, folder, *source.stored, made, rendering.text, wall);
    else
      note_summary(services, folder, input.file, sample, made, rendering.text, wall);
  }
  return SummarizeOutput{std::string(engine::name_of(made.verdict)), std::move(rendering.text)};
}

}  // namespace

void register_summarize(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<SummarizeInput, SummarizeOutput>(
      {.name = "summarize",
       .summary = "Shorten a log, failures first",
       .description =
           "Reads the output of a build, a test run or a CI job and prints what matters within the limit: the verdict, "
           "the failures, then what else is worth reading. What is left out is said with its line numbers. A log that "
           "is "
           "no longer than its summary is printed as it is. Secrets are replaced. A stored log is held against the "
           "last "
           "successful run of the same command, and what that did not print ranks higher.",
       .examples = {{"skein summarize build.log", "of a file"},
                    {"make 2>&1 | skein summarize --limit 2KB", "of what comes in"},
                    {"skein summarize last", "of what `skein exec` stored last"},
                    {"skein summarize ci.log --format json", "for programs"}},
       .surfaces = {engine::Surface::cli}},
      [&services](const Context& context, const SummarizeInput& input) { return summarize(services, context, input); },
      render_text));
}

}  // namespace skein::app
