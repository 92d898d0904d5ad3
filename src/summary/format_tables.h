// The rules of all recognisers as the summarizer uses them.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>

#include <re2/re2.h>

#include "summary/formats.h"
#include "summary/line_scan.h"
#include "summary/line_value.h"
#include "summary/literal_finder.h"
#include "summary/summary.h"

namespace skein::summary {

enum class RuleIs { failure, warning, counts, start, passed, failed, change, timing, state, scope, section };

/// How a failure's rule goes with other failures of its tool; docs/summaries.md says what each is for.
enum class RuleRole {
  normal,  ///< The same one said again is counted as said again.
  head,    ///< Always a new failure, whose output follows.
  detail,  ///< Says more of the failure whose output it stands in.
  repeat,  ///< Names a test that may have its failure already.
};

enum class FormatGroup { file, line, column, name, message, passed, failed, skipped, errors, warnings };
inline constexpr std::array<std::string_view, 10> kGroupNames{"file",   "line",   "column",  "name",   "message",
                                                              "passed", "failed", "skipped", "errors", "warnings"};

/// A pattern that is compiled when it is first needed: a short log needs few of them.
class LazyPattern {
 public:
  explicit LazyPattern(std::string text) : text_(std::move(text)) {}
  /// Thread-safe. The text is a pattern: `Formats::with` sees to it for those of users, a test for ours.
  const re2::RE2& get() const;
  [[nodiscard]] int group(FormatGroup group) const { return groups_[static_cast<std::size_t>(group)]; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<re2::RE2> pattern_;
  mutable std::array<int, kGroupNames.size()> groups_{};
};

struct FormatRule {
  std::uint32_t tool = 0;
  int turn = 0;  ///< Rules are tried in the order of their turns.
  RuleIs is = RuleIs::start;
  RuleRole role = RuleRole::normal;
  FailureKind kind = FailureKind::other;
  int rank = 50;
  bool consequence = false;
  bool block_lines = false;    ///< Lines of the excerpt end at the first blank one.
  bool wraps = false;          ///< A failure of another tool in its output makes this one a consequence.
  bool alone = false;          ///< A detail outside of a failure's output is a failure by itself.
  bool last = false;           ///< Of several details the last counts.
  bool closes = false;         ///< A detail after which the failure's output has ended.
  bool message_known = false;  ///< Some rule of the tool finds the message: the next line is not taken for it.
  std::uint32_t before = 0, after = 0;
  std::string only_in, enter, cause;
  std::unique_ptr<LazyPattern> match_pattern, until_pattern;
  std::vector<std::string> words;

  [[nodiscard]] const re2::RE2& pattern() const { return match_pattern->get(); }
  [[nodiscard]] bool has_until() const { return until_pattern != nullptr; }
  [[nodiscard]] const re2::RE2& until() const { return until_pattern->get(); }
  /// The number of a named group; 0 where the pattern has none. After `pattern()`.
  [[nodiscard]] int group(FormatGroup which) const { return match_pattern->group(which); }
};

class Formats::Tables {
 public:
  std::vector<Formats::Tool> tools;
  std::vector<FormatRule> rules;  ///< In the order of files and of rules in them.
  std::vector<std::string> words;
  std::vector<std::vector<std::uint32_t>> rules_of_word;
  LiteralFinder finder;

  /// Whether some rule of the tool waits for this state.
  [[nodiscard]] bool is_waited_for(std::uint32_t tool, std::string_view state) const;

  /// For long logs: knows no words of rules that wait for a state. Made when first asked for. Thread-safe.
  const LineScanner& scanner() const {
    std::call_once(scanner_once_,
                   [&] { scanner_ = std::make_unique<LineScanner>(words_of_all_states(), telling_words()); });
    return *scanner_;
  }

 private:
  [[nodiscard]] std::vector<std::string> words_of_all_states() const;

  mutable std::once_flag scanner_once_;
  mutable std::unique_ptr<LineScanner> scanner_;
};

}  // namespace skein::summary
