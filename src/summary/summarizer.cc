#include "summary/summarizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.h"
#include "summary/format_tables.h"
#include "summary/line_template.h"
#include "summary/line_value.h"
#include "summary/visible_line.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostRawLine = 1 << 16;        ///< More of one line is not looked at.
constexpr std::size_t kMostKept = 12 << 20;          ///< Bytes of candidate lines.
constexpr std::size_t kMostTemplates = 200'000;      ///< Counted; further ones count as seen once.
constexpr std::size_t kMostExcerptBytes = 16 << 20;  ///< Of all findings.
constexpr std::size_t kWholeBytes = 256 << 10;
constexpr std::size_t kMostOpen = 8;
constexpr std::size_t kHead = 20, kTail = 200;
constexpr std::uint32_t kBaselineVersion = 1;
constexpr std::size_t kMostBaseline = 60'000;

struct Kept {
  std::uint64_t number = 0;
  std::uint64_t like = 0;
  float value = 0;
  LineKind kind = LineKind::plain;
  std::string text;
};

struct Open {
  std::size_t finding;
  bool warning;
  std::uint32_t left;
  const FormatRule* rule;
};

}  // namespace

class Summarizer::Work {
 public:
  explicit Work(const SummarizerOptions& options)
      : options_(options), tables_((options.formats != nullptr ? *options.formats : builtin_formats()).tables()) {
    states_.resize(tables_.tools.size());
    tried_.assign(tables_.rules.size(), 0);
    read_baseline(options.baseline);
    summary_.whole.emplace();
  }

  void add(std::string_view bytes) {
    summary_.bytes += bytes.size();
    while (!bytes.empty()) {
      const void* end = std::memchr(bytes.data(), '\n', bytes.size());
      const std::size_t size =
          end == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data());
      if (end != nullptr && torn_.empty()) {
        line(bytes.substr(0, size));
      } else {
        if (torn_.size() < kMostRawLine) torn_.append(bytes.substr(0, std::min(size, kMostRawLine - torn_.size())));
        has_torn_ = true;
        if (end != nullptr) take_torn();
      }
      bytes.remove_prefix(std::min(size + 1, bytes.size()));
    }
  }

  Summary finish(const RunFacts& facts) {
    if (has_torn_) take_torn();
    summary_.run = facts;
    summary_.lines = number_;
    for (const std::uint32_t tool : tool_order_) summary_.tools.push_back(tables_.tools[tool].name);
    decide(facts);
    order_failures();
    for (Kept& kept : tail_) summary_.tail.push_back({kept.number, kept.text});
    make_passages();
    make_parts();
    return std::move(summary_);
  }

  std::string baseline() const {
    std::vector<std::uint64_t> all;
    for (const auto& [like, count] : counts_) all.push_back(like);
    std::ranges::sort(all);
    if (all.size() > kMostBaseline) all.resize(kMostBaseline);
    ByteWriter writer;
    writer.u32(kBaselineVersion).varint(all.size());
    for (const std::uint64_t like : all) writer.u64(like);
    return writer.take();
  }

 private:
  void read_baseline(std::string_view bytes) {
    if (bytes.empty()) return;
    ByteReader reader(bytes);
    if (reader.u32() != kBaselineVersion) return;
    for (std::size_t left = reader.count(8); left > 0 && reader.ok(); --left) known_.insert(reader.u64());
    has_baseline_ = reader.ok();
  }

  void take_torn() {
    std::string whole;
    whole.swap(torn_);
    has_torn_ = false;
    line(whole);
  }

  void line(std::string_view raw) {
    ++number_;
    visible_line(raw, text_);
    if (summary_.whole) {
      if (summary_.bytes > 4 * kWholeBytes || summary_.whole->size() + text_.size() > kWholeBytes)
        summary_.whole.reset();
      else
        summary_.whole->append(text_).push_back('\n');
    }
    Kept kept;
    kept.number = number_;
    kept.text = text_;
    kept.like = template_of(text_);
    const LineValue value = value_of(text_);
    kept.value = value.value;
    kept.kind = value.kind;
    if (const auto found = counts_.find(kept.like); found != counts_.end())
      ++found->second;
    else if (counts_.size() < kMostTemplates)
      counts_.emplace(kept.like, 1);
    if (value.kind == LineKind::ending) endings_.push_back(number_);
    if (endings_.size() > 1000) endings_.erase(endings_.begin(), endings_.begin() + 500);
    recognise(kept);
    if (summary_.head.size() < kHead && value.kind != LineKind::blank) summary_.head.push_back({number_, text_});
    tail_.push_back(kept);
    if (tail_.size() > kTail) tail_.pop_front();
    if (value.kind == LineKind::blank) return;
    kept_bytes_ += kept.text.size() + sizeof(Kept);
    lines_.push_back(std::move(kept));
    if (kept_bytes_ > kMostKept) prune();
  }

  /// Drops the less valuable half of what is kept, neighbours of good lines last, so that the work stays linear.
  void prune() {
    std::vector<float> smooth = smoothed(lines_);
    std::vector<float> sorted = smooth;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 2 / 3);
    std::ranges::nth_element(sorted, middle);
    const float bound = *middle;
    std::vector<Kept> rest;
    kept_bytes_ = 0;
    std::size_t ties = lines_.size() / 3;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (smooth[i] < bound) continue;
      if (smooth[i] == bound && ties-- == 0) {
        ties = 0;
        continue;
      }
      kept_bytes_ += lines_[i].text.size() + sizeof(Kept);
      rest.push_back(std::move(lines_[i]));
      if (kept_bytes_ > kMostKept / 2) break;
    }
    lines_ = std::move(rest);
  }

  /// A line gives some of its value to those that stand around it: details follow, what was done stands before.
  static std::vector<float> smoothed(const std::vector<Kept>& lines) {
    std::vector<float> out(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) out[i] = lines[i].value;
    constexpr float kAfter[] = {0.62F, 0.5F, 0.42F, 0.36F, 0.3F, 0.26F, 0.22F, 0.18F};
    constexpr float kBefore[] = {0.5F, 0.36F, 0.24F};
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].value < 12) continue;
      const bool tells = lines[i].kind != LineKind::ending;
      for (std::size_t d = 0; tells && d < std::size(kAfter) && i + d + 1 < lines.size(); ++d) {
        if (lines[i + d + 1].kind == LineKind::noise || lines[i + d + 1].kind == LineKind::command) break;
        out[i + d + 1] = std::max(out[i + d + 1], lines[i].value * kAfter[d]);
      }
      for (std::size_t d = 0; d < std::size(kBefore) && i >= d + 1; ++d)
        if (lines[i - d - 1].kind != LineKind::noise)
          out[i - d - 1] = std::max(out[i - d - 1], lines[i].value * kBefore[d]);
    }
    return out;
  }

  void see_tool(std::uint32_t tool) {
    if (seen_tools_.insert(tool).second) tool_order_.push_back(tool);
    if (spans_.empty() || spans_.back().tool != tool) {
      if (spans_.size() < 5000) spans_.push_back({tool, number_, number_});
    }
    if (!spans_.empty() && spans_.back().tool == tool) spans_.back().last = number_;
  }

  void recognise(Kept& kept) {
    hits_.clear();
    tables_.finder.find(text_, [&](std::uint32_t word) {
      for (const std::uint32_t rule : tables_.rules_of_word[word]) {
        if (tried_[rule] == number_) continue;
        tried_[rule] = number_;
        hits_.push_back(rule);
      }
    });
    std::ranges::sort(hits_);
    bool opened = false;
    Finding* claimed = nullptr;
    for (const std::uint32_t at : hits_) {
      const FormatRule& rule = tables_.rules[at];
      if (!rule.only_in.empty() && states_[rule.tool] != rule.only_in) continue;
      const bool makes_finding = rule.is == RuleIs::failure || rule.is == RuleIs::warning;
      if (makes_finding && claimed != nullptr) continue;
      const int groups = rule.pattern->NumberOfCapturingGroups();
      std::vector<re2::StringPiece> parts(static_cast<std::size_t>(groups) + 1);
      if (!rule.pattern->Match(text_, 0, text_.size(), re2::RE2::UNANCHORED, parts.data(), groups + 1)) continue;
      see_tool(rule.tool);
      if (!rule.enter.empty()) states_[rule.tool] = rule.enter;
      const auto group = [&](const char* name) -> std::string {
        const auto found = rule.groups.find(name);
        if (found == rule.groups.end()) return {};
        const re2::StringPiece& piece = parts[static_cast<std::size_t>(found->second)];
        return piece.data() == nullptr ? std::string() : std::string(piece.data(), piece.size());
      };
      const auto number = [&](const char* name) -> std::optional<std::int64_t> {
        const std::string text = group(name);
        if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string::npos) return {};
        return std::stoll(text);
      };
      switch (rule.is) {
        case RuleIs::failure:
        case RuleIs::warning: {
          Finding finding;
          finding.tool = tables_.tools[rule.tool].name;
          finding.kind = rule.kind;
          finding.severity = rule.is == RuleIs::failure ? Severity::error : Severity::warning;
          finding.name = group("name");
          finding.file = group("file");
          finding.line = static_cast<std::uint32_t>(std::min<std::int64_t>(number("line").value_or(0), 0xffffffff));
          finding.column = static_cast<std::uint32_t>(std::min<std::int64_t>(number("column").value_or(0), 0xffffffff));
          finding.message = group("message");
          finding.likely_cause = rule.cause;
          finding.log_line = number_;
          finding.consequence = rule.consequence;
          finding.rank = rule.rank;
          if (Finding* placed = place(std::move(finding), rule, kept)) {
            claimed = placed;
            opened = opened || rule.after > 0;
          } else {
            claimed = &ignored_;
          }
          break;
        }
        case RuleIs::counts:
        case RuleIs::passed:
        case RuleIs::failed: {
          Counts counts;
          counts.tool = tables_.tools[rule.tool].name;
          counts.passed = number("passed");
          counts.failed = number("failed");
          counts.skipped = number("skipped");
          counts.errors = number("errors");
          counts.warnings = number("warnings");
          counts.line = {number_, text_};
          const bool bad = counts.failed.value_or(0) > 0 || counts.errors.value_or(0) > 0 || rule.is == RuleIs::failed;
          const bool good = !bad && (rule.is == RuleIs::passed || counts.failed || counts.passed || counts.errors);
          if (bad || good) says_[counts.tool] = {bad, number_};
          ever_bad_ = ever_bad_ || bad;
          summary_.counts.push_back(std::move(counts));
          if (summary_.counts.size() > 2000)
            summary_.counts.erase(summary_.counts.begin(), summary_.counts.begin() + 1000);
          break;
        }
        case RuleIs::change:
          if (summary_.changes.size() < 200) summary_.changes.push_back({number_, text_});
          break;
        case RuleIs::timing:
          if (summary_.timing.size() < 200) summary_.timing.push_back({number_, text_});
          break;
        case RuleIs::start:
        case RuleIs::state:
          break;
      }
    }
    extend(opened);
    if (claimed != nullptr && claimed->severity == Severity::error)
      kept.value = std::max(kept.value, static_cast<float>(claimed->rank) * (claimed->consequence ? 0.5F : 1.0F));
  }

  Finding* place(Finding finding, const FormatRule& rule, const Kept& kept) {
    auto& list = finding.severity == Severity::error ? summary_.failures : summary_.warnings;
    const bool is_error = finding.severity == Severity::error;
    const std::string identity = finding.identity() +
                                 (finding.message.empty() && finding.name.empty() ? masked(text_) : "") + "\x1f" +
                                 std::to_string(finding.line);
    auto& known = is_error ? known_failures_ : known_warnings_;
    if (const auto found = known.find(identity); found != known.end()) {
      ++list[found->second].times;
      // Told twice (as it happens and in a list at the end): the first place keeps its lines.
      return nullptr;
    }
    if (list.size() >= (is_error ? options_.most_failures : options_.most_warnings)) {
      ++(is_error ? summary_.failures_not_kept : summary_.warnings_not_kept);
      return nullptr;
    }
    known.emplace(identity, list.size());
    if (excerpt_bytes_ < kMostExcerptBytes) {
      const std::size_t before = std::min<std::size_t>(rule.before, tail_.size());
      for (std::size_t i = tail_.size() - before; i < tail_.size(); ++i)
        keep_line(finding, tail_[i].number, tail_[i].text);
      keep_line(finding, kept.number, kept.text);
    }
    list.push_back(std::move(finding));
    if (rule.after > 0 && excerpt_bytes_ < kMostExcerptBytes) {
      if (open_.size() >= kMostOpen) open_.erase(open_.begin());
      open_.push_back({list.size() - 1, !is_error, rule.after + 1, &rule});
    }
    return &list.back();
  }

  void keep_line(Finding& finding, std::uint64_t number, const std::string& text) {
    excerpt_bytes_ += text.size() + sizeof(LogLine);
    finding.excerpt.push_back({number, text});
  }

  /// Gives this line to the excerpts that are open; one that began with this line has it already.
  void extend(bool) {
    for (std::size_t i = 0; i < open_.size();) {
      Open& open = open_[i];
      Finding& finding = (open.warning ? summary_.warnings : summary_.failures)[open.finding];
      bool ends = false;
      if (finding.log_line != number_) {
        ends = (open.rule->until && re2::RE2::PartialMatch(text_, *open.rule->until)) ||
               (open.rule->block_lines && text_.empty() && number_ > finding.log_line + 1);
        if (!ends) {
          keep_line(finding, number_, text_);
          if (finding.message.empty() && !text_.empty()) finding.message = text_.substr(text_.find_first_not_of(" \t"));
        }
      }
      ends = ends || --open.left == 0 || excerpt_bytes_ > kMostExcerptBytes;
      if (ends)
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    }
  }

  void decide(const RunFacts& facts) {
    const bool bad_words = std::ranges::any_of(says_, [](const auto& entry) { return entry.second.bad; });
    const bool good_words = std::ranges::any_of(says_, [](const auto& entry) { return !entry.second.bad; });
    const auto bad_tool = std::ranges::find_if(says_, [](const auto& entry) { return entry.second.bad; });
    if (facts.known()) {
      if (facts.succeeded()) {
        summary_.verdict = bad_words ? Verdict::unknown : Verdict::pass;
        summary_.verdict_reason = bad_words
                                      ? fmt::format("exit code 0, but {} says that something failed", bad_tool->first)
                                      : std::string("exit code 0");
        if (summary_.verdict == Verdict::pass) demote();
        return;
      }
      summary_.verdict = facts.not_started ? Verdict::unknown : Verdict::fail;
      if (facts.not_started)
        summary_.verdict_reason = "the program could not be started";
      else if (facts.timed_out)
        summary_.verdict_reason = "stopped at its time limit";
      else if (facts.signal)
        summary_.verdict_reason = fmt::format("killed by signal {}", *facts.signal);
      else
        summary_.verdict_reason = fmt::format("exit code {}", *facts.exit_code);
      return;
    }
    const auto real =
        std::ranges::find_if(summary_.failures, [](const Finding& finding) { return !finding.consequence; });
    if (bad_words) {
      summary_.verdict = Verdict::fail;
      summary_.verdict_reason = fmt::format("{} says that it failed", bad_tool->first);
    } else if (good_words) {
      // A tool's closing line that all is well outweighs errors that were printed on the way.
      std::uint64_t last = 0;
      std::string tool;
      for (const auto& [name, say] : says_)
        if (say.line >= last) last = say.line, tool = name;
      const bool later = std::ranges::any_of(summary_.failures, [&](const Finding& f) { return f.log_line > last; });
      const bool same_tool_failed = std::ranges::any_of(summary_.failures, [&](const Finding& f) {
        return !f.consequence && !says_.contains(f.tool) && f.kind == FailureKind::compile;
      });
      const bool ended_badly = !endings_.empty() && endings_.back() > last;
      summary_.verdict = later || ended_badly || same_tool_failed ? Verdict::fail : Verdict::pass;
      summary_.verdict_reason =
          summary_.verdict == Verdict::pass ? fmt::format("{} says that it passed", tool) : "failures stand in the log";
      if (summary_.verdict == Verdict::pass) demote();
    } else if (real != summary_.failures.end()) {
      summary_.verdict = Verdict::fail;
      summary_.verdict_reason = fmt::format("{} reports failures", real->tool);
    } else if (!endings_.empty() || !summary_.failures.empty()) {
      summary_.verdict = Verdict::fail;
      summary_.verdict_reason = "the log says that a command failed";
    } else {
      summary_.verdict = Verdict::unknown;
      summary_.verdict_reason = "no known format says how it ended";
    }
  }

  /// What looked like failures in a run that passed were none: they stay, as warnings.
  void demote() {
    for (Finding& finding : summary_.failures) {
      if (summary_.warnings.size() >= options_.most_warnings) {
        ++summary_.warnings_not_kept;
        continue;
      }
      finding.severity = Severity::warning;
      summary_.warnings.push_back(std::move(finding));
    }
    summary_.failures.clear();
    summary_.warnings_not_kept += summary_.failures_not_kept;
    summary_.failures_not_kept = 0;
    std::ranges::stable_sort(summary_.warnings, {}, &Finding::log_line);
  }

  void order_failures() {
    std::ranges::stable_sort(summary_.failures, [](const Finding& a, const Finding& b) {
      if (a.consequence != b.consequence) return !a.consequence;
      return a.log_line < b.log_line;
    });
  }

  void make_passages() {
    // How far a line is from the last line that says that the command failed, or from the log's end.
    const std::uint64_t last_ending = endings_.empty() ? number_ : endings_.back();
    const std::uint64_t first_ending = endings_.empty() ? number_ : endings_.front();
    for (Kept& kept : lines_) {
      const auto found = counts_.find(kept.like);
      const double times = found == counts_.end() ? 1 : static_cast<double>(found->second);
      double value = kept.value;
      if (value >= 6)
        value *= std::max(0.3, 1.15 / std::sqrt(std::max(1.0, std::log2(times + 1))));
      else
        value /= std::max(1.0, std::sqrt(times) * 0.5);
      const bool fresh = has_baseline_ && !known_.contains(kept.like);
      if (has_baseline_) value = fresh ? value * 1.5 + 25 : value * 0.4;
      if (kept.kind != LineKind::noise) {
        const auto near = [&](std::uint64_t end, double most, double reach) {
          if (kept.number > end) return 0.0;
          return most * std::exp(-static_cast<double>(end - kept.number) / reach);
        };
        const double place = std::max(near(last_ending, 16, 25), near(first_ending, 20, 25));
        value += has_baseline_ && !fresh ? place * 0.4 : place;
        const double progress =
            static_cast<double>(kept.number) / static_cast<double>(std::max<std::uint64_t>(1, number_));
        value *= 0.75 + 0.35 * progress;
      }
      kept.value = static_cast<float>(std::min(100.0, value));
    }
    std::vector<float> smooth = smoothed(lines_);
    std::vector<std::size_t> order(lines_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return smooth[a] > smooth[b]; });
    constexpr std::size_t kMostPassageBytes = 192 << 10;
    std::vector<char> chosen(lines_.size(), 0);
    std::unordered_map<std::uint64_t, int> of_template;
    std::size_t bytes = 0;
    for (const std::size_t i : order) {
      if (bytes > kMostPassageBytes || smooth[i] < 0.5F) break;
      const int nth = of_template[lines_[i].like]++;
      smooth[i] *= std::pow(0.87F, static_cast<float>(std::min(nth, 30)));
      bytes += lines_[i].text.size() + 1;
      chosen[i] = 1;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (chosen[i] == 0) continue;
      const bool joins = !summary_.passages.empty() && i > 0 && chosen[i - 1] != 0 &&
                         lines_[i].number - summary_.passages.back().lines.back().number <= 3 &&
                         summary_.passages.back().lines.size() < 40;
      if (!joins) summary_.passages.emplace_back();
      Passage& passage = summary_.passages.back();
      passage.lines.push_back({lines_[i].number, lines_[i].text});
      passage.values.push_back(smooth[i]);
      if (smooth[i] > passage.value) {
        passage.value = smooth[i];
        const auto found = counts_.find(lines_[i].like);
        passage.times = found == counts_.end() ? 1 : found->second;
        passage.fresh = has_baseline_ && !known_.contains(lines_[i].like);
        passage.why = why(lines_[i], passage);
      }
    }
    std::ranges::stable_sort(summary_.passages, [](const Passage& a, const Passage& b) { return a.value > b.value; });
  }

  static std::string why(const Kept& kept, const Passage& passage) {
    std::string text;
    switch (kept.kind) {
      case LineKind::error:
        text = "says that something failed";
        break;
      case LineKind::ending:
        text = "says that a command ended badly";
        break;
      case LineKind::trouble:
        text = "words that may be about a failure";
        break;
      case LineKind::warning:
        text = "a warning";
        break;
      case LineKind::frame:
        text = "a stack trace";
        break;
      case LineKind::command:
        text = "a command";
        break;
      case LineKind::blank:
      case LineKind::noise:
      case LineKind::plain:
        text = "stands near the end or near a failure";
        break;
    }
    if (passage.times > 1) text += fmt::format(", {} lines like it", passage.times);
    if (passage.fresh) text += ", none in the last good run";
    return text;
  }

  void make_parts() {
    std::uint64_t next = 1;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const auto& span = spans_[i];
      if (span.first > next) summary_.parts.push_back({next, span.first - 1, {}, {}});
      summary_.parts.push_back({span.first, span.last, tables_.tools[span.tool].name, {}});
      next = span.last + 1;
    }
    if (next <= number_) summary_.parts.push_back({next, number_, {}, {}});
  }

  struct Say {
    bool bad = false;
    std::uint64_t line = 0;
  };
  struct Span {
    std::uint32_t tool;
    std::uint64_t first, last;
  };

  SummarizerOptions options_;
  const Formats::Tables& tables_;
  Summary summary_;
  std::string torn_, text_;
  bool has_torn_ = false;
  std::uint64_t number_ = 0;
  std::vector<Kept> lines_;
  std::size_t kept_bytes_ = 0;
  std::deque<Kept> tail_;
  std::vector<std::uint64_t> endings_;
  std::unordered_map<std::uint64_t, std::uint64_t> counts_;
  std::unordered_set<std::uint64_t> known_;
  bool has_baseline_ = false;
  std::vector<std::uint64_t> tried_;  ///< The line for which a rule was last tried.
  std::vector<std::uint32_t> hits_;
  std::vector<std::string> states_;
  std::vector<std::uint32_t> tool_order_;
  std::set<std::uint32_t> seen_tools_;
  std::vector<Span> spans_;
  std::vector<Open> open_;
  std::size_t excerpt_bytes_ = 0;
  std::unordered_map<std::string, std::size_t> known_failures_, known_warnings_;
  std::map<std::string, Say> says_;
  bool ever_bad_ = false;
  Finding ignored_;
};

Summarizer::Summarizer(const SummarizerOptions& options) : work_(std::make_unique<Work>(options)) {}
Summarizer::~Summarizer() = default;
Summarizer::Summarizer(Summarizer&&) noexcept = default;
Summarizer& Summarizer::operator=(Summarizer&&) noexcept = default;
void Summarizer::add(std::string_view bytes) { work_->add(bytes); }
Summary Summarizer::finish(const RunFacts& facts) { return work_->finish(facts); }
std::string Summarizer::baseline() const { return work_->baseline(); }

Summary summarize(std::string_view log, const RunFacts& facts, const SummarizerOptions& options) {
  Summarizer summarizer(options);
  summarizer.add(log);
  return summarizer.finish(facts);
}

}  // namespace skein::summary
