// Applies the rules of all formats to the lines of a log: findings with their excerpts, what tools count and say, and
// which lines are whose. One failing test is one failure, however often its runner prints it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "summary/format_tables.h"
#include "summary/recent_lines.h"
#include "summary/summary.h"
#include "summary/verdict.h"

namespace skein::summary {

struct RecogniserLimits {
  std::size_t failures = 20'000;  ///< Kept; more are counted.
  std::size_t warnings = 2'000;
};

/// `tables` must outlive it. Linear in the log but for the patterns' own work.
class Recogniser {
 public:
  Recogniser(const Formats::Tables& tables, RecogniserLimits limits);

  /// The next line, `recent` holding those before it. What a failure found in it is worth, as LineValue::value; 0 where
  /// it is none. `may_match` is false where it is known that no word of a rule that waits for no state occurs in it.
  float line(std::uint64_t number, std::string_view text, const RecentLines& recent, bool may_match = true);

  /// Whether `line` would do nothing for a line without a rule's word.
  [[nodiscard]] bool is_idle() const { return waited_for_ == 0 && open_.empty(); }

  /// Puts what was found into `summary`, which has its verdict's inputs then; `lines` is the number of all.
  void finish(Summary& summary, std::uint64_t lines);
  [[nodiscard]] const Says& says() const { return says_; }

 private:
  /// A failure whose output goes on: lines for its excerpt, and what else belongs to it.
  struct Open {
    std::size_t finding;
    bool warning;
    std::uint32_t lines_left;  // For the excerpt.
    std::uint32_t block_left;  // Until the failure's output is taken for ended whatever comes.
    std::uint64_t since;       // The line that opened it.
    const FormatRule* rule;
    std::uint32_t library_frames = 0;  // That its output had.
  };
  struct Match;

  void see(std::uint32_t tool);
  void section(std::string_view title);
  void finding(const FormatRule& rule, const Match& match, const RecentLines& recent);
  bool detail(const FormatRule& rule, const Match& match);
  void apply(const FormatRule& rule, const RecentLines& recent, bool details);
  bool heads(const FormatRule& rule, const Finding& finding);
  bool repeats(const FormatRule& rule, const Finding& finding);
  bool in_scope(const FormatRule& rule, const Finding& finding);
  bool absorbed(const Finding& finding);
  void place(Finding finding, const FormatRule& rule, const RecentLines& recent);
  void open(std::size_t at, bool warning, const FormatRule& rule);
  void count(const FormatRule& rule, const Match& match);
  void keep_line(Finding& finding, std::uint64_t number, std::string_view text);
  void extend();
  std::vector<Finding>& list_of(bool warning) { return warning ? warnings_ : failures_; }

  const Formats::Tables& tables_;
  const RecogniserLimits limits_;
  std::uint64_t number_ = 0;
  std::string_view text_;
  bool claimed_ = false;  // The line is a finding already.
  float value_ = 0;
  std::vector<std::uint64_t> tried_;  // The line for which a rule was last tried.
  struct Tries {
    std::uint64_t matched = 0, failed = 0;
  };
  std::vector<Tries> tries_;  // Of each rule's pattern with its groups.
  std::vector<std::uint32_t> hits_;
  std::vector<std::string> states_;                   // Of each tool.
  int waited_for_ = 0;                                // Of the states, those for which rules wait.
  std::uint64_t state_ends_ = 0;                      // The line after which all states end.
  std::vector<std::string> scopes_;                   // The name of what each tool is doing.
  std::vector<std::optional<std::size_t>> of_scope_;  // Its failure.
  std::vector<std::uint32_t> tool_order_;
  std::vector<bool> is_seen_;  // Of each tool.
  std::vector<Part> spans_;
  std::string title_;
  std::vector<Open> open_;
  std::size_t excerpt_bytes_ = 0;
  std::vector<Finding> failures_, warnings_;
  std::uint64_t failures_not_kept_ = 0, warnings_not_kept_ = 0;
  std::unordered_map<std::string, std::size_t> known_failures_, known_warnings_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_last_part_;  // Failures by tool and test.
  std::unordered_map<std::string, std::size_t> listed_;                     // Names in a runner's list.
  enum class Listed : char { no, yes, only };                               // `only`: nothing else is known of it.
  std::vector<Listed> is_listed_;                                           // Of each failure.
  std::vector<Counts> counts_;
  std::vector<LogLine> changes_, timing_;
  Says says_;
};

}  // namespace skein::summary
