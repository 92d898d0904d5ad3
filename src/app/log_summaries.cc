#include "app/log_summaries.h"

#include "app/own_formats.h"
#include "summary/summary_record.h"
#include "text/redact.h"
#include "text/tokens.h"

namespace skein::app {
namespace {

constexpr std::size_t kMostLooked = 200;                     // Logs that are opened to find the last good run.
constexpr std::uint64_t kMostMadeAgain = 16 << 20;           // Bytes of a log whose baseline was not kept.
constexpr std::uint64_t kSample = std::uint64_t{256} << 10;  // Bytes of a log's beginning, and of its end.

std::string baseline_path(const std::string& log_path) {
  return log_path.substr(0, log_path.size() - std::string_view(".log").size()) + ".baseline";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The whole log up to twice kSample, else its beginning and its end, cut at lines.
std::string sample_of(const summary::LogReader& log) {
  std::string sample;
  const auto take = [&](std::uint64_t first, std::uint64_t most) {
    const std::size_t begin = sample.size();
    return log.pieces(first, log.lines(), [&](const summary::LogPiece& piece) {
      sample += piece.bytes;
      return sample.size() - begin < most;
    });
  };
  if (log.bytes() <= 2 * kSample) {
    if (!take(1, ~std::uint64_t{0})) sample.clear();
    return sample;
  }
  if (!take(1, kSample)) return {};
  const double lines_a_byte = static_cast<double>(log.lines()) / static_cast<double>(log.bytes());
  const auto last = static_cast<std::uint64_t>(lines_a_byte * static_cast<double>(kSample));
  if (!take(log.lines() - std::min(log.lines() - 1, last), kSample)) return {};
  return sample;
}

void add_record(const Services& services, const std::string& folder, const std::string& log, const std::string& source,
                std::string_view sample, std::uint64_t bytes, const summary::Summary& made, std::string_view printed,
                Micros wall) {
  summary::SummaryRecord record;
  record.at_us = std::chrono::duration_cast<Micros>(services.clock.wall().time_since_epoch()).count();
  record.log = log;
  record.source = source;
  record.tools = made.tools;
  record.verdict = engine::name_of(made.verdict);
  record.bytes_in = static_cast<std::int64_t>(bytes);
  record.bytes_out = static_cast<std::int64_t>(printed.size());
  const auto tokens = summary::reckon_tokens(sample, bytes);
  record.tokens_in = tokens.tokens;
  record.tokens_in_exact = tokens.exact;
  record.tokens_out = text::count_tokens(printed).value;
  record.wall_us = wall.count();
  [[maybe_unused]] const Status only_statistics = summary::add_summary_record(services.files, folder, record);
}

}  // namespace

Result<summary::Summary> summary_of_log(const Services& services, const engine::Context& context,
                                        const summary::LogReader& log) {
  SKEIN_TRY(const auto own, own_formats(services, context));
  summary::SummarizerOptions options;
  options.formats = own.get();
  summary::Summarizer summarizer(options);
  SKEIN_DO(log.pieces(1, ~std::uint64_t{0}, [&](const summary::LogPiece& piece) {
    summarizer.add(piece.bytes);
    return true;
  }));
  summary::RunFacts facts;
  if (!log.is_reference()) facts.argv = log.start().command;
  if (log.end()) {
    facts.exit_code = log.end()->exit_code;
    facts.signal = log.end()->signal;
    facts.timed_out = log.end()->timed_out;
    facts.wall = Micros(log.end()->wall_us);
  }
  return summarizer.finish(facts);
}

Result<std::string> baseline_before(const Services& services, const std::string& folder,
                                    const summary::LogStart& start) {
  SKEIN_TRY(const auto logs, summary::list_logs(services.files, folder));
  std::vector<std::string> stored = start.command;  // As it stands in a log.
  for (std::string& word : stored) word = text::redact(word);
  std::size_t looked = 0;
  for (const summary::LogFile& file : logs) {
    if (file.id == start.id) continue;
    if (looked++ == kMostLooked) break;
    const auto old = summary::LogReader::open_ends(services.files, file.path);
    if (!old || !old->end || old->end->exit_code != 0 || old->end->timed_out ||
        (old->start.command != stored && old->start.command != start.command) ||
        old->start.directory != start.directory || old->start.started_us >= start.started_us)
      continue;
    if (auto kept = read_file(services.files, baseline_path(file.path))) return std::move(*kept);
    if (old->end->bytes == 0 || old->end->bytes > kMostMadeAgain) continue;
    const auto log = summary::LogReader::open(services.files, file.path);
    summary::Summarizer summarizer;
    if (!log || !log->pieces(1, log->lines(), [&](const summary::LogPiece& piece) {
          summarizer.add(piece.bytes);
          return true;
        }))
      continue;
    static_cast<void>(summarizer.finish());
    return summarizer.baseline();
  }
  return std::string();
}

Status keep_baseline(FileSystem& files, const std::string& log_path, const std::string& baseline) {
  return write_file_atomically(files, baseline_path(log_path), baseline, false);
}

Status remove_log(FileSystem& files, const std::string& log_path) {
  SKEIN_DO(files.remove(log_path));
  if (Status removed = files.remove(baseline_path(log_path)); !removed && removed.error().code() != Code::not_found)
    return removed;
  return {};
}

void TextSample::add(std::string_view bytes) {
  added_ += bytes.size();
  if (begin_.size() < kSample) {
    const std::string_view some = bytes.substr(0, kSample - begin_.size());
    begin_ += some;
    bytes.remove_prefix(some.size());
  }
  // Marks in place of secrets change the number of bytes: some more are kept than are needed.
  if (added_ + 2 * kSample < expected_) return;
  if (bytes.size() > kSample) bytes.remove_prefix(bytes.size() - kSample);
  end_ += bytes;
  if (end_.size() > 2 * kSample) end_.erase(0, end_.size() - kSample);
}

void note_summary(const Services& services, const std::string& folder, const std::string& id, const std::string& source,
                  const TextSample& sample, const summary::Summary& made, std::string_view printed, Micros wall) {
  add_record(services, folder, id, source, sample.text(), made.bytes, made, printed, wall);
}

void note_summary(const Services& services, const std::string& folder, const summary::LogReader& log,
                  const summary::Summary& made, std::string_view printed, Micros wall) {
  add_record(services, folder, log.start().id,
             log.start().step.empty() ? joined(log.start().command) : log.start().step, sample_of(log), log.bytes(),
             made, printed, wall);
}

}  // namespace skein::app
