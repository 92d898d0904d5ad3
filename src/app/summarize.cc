// `skein summarize`.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>

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
  void add(std::string bytes) {
    secrets_.feed(std::move(bytes), [&](std::string clean) { give(std::move(clean)); }, spans_);
    spans_.clear();
  }
  void finish() {
    std::string out;
    secrets_.finish(out, spans_);
    give(std::move(out));
  }
  /// Memory for the next bytes.
  [[nodiscard]] std::string room() { return summary_.room(); }

 private:
  void give(std::string out) {
    sample_.add(out);
    if (!out.empty()) summary_.add(std::move(out));
  }

  summary::SummaryThread& summary_;
  TextSample& sample_;
  text::SecretStream secrets_;
  std::vector<text::SecretSpan> spans_;
};

/// What is known of a file when it has been read.
struct ReadFile {
  std::uint64_t bytes = 0;
  summary::FileSum sum;
};

/// Hands on blocks of whole lines, as far as lines are not longer than a block.
Result<ReadFile> read_all(int descriptor, const std::string& path, const Context& context, Cleaned& cleaned) {
  constexpr std::size_t kBlock = summary::FileSum::kBlock;
  ReadFile read;
  std::string torn;
  for (bool more = true; more;) {
    std::string block = cleaned.room();
    block.resize(torn.size() + kBlock);
    std::ranges::copy(torn, block.begin());
    std::size_t used = torn.size();
    while (more && used < block.size()) {
      if (context.stop.stop_requested()) return fail(Code::cancelled, "stopped");
      const ssize_t got = ::read(descriptor, block.data() + used, block.size() - used);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::unexpected(system_error(errno, "while reading " + path));
      used += static_cast<std::size_t>(got);
      more = got > 0;
    }
    block.resize(used);
    if (const std::string_view fresh = std::string_view(block).substr(torn.size()); !fresh.empty()) {
      read.bytes += fresh.size();
      read.sum.add(fresh);
    }
    const std::size_t end = more ? block.rfind('\n') : std::string::npos;
    torn.clear();
    if (end != std::string::npos) {
      torn.assign(block, end + 1);
      block.resize(end + 1);
    }
    if (!block.empty()) cleaned.add(std::move(block));
  }
  cleaned.finish();
  return read;
}

/// A log as it is read, and what is known of it.
struct Source {
  int descriptor = -1;                       // Of a file or the standard input.
  bool is_file = false;                      // On a disk,
  std::uint64_t size = 0;                    // and of this size.
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
  if (source.descriptor >= 0) {
    struct stat file{};
    if (::fstat(source.descriptor, &file) != 0) return std::unexpected(system_error(errno, "while opening " + name));
    if (S_ISDIR(file.st_mode)) return fail(Code::invalid_argument, "{} is a folder, and not a log", name);
    source.is_file = S_ISREG(file.st_mode);
    source.size = static_cast<std::uint64_t>(file.st_size);
    return {};
  }
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
  if (!log.is_reference()) facts.argv = log.start().command;
  if (!log.end()) return facts;
  facts.exit_code = log.end()->exit_code;
  facts.signal = log.end()->signal;
  facts.timed_out = log.end()->timed_out;
  facts.wall = Micros(log.end()->wall_us);
  return facts;
}

/// The file's id from now on; empty where the folder cannot be written: the summary is what was asked for.
std::string keep_reference(const Services& services, const std::string& folder, summary::LogReference reference) {
  const WallTime now = services.clock.wall();
  reference.at_us = std::chrono::duration_cast<Micros>(now.time_since_epoch()).count();
  return summary::keep_reference(services.files, folder, std::move(reference), summary::log_time_name(now))
      .value_or("");
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
  std::optional<summary::LogReference> reference;  // Of a file.
  if (source.stored) {
    if (!source.stored->changed().empty() && context.note) context.note(source.stored->changed());
    // Its secrets were replaced when it was stored, or kept because the user wants them.
    constexpr auto kLast = std::numeric_limits<std::uint64_t>::max();
    SKEIN_DO(source.stored->pieces(1, kLast, [&](const summary::LogPiece& piece) {
      thread.add(std::string(piece.bytes));
      return !context.stop.stop_requested();
    }));
    facts = facts_of(*source.stored);
  } else {
    sample.expect(source.size);
    const std::int64_t modified = source.is_file ? summary::modified_us(input.file) : 0;
    Cleaned cleaned(thread, sample);
    SKEIN_TRY(const ReadFile read, read_all(source.descriptor, input.file, context, cleaned));
    if (source.is_file) {
      reference.emplace();
      reference->path = std::filesystem::absolute(input.file).lexically_normal().string();
      reference->bytes = static_cast<std::int64_t>(read.bytes);
      reference->modified_us = modified;
      reference->digest = read.sum.text();
    }
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
    std::string id;
    if (reference) {
      reference->lines = static_cast<std::int64_t>(made.lines);
      id = keep_reference(services, folder, std::move(*reference));
    }
    if (source.stored)
      note_summary(services, folder, *source.stored, made, rendering.text, wall);
    else
      note_summary(services, folder, id, input.file, sample, made, rendering.text, wall);
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
           "successful run of the same command, and what that did not print ranks higher. Of a file nothing is copied: "
           "where the workspace has a state, its path, size, time and digest are kept under an id, by which `skein "
           "log` "
           "shows its lines and says whether it has changed.",
       .examples = {{"skein summarize build.log", "of a file"},
                    {"make 2>&1 | skein summarize --limit 2KB", "of what comes in"},
                    {"skein summarize last", "of what `skein exec` stored last"},
                    {"skein summarize ci.log --format json", "for programs"}},
       .surfaces = {engine::Surface::cli}},
      [&services](const Context& context, const SummarizeInput& input) { return summarize(services, context, input); },
      render_text));
}

}  // namespace skein::app
