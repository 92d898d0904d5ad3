// `skein summarize`.
#include <array>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "app/operations.h"
#include "app/own_formats.h"
#include "summary/render.h"
#include "summary/summarizer.h"

namespace skein::app {
namespace {

using engine::Context;
using summary::Format;

struct SummarizeInput {
  std::string file = "-";
  Bytes limit{10'240};
  std::optional<Format> format;
  bool why = false;
  std::optional<std::int64_t> exit_code;

  template <class V>
  static void describe(V& v) {
    v.field("file", &SummarizeInput::file, "The log; \"-\" is the standard input.",
            {.positional = true, .value_name = "FILE", .is_path = true});
    v.field("limit", &SummarizeInput::limit, "The most bytes that the summary has.",
            {.value_name = "SIZE", .min = 256});
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

Status read_all(const std::string& path, const Context& context, summary::Summarizer& summarizer) {
  const int descriptor = path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "while opening " + path));
  std::string buffer(1 << 20, '\0');
  Status status;
  while (true) {
    if (context.stop.stop_requested()) {
      status = fail(Code::cancelled, "stopped");
      break;
    }
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = std::unexpected(system_error(errno, "while reading " + path));
    if (got <= 0) break;
    summarizer.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
  if (descriptor != 0) ::close(descriptor);
  return status;
}

Result<SummarizeOutput> summarize(const Services& services, const Context& context, const SummarizeInput& input) {
  SKEIN_TRY(const auto own, own_formats(services, context));
  summary::SummarizerOptions options;
  options.formats = own.get();
  summary::Summarizer summarizer(options);
  SKEIN_DO(read_all(input.file, context, summarizer));
  summary::RunFacts facts;
  if (input.exit_code) facts.exit_code = static_cast<int>(*input.exit_code);
  const summary::Summary made = summarizer.finish(facts);
  summary::RenderOptions shown;
  shown.format = input.format.value_or(context.json          ? Format::json
                                       : context.style.color ? Format::terminal
                                                             : Format::plain);
  shown.limit = input.limit;
  shown.color = context.style.color;
  shown.why = input.why;
  if (input.file != "-") shown.source = input.file;
  SKEIN_TRY(summary::Rendering rendering, summary::render(made, shown));
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
           "no longer than its summary is printed as it is.",
       .examples = {{"skein summarize build.log", "of a file"},
                    {"make 2>&1 | skein summarize --limit 2KB", "of what comes in"},
                    {"skein summarize ci.log --format json", "for programs"}},
       .surfaces = {engine::Surface::cli}},
      [&services](const Context& context, const SummarizeInput& input) { return summarize(services, context, input); },
      render_text));
}

}  // namespace skein::app
