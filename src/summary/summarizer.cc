#include "summary/summarizer.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "summary/format_tables.h"
#include "summary/json_line.h"
#include "summary/kept_lines.h"
#include "summary/line_scan.h"
#include "summary/line_value.h"
#include "summary/recent_lines.h"
#include "summary/recogniser.h"
#include "summary/report_file.h"
#include "summary/verdict.h"
#include "summary/visible_line.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostRawLine = 1 << 16;  ///< More of one line is not looked at.
constexpr std::size_t kWholeBytes = 256 << 10;
constexpr std::size_t kHead = 20;
constexpr float kRed = 20;  ///< What a line that a tool printed in red is worth if its words say nothing.
// The scanner pays for its tables from the second of these sizes on, and for its lanes from the first.
constexpr std::size_t kSmallBlock = 4 << 10;
constexpr std::uint64_t kFewBytes = 128 << 10;
constexpr std::size_t kBlock = 256 << 10;  ///< What is scanned at once: it stays in the cache for the closer look.

/// What looked like failures in a run that passed were none: they stay, as warnings.
void demote(Summary& summary, std::size_t most) {
  for (Finding& finding : summary.failures) {
    if (summary.warnings.size() >= most) {
      ++summary.warnings_not_kept;
      continue;
    }
    finding.severity = Severity::warning;
    summary.warnings.push_back(std::move(finding));
  }
  summary.failures.clear();
  summary.warnings_not_kept += summary.failures_not_kept;
  summary.failures_not_kept = 0;
  std::ranges::stable_sort(summary.warnings, {}, &Finding::log_line);
}

}  // namespace

class Summarizer::Work {
 public:
  explicit Work(const SummarizerOptions& options)
      : options_(options),
        tables_((options.formats != nullptr ? *options.formats : builtin_formats()).tables()),
        recogniser_(tables_, {options.most_failures, options.most_warnings}),
        report_({options.most_failures, options.most_warnings}) {
    kept_.read_baseline(options.baseline);
    summary_.whole.emplace();
  }

  void scan(std::string_view lines, ScannedLines& scanned) const { tables_.scanner().scan(lines, scanned); }

  void add(std::string_view lines, const ScannedLines& scanned) {
    summary_.bytes += lines.size();
    report_.add(lines);
    const bool ends_torn = has_torn_;
    if (ends_torn) {
      tear(lines.substr(0, lines.find('\n')));
      take_torn();
    }
    scanned_lines(lines, std::span(scanned.lines).subspan(ends_torn ? 1 : 0));
  }

  void add(std::string_view bytes) {
    summary_.bytes += bytes.size();
    report_.add(bytes);
    if (has_torn_) {
      const std::size_t end = bytes.find('\n');
      tear(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      take_torn();
      bytes.remove_prefix(end + 1);
    }
    const std::size_t last = bytes.rfind('\n');
    if (last != std::string_view::npos) {
      lines_of(bytes.substr(0, last + 1));
      bytes.remove_prefix(last + 1);
    }
    if (!bytes.empty()) tear(bytes);
  }

  Summary finish(const RunFacts& facts) {
    if (has_torn_) {
      take_torn();
      if (summary_.whole && !summary_.whole->empty()) summary_.whole->pop_back();
    }
    summary_.run = facts;
    summary_.lines = number_;
    recogniser_.finish(summary_, number_);
    Says says = recogniser_.says();
    auto report = report_.finish();
    if (report) says = take_report(*report);
    Decision decision = decide(facts, says, summary_.failures, endings_);
    summary_.verdict = decision.verdict;
    summary_.verdict_reason = std::move(decision.reason);
    if (summary_.verdict == Verdict::pass) demote(summary_, options_.most_warnings);
    std::ranges::stable_sort(summary_.failures, [](const Finding& a, const Finding& b) {
      if (a.consequence != b.consequence) return !a.consequence;
      return a.log_line < b.log_line;
    });
    if (!report) {
      summary_.tail = recent_.all();
      summary_.passages = kept_.take_passages(number_, endings_, recent_);
    }
    return std::move(summary_);
  }

  [[nodiscard]] std::string baseline() const { return kept_.baseline(); }

 private:
  /// A report says all that its lines say, and says it better.
  Says take_report(Report& report) {
    summary_.tools = {report.counts.tool};
    summary_.failures = std::move(report.failures);
    summary_.warnings = std::move(report.warnings);
    summary_.failures_not_kept = report.failures_not_kept;
    summary_.warnings_not_kept = report.warnings_not_kept;
    summary_.changes.clear();
    summary_.timing.clear();
    summary_.head.clear();
    summary_.parts.clear();
    if (number_ > 0) summary_.parts.push_back({1, number_, report.counts.tool, {}});
    endings_.clear();
    const bool bad = report.counts.failed.value_or(0) > 0 || report.counts.errors.value_or(0) > 0;
    Says says{{report.counts.tool, {bad, number_}}};
    report.counts.line.number = number_;
    summary_.counts = {std::move(report.counts)};
    return says;
  }

  void tear(std::string_view bytes) {
    if (torn_.size() < kMostRawLine) torn_.append(bytes.substr(0, kMostRawLine - torn_.size()));
    has_torn_ = true;
  }

  void take_torn() {
    has_torn_ = false;
    any_line(torn_);
    torn_.clear();
  }

  /// Whole lines. The scanner only tells which of them need no closer look: what comes out is the same without it.
  void lines_of(std::string_view block) {
    if (summary_.bytes < kFewBytes || block.size() < kSmallBlock) {
      while (!block.empty()) {
        const std::size_t end = block.find('\n');
        any_line(block.substr(0, end));
        block.remove_prefix(end + 1);
      }
      return;
    }
    while (!block.empty()) {
      const std::size_t end = block.size() <= kBlock ? block.size() - 1 : block.find('\n', kBlock);
      const std::string_view some = block.substr(0, end + 1);
      scan(some, scanned_);
      scanned_lines(some, scanned_.lines);
      block.remove_prefix(end + 1);
    }
  }

  void scanned_lines(std::string_view block, std::span<const ScannedLine> lines) {
    const auto raw_of = [&](const ScannedLine& one) { return block.substr(one.begin, one.size); };
    for (std::size_t i = 0; i < lines.size();) {
      const ScannedLine& one = lines[i];
      // Most lines of a huge log say nothing to anybody: they are counted, and that is all. `line` would do the same.
      if (const auto idle = static_cast<std::size_t>(std::min<std::uint64_t>(one.idle, passes_over())); idle > 0) {
        for (std::size_t j = idle - std::min(idle, RecentLines::kMost); j < idle; ++j)
          recent_.add_lasting(number_ + j + 1, raw_of(lines[i + j]), true);
        number_ += idle;
        i += idle;
        continue;
      }
      ++i;
      const std::string_view raw = raw_of(one);
      if (one.is_plain && raw.size() <= kMostLineBytes && !may_be_json_line(raw)) {
        line(seen_of_plain(raw), one.has_rule_word, one.has_telling_word, true, false);
        recent_.add_lasting(number_, raw, true);
      } else {
        odd_line(raw, one);
      }
    }
    recent_.settle();
  }

  /// A line that had to be made visible: words may have come together that stood apart.
  void odd_line(std::string_view raw, ScannedLine seen) {
    const bool is_red = seen.has_control && has_red(raw);
    const auto inner = seen.has_control && !seen.has_high ? seen_of_coloured(raw) : std::nullopt;
    std::string_view text;
    if (inner) {
      // All of it was scanned.
      text = *inner;
      seen.is_plain = true;
    } else {
      visible_line(raw, text_);
      text = text_;
      seen = tables_.scanner().scan_line(text);
    }
    const bool is_known = seen.is_plain && !is_red && !seen.has_rule_word && !seen.has_telling_word;
    if (is_known && begins_quiet(text) && passes_over() > 0)
      ++number_;
    else
      line(text, !seen.is_plain || seen.has_rule_word, !seen.is_plain || seen.has_telling_word, seen.is_plain, is_red);
    if (inner)
      recent_.add_lasting(number_, text, false);
    else
      recent_.add(number_, text);
  }

  /// For how many of the next lines `line` would do nothing but count, if they are quiet.
  [[nodiscard]] std::uint64_t passes_over() const {
    return !summary_.whole && summary_.head.size() >= kHead && recogniser_.is_idle() ? kept_.passes_over(number_ + 1)
                                                                                     : 0;
  }

  void any_line(std::string_view raw) {
    visible_line(raw, text_);
    line(text_, true, true, false, has_red(raw));
    recent_.add(number_, text_);
  }

  /// The caller adds it to the recent ones.
  void line(std::string_view text, bool may_match, bool may_tell, bool is_ascii, bool is_red) {
    ++number_;
    if (summary_.whole) {
      if (summary_.bytes > 4 * kWholeBytes || summary_.whole->size() + text.size() > kWholeBytes)
        summary_.whole.reset();
      else
        summary_.whole->append(text).push_back('\n');
    }
    LineValue value = value_of(text, may_tell, is_ascii);
    if (is_red && value.kind == LineKind::plain) value = {LineKind::trouble, kRed};
    if (value.kind == LineKind::ending) {
      if (endings_.size() >= 1000) endings_.erase(endings_.begin() + 1, endings_.begin() + 500);
      endings_.push_back(number_);
    }
    value.value = std::max(value.value, recogniser_.line(number_, text, recent_, may_match));
    if (summary_.head.size() < kHead && value.kind != LineKind::blank)
      summary_.head.push_back({number_, std::string(text)});
    kept_.add(number_, text, value, recent_);
  }

  SummarizerOptions options_;
  const Formats::Tables& tables_;
  Summary summary_;
  ScannedLines scanned_;
  Recogniser recogniser_;
  ReportReader report_;
  KeptLines kept_;
  RecentLines recent_;
  std::string torn_, text_;
  bool has_torn_ = false;
  std::uint64_t number_ = 0;
  std::vector<std::uint64_t> endings_;  // The first of all stays.
};

Summarizer::Summarizer(const SummarizerOptions& options) : work_(std::make_unique<Work>(options)) {}
Summarizer::~Summarizer() = default;
Summarizer::Summarizer(Summarizer&&) noexcept = default;
Summarizer& Summarizer::operator=(Summarizer&&) noexcept = default;
void Summarizer::add(std::string_view bytes) { work_->add(bytes); }
void Summarizer::scan(std::string_view lines, ScannedLines& scanned) const { work_->scan(lines, scanned); }
void Summarizer::add(std::string_view lines, const ScannedLines& scanned) { work_->add(lines, scanned); }
Summary Summarizer::finish(const RunFacts& facts) { return work_->finish(facts); }
std::string Summarizer::baseline() const { return work_->baseline(); }

Summary summarize(std::string_view log, const RunFacts& facts, const SummarizerOptions& options) {
  Summarizer summarizer(options);
  summarizer.add(log);
  return summarizer.finish(facts);
}

}  // namespace skein::summary
