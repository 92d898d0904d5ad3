#include "summary/recogniser.h"

#include <algorithm>
#include <array>

#include "summary/line_template.h"
#include "summary/stack_frame.h"
#include "summary/test_name.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostExcerptBytes = 6 << 20;  ///< Of all findings.
constexpr std::size_t kMostExcerptLines = 400;      ///< Of one.
constexpr std::size_t kMostOpen = 8;
constexpr std::uint32_t kMostBlock = 400;   ///< Lines that a failure's output goes on without an end.
constexpr std::uint64_t kMostState = 1000;  ///< Lines after which a state ends in which nothing was found.
constexpr std::size_t kMostSameName = 64;   ///< Failures of one name that are compared with a list's entry.
constexpr std::size_t kMostParts = 5000;

/// Without blanks before it; nothing of a line of signs only ("---"), which says nothing.
std::string_view said_in(std::string_view line) {
  const bool says = std::ranges::any_of(line, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  return says ? line.substr(line.find_first_not_of(" \t")) : std::string_view();
}

std::uint32_t bounded(std::optional<std::int64_t> value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value.value_or(0), 0, 0xffffffff));
}

}  // namespace

struct Recogniser::Match {
  const FormatRule& rule;
  std::array<re2::StringPiece, 24> parts;

  [[nodiscard]] std::string_view text(FormatGroup group) const {
    const int number = rule.group(group);
    if (number <= 0 || static_cast<std::size_t>(number) >= parts.size()) return {};
    const re2::StringPiece& piece = parts[static_cast<std::size_t>(number)];
    return piece.data() == nullptr ? std::string_view() : std::string_view(piece.data(), piece.size());
  }
  [[nodiscard]] std::optional<std::int64_t> number(FormatGroup group) const {
    const std::string_view digits = text(group);
    if (digits.empty() || digits.size() > 15 || digits.find_first_not_of("0123456789") != std::string_view::npos)
      return {};
    std::int64_t value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
  }
};

Recogniser::Recogniser(const Formats::Tables& tables, RecogniserLimits limits)
    : tables_(tables),
      limits_(limits),
      tried_(tables.rules.size()),
      tries_(tables.rules.size()),
      states_(tables.tools.size()),
      scopes_(tables.tools.size()),
      of_scope_(tables.tools.size()),
      is_seen_(tables.tools.size()) {}

void Recogniser::see(std::uint32_t tool) {
  if (!is_seen_[tool]) tool_order_.push_back(tool);
  is_seen_[tool] = true;
  const std::string& name = tables_.tools[tool].name;
  if (!spans_.empty() && spans_.back().title == title_ && (spans_.back().tool == name || spans_.back().tool.empty())) {
    spans_.back().tool = name;
    spans_.back().last = number_;
  } else if (spans_.size() < kMostParts) {
    spans_.push_back({number_, number_, name, title_});
  }
}

void Recogniser::section(std::string_view title) {
  if (!title_.empty() && !spans_.empty() && spans_.back().title == title_) spans_.back().last = number_ - 1;
  title_ = title;
  if (!title_.empty() && spans_.size() < kMostParts) spans_.push_back({number_, number_, {}, title_});
}

float Recogniser::line(std::uint64_t number, std::string_view text, const RecentLines& recent, bool may_match) {
  if (waited_for_ > 0 && number > state_ends_) {
    for (std::string& state : states_) state.clear();
    waited_for_ = 0;
  }
  may_match = may_match || waited_for_ > 0;
  if (!may_match && open_.empty()) return 0;
  number_ = number;
  text_ = text;
  hits_.clear();
  const auto hit = [&](std::uint32_t word, std::size_t) {
    for (const std::uint32_t rule : tables_.rules_of_word[word]) {
      if (tried_[rule] == number_) continue;
      tried_[rule] = number_;
      hits_.push_back(rule);
    }
  };
  if (may_match) tables_.finder.find(text_, hit);
  std::ranges::sort(hits_);
  claimed_ = false;
  value_ = 0;
  // What belongs to an open failure is none of its own, whichever tool's rules stand first.
  for (const bool details : {true, false})
    for (const std::uint32_t at : hits_) {
      const FormatRule& rule = tables_.rules[at];
      if ((rule.role == RuleRole::detail) == details) apply(rule, recent, details);
    }
  if (!open_.empty()) extend();
  return value_;
}

void Recogniser::apply(const FormatRule& rule, const RecentLines& recent, bool details) {
  if (!rule.only_in.empty() && states_[rule.tool] != rule.only_in) return;
  const bool makes_finding = rule.is == RuleIs::failure || rule.is == RuleIs::warning;
  if (makes_finding && claimed_) return;
  if (details && !rule.alone &&
      std::ranges::none_of(open_, [&](const Open& open) { return open.rule->tool == rule.tool; }))
    return;
  Match match{rule, {}};
  const re2::RE2& pattern = rule.pattern();
  const int wanted = std::min<int>(pattern.NumberOfCapturingGroups() + 1, static_cast<int>(match.parts.size()));
  const re2::StringPiece piece(text_.data(), text_.size());
  // A pattern that seldom matches is first asked whether it does: without groups that is several times faster.
  Tries& tries = tries_[static_cast<std::size_t>(&rule - tables_.rules.data())];
  if (tries.failed > 8 + 4 * tries.matched && !pattern.Match(piece, 0, text_.size(), re2::RE2::UNANCHORED, nullptr, 0))
    return;
  if (!pattern.Match(piece, 0, text_.size(), re2::RE2::UNANCHORED, match.parts.data(), wanted)) {
    ++tries.failed;
    return;
  }
  ++tries.matched;
  if (rule.is == RuleIs::section) return section(match.text(FormatGroup::name));
  see(rule.tool);
  if (!rule.only_in.empty() || !rule.enter.empty()) state_ends_ = number_ + kMostState;
  if (!rule.enter.empty() && states_[rule.tool] != rule.enter) {
    waited_for_ -= !states_[rule.tool].empty() && tables_.is_waited_for(rule.tool, states_[rule.tool]) ? 1 : 0;
    states_[rule.tool] = rule.enter;
    waited_for_ += tables_.is_waited_for(rule.tool, rule.enter) ? 1 : 0;
  }
  switch (rule.is) {
    case RuleIs::failure:
    case RuleIs::warning:
      return finding(rule, match, recent);
    case RuleIs::counts:
    case RuleIs::passed:
    case RuleIs::failed:
      return count(rule, match);
    case RuleIs::change:
      if (changes_.size() < 200) changes_.push_back({number_, std::string(text_)});
      return;
    case RuleIs::timing:
      if (timing_.size() < 200) timing_.push_back({number_, std::string(text_)});
      return;
    case RuleIs::scope:
      scopes_[rule.tool] = match.text(FormatGroup::name);
      of_scope_[rule.tool].reset();
      return;
    case RuleIs::start:
    case RuleIs::state:
    case RuleIs::section:
      return;
  }
}

void Recogniser::finding(const FormatRule& rule, const Match& match, const RecentLines& recent) {
  Finding found;
  found.tool = tables_.tools[rule.tool].name;
  found.kind = rule.kind;
  found.severity = rule.is == RuleIs::failure ? Severity::error : Severity::warning;
  found.name = match.text(FormatGroup::name);
  found.file = match.text(FormatGroup::file);
  found.line = bounded(match.number(FormatGroup::line));
  found.column = bounded(match.number(FormatGroup::column));
  const std::string_view message = match.text(FormatGroup::message);
  found.message = message.substr(0, message.find_last_not_of(' ') + 1);
  found.likely_cause = rule.cause;
  found.log_line = number_;
  found.consequence = rule.consequence;
  found.rank = rule.rank;
  bool is_new = true;
  if (rule.is == RuleIs::failure) {
    switch (rule.role) {
      case RuleRole::detail:
        is_new = !detail(rule, match);
        if (is_new && !rule.alone) return;
        break;
      case RuleRole::repeat:
        is_new = !repeats(rule, found);
        break;
      case RuleRole::head:
        is_new = !heads(rule, found);
        break;
      case RuleRole::normal:
        is_new = !in_scope(rule, found) && !absorbed(found);
        break;
    }
    value_ = std::max(value_, static_cast<float>(rule.rank) * (rule.consequence ? 0.5F : 1.0F));
  }
  claimed_ = true;
  if (is_new) place(std::move(found), rule, recent);
}

/// The output of a test that was named as failed before (by the progress): it is that one's.
bool Recogniser::heads(const FormatRule& rule, const Finding& finding) {
  if (rule.kind != FailureKind::test) return false;
  absorbed(finding);
  const auto same = by_last_part_.find(finding.tool + "\x1f" + std::string(last_test_name_part(finding.name)));
  if (same == by_last_part_.end()) return false;
  std::size_t looked = 0;
  for (const std::size_t at : same->second) {
    if (++looked > kMostSameName) break;
    if (is_listed_[at] != Listed::only || !same_test(failures_[at].name, finding.name)) continue;
    is_listed_[at] = Listed::yes;
    failures_[at].rank = std::max(failures_[at].rank, rule.rank);
    if (excerpt_bytes_ < kMostExcerptBytes) keep_line(failures_[at], number_, text_);
    open(at, false, rule);
    return true;
  }
  return false;
}

/// A line of an open failure's output that says more of it: what is not known yet, or the last that is said
/// (`last`: the innermost frame).
bool Recogniser::detail(const FormatRule& rule, const Match& match) {
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    if (open->warning || open->rule->tool != rule.tool) continue;
    Finding& finding = failures_[open->finding];
    if (const auto message = match.text(FormatGroup::message);
        !message.empty() && (finding.message.empty() || !open->rule->message_known || rule.last))
      if (finding.message.empty() || rule.last) finding.message = message;
    if (const auto file = match.text(FormatGroup::file); !file.empty() && (finding.file.empty() || rule.last)) {
      finding.file = file;
      finding.line = bounded(match.number(FormatGroup::line));
      finding.column = bounded(match.number(FormatGroup::column));
    }
    if (const auto name = match.text(FormatGroup::name); finding.name.empty()) finding.name = name;
    if (rule.closes) open->block_left = open->lines_left = 1;
    return true;
  }
  return false;
}

/// An entry of a list at the end, or of the progress, of a test that has its failure: completes that one.
bool Recogniser::repeats(const FormatRule& rule, const Finding& entry) {
  const std::string full = entry.tool + "\x1f" + entry.file + "\x1f" + entry.name;
  std::optional<std::size_t> of;
  if (const auto found = listed_.find(full); found != listed_.end()) {
    of = found->second;
  } else if (const auto same = by_last_part_.find(entry.tool + "\x1f" + std::string(last_test_name_part(entry.name)));
             same != by_last_part_.end()) {
    std::size_t looked = 0;
    for (const std::size_t at : same->second) {
      if (++looked > kMostSameName) break;
      const Finding& finding = failures_[at];
      if (is_listed_[at] != Listed::no || !same_test(finding.name, entry.name)) continue;
      if (!of) of = at;
      if (!entry.file.empty() && finding.file == entry.file) {
        of = at;
        break;
      }
    }
  }
  if (!of) return false;
  if (is_listed_[*of] == Listed::no) is_listed_[*of] = Listed::yes;
  listed_.emplace(full, *of);
  Finding& finding = failures_[*of];
  if (finding.message.empty()) finding.message = entry.message;
  if (finding.file.empty() || (finding.line == 0 && entry.line != 0)) {
    finding.file = entry.file;
    finding.line = entry.line;
    finding.column = entry.column;
  }
  // The longer name is the one by which the test can be run again.
  if (entry.name.size() > finding.name.size()) finding.name = entry.name;
  if (rule.after > 0 && finding.excerpt.size() < kMostExcerptLines) {
    keep_line(finding, number_, text_);
    open(*of, false, rule);
  }
  return true;
}

/// A failure without a name of its own is one of what the tool is doing right now: the second of one test goes to the
/// first.
bool Recogniser::in_scope(const FormatRule& rule, const Finding& finding) {
  if (!finding.name.empty() || scopes_[rule.tool].empty() || !of_scope_[rule.tool]) return false;
  Finding& first = failures_[*of_scope_[rule.tool]];
  if (first.excerpt.size() >= kMostExcerptLines) return true;
  keep_line(first, number_, text_);
  open(*of_scope_[rule.tool], false, rule);
  return true;
}

/// An exception within a failing test's output is that test's failure; one step's failure that wraps another's is its
/// consequence.
bool Recogniser::absorbed(const Finding& finding) {
  if (finding.severity != Severity::error) return false;
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    if (open->warning) continue;
    Finding& outer = failures_[open->finding];
    if (open->rule->wraps) {
      if (outer.tool != finding.tool && !finding.consequence) outer.consequence = true;
      continue;
    }
    const bool may = outer.kind == FailureKind::test || outer.kind == FailureKind::exception;
    if (!may || finding.kind != FailureKind::exception) continue;
    if (outer.message.empty()) outer.message = finding.message;
    return true;
  }
  return false;
}

void Recogniser::place(Finding finding, const FormatRule& rule, const RecentLines& recent) {
  const bool warning = finding.severity == Severity::warning;
  auto& list = list_of(warning);
  if (finding.name.empty() && !scopes_[rule.tool].empty() && !warning) {
    finding.name = scopes_[rule.tool];
    of_scope_[rule.tool] = list.size();
  }
  const std::string identity = finding.identity() +
                               (finding.message.empty() && finding.name.empty() ? masked(text_) : "") + "\x1f" +
                               std::to_string(finding.line);
  auto& known = warning ? known_warnings_ : known_failures_;
  const bool is_full = list.size() >= (warning ? limits_.warnings : limits_.failures);
  const auto [found, is_new] =
      is_full ? std::pair(known.find(identity), false) : known.try_emplace(identity, list.size());
  if (rule.role != RuleRole::head && !is_new && found != known.end()) {
    // Told twice (as it happens and in a list at the end): the first place keeps its lines.
    ++list[found->second].times;
    return;
  }
  if (is_full) {
    ++(warning ? warnings_not_kept_ : failures_not_kept_);
    return;
  }
  if (!warning) {
    is_listed_.push_back(rule.role == RuleRole::repeat ? Listed::only : Listed::no);
    if (rule.role == RuleRole::repeat)
      listed_.emplace(finding.tool + "\x1f" + finding.file + "\x1f" + finding.name, list.size());
    if (!finding.name.empty())
      by_last_part_[finding.tool + "\x1f" + std::string(last_test_name_part(finding.name))].push_back(list.size());
  }
  if (excerpt_bytes_ < kMostExcerptBytes) {
    for (std::size_t back = std::min<std::size_t>(rule.before, recent.size()); back > 0; --back)
      keep_line(finding, recent.before(back).number, recent.before(back).text);
    keep_line(finding, number_, text_);
  }
  list.push_back(std::move(finding));
  open(list.size() - 1, warning, rule);
}

void Recogniser::open(std::size_t at, bool warning, const FormatRule& rule) {
  if (rule.after == 0 || excerpt_bytes_ >= kMostExcerptBytes) return;
  // A test's output ends where that of the next begins.
  if (rule.kind == FailureKind::test && !warning)
    std::erase_if(open_, [&](const Open& open) {
      return open.rule->tool == rule.tool && !open.warning && open.rule->role != RuleRole::detail;
    });
  if (open_.size() >= kMostOpen) open_.erase(open_.begin());
  const bool has_end = rule.has_until() || rule.block_lines;
  open_.push_back({at, warning, rule.after + 1, has_end ? kMostBlock : rule.after + 1, number_, &rule});
}

void Recogniser::count(const FormatRule& rule, const Match& match) {
  Counts counts;
  counts.tool = tables_.tools[rule.tool].name;
  counts.passed = match.number(FormatGroup::passed);
  counts.failed = match.number(FormatGroup::failed);
  counts.skipped = match.number(FormatGroup::skipped);
  counts.errors = match.number(FormatGroup::errors);
  counts.warnings = match.number(FormatGroup::warnings);
  counts.line = {number_, std::string(text_)};
  const bool bad = counts.failed.value_or(0) > 0 || counts.errors.value_or(0) > 0 || rule.is == RuleIs::failed;
  const bool good = !bad && (rule.is == RuleIs::passed || counts.failed || counts.passed || counts.errors);
  // One of several runs of a tool that failed is a failure, unless the tool says of the whole that it passed.
  const auto said = says_.find(counts.tool);
  const bool outweighs = bad || rule.is == RuleIs::passed || said == says_.end() || !said->second.bad;
  if ((bad || good) && outweighs) says_[counts.tool] = {bad, number_};
  counts_.push_back(std::move(counts));
  if (counts_.size() > 2000) counts_.erase(counts_.begin(), counts_.begin() + 1000);
}

void Recogniser::keep_line(Finding& finding, std::uint64_t number, std::string_view text) {
  if (!finding.excerpt.empty() && finding.excerpt.back().number >= number) return;
  excerpt_bytes_ += text.size() + sizeof(LogLine);
  finding.excerpt.push_back({number, std::string(text)});
}

/// Gives this line to the excerpts that are open; one that began with this line has it already.
void Recogniser::extend() {
  for (std::size_t i = 0; i < open_.size();) {
    Open& open = open_[i];
    Finding& finding = list_of(open.warning)[open.finding];
    bool ends = false;
    if (open.since != number_) {
      ends = (open.rule->has_until() &&
              re2::RE2::PartialMatch(re2::StringPiece(text_.data(), text_.size()), open.rule->until())) ||
             (open.rule->block_lines && text_.empty() && number_ > open.since + 1);
      // Of a library's frames the innermost stays: the user's own are what is read.
      const bool passed_over = !ends && is_library_frame(text_) && open.library_frames++ > 0;
      if (!ends && !passed_over && open.lines_left > 0) {
        keep_line(finding, number_, text_);
        if (finding.message.empty() && !open.rule->message_known) finding.message = said_in(text_);
      }
    }
    if (open.lines_left > 0) --open.lines_left;
    ends = ends || --open.block_left == 0 || excerpt_bytes_ > kMostExcerptBytes;
    if (ends)
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

void Recogniser::finish(Summary& summary, std::uint64_t lines) {
  for (const std::uint32_t tool : tool_order_) summary.tools.push_back(tables_.tools[tool].name);
  summary.counts = std::move(counts_);
  summary.changes = std::move(changes_);
  summary.timing = std::move(timing_);
  summary.failures = std::move(failures_);
  summary.warnings = std::move(warnings_);
  summary.failures_not_kept = failures_not_kept_;
  summary.warnings_not_kept = warnings_not_kept_;
  for (auto* list : {&summary.failures, &summary.warnings})
    for (Finding& finding : *list)
      if (finding.message.empty())
        for (const LogLine& line : finding.excerpt)
          if (const auto said = said_in(line.text); line.number > finding.log_line && !said.empty()) {
            finding.message = said;
            break;
          }
  if (!title_.empty() && !spans_.empty() && spans_.back().title == title_) spans_.back().last = lines;
  std::uint64_t next = 1;
  for (Part& span : spans_) {
    if (span.last < next) continue;
    span.first = std::max(span.first, next);
    if (span.first > next) summary.parts.push_back({next, span.first - 1, {}, {}});
    next = span.last + 1;
    summary.parts.push_back(std::move(span));
  }
  if (next <= lines) summary.parts.push_back({next, lines, {}, {}});
}

}  // namespace skein::summary
