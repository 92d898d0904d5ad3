// What a log says, as one typed value: the verdict, the failures, the warnings, and where the rest of the log went.
// Every rendering is made of it; it holds no text that a reader's terminal could obey.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "engine/schema.h"

namespace skein::summary {

/// `unknown`: the tool did not run, nothing was understood, or what was understood contradicts how the command ended.
enum class Verdict { pass, fail, unknown };
enum class FailureKind {
  compile,     ///< A compiler or a type checker refused a file.
  link,        ///< A linker could not put a program together.
  test,        ///< A test failed.
  lint,        ///< A linter's or formatter's finding.
  crash,       ///< A program was killed by a signal or a sanitizer.
  exception,   ///< An exception that nobody caught, with its stack.
  dependency,  ///< A package or file could not be got.
  step,        ///< A tool says that a step, task or command failed: mostly the consequence of another failure.
  timeout,     ///< Something took longer than its limit.
  other,
};
enum class Severity { error, warning };

std::span<const engine::Choice<Verdict>> choices_of(Verdict);
std::span<const engine::Choice<FailureKind>> choices_of(FailureKind);
std::span<const engine::Choice<Severity>> choices_of(Severity);

/// What is known of the command whose output the log is. All of it is empty for a file.
struct RunFacts {
  std::vector<std::string> argv;
  std::optional<int> exit_code;  ///< As the shell says it: 128 + signal for a killed one.
  std::optional<int> signal;     ///< That killed it.
  bool timed_out = false;
  bool not_started = false;  ///< The program could not be run at all.
  std::optional<Micros> wall;

  /// Whether it is known how the command ended.
  [[nodiscard]] bool known() const { return exit_code || signal || timed_out || not_started; }
  [[nodiscard]] bool succeeded() const { return exit_code == 0 && !signal && !timed_out && !not_started; }
};

/// A line of the log as people see it: no escape sequences, no overwritten parts, no time stamp of the CI system, valid
/// UTF-8, at most 4 KiB.
struct LogLine {
  std::uint64_t number = 0;  ///< From 1; lines end at LF.
  std::string text;
};

/// One thing that is wrong, from a recogniser.
struct Finding {
  std::string tool;  ///< The recogniser's name: "pytest", "gcc".
  FailureKind kind = FailureKind::other;
  Severity severity = Severity::error;
  std::string name;                    ///< Of the test, the rule, the diagnostic's code or the target; may be empty.
  std::string file;                    ///< As the tool wrote it.
  std::uint32_t line = 0, column = 0;  ///< From 1; 0 unknown.
  std::string message;
  std::string likely_cause;      ///< In our words, where the message has a usual cause; may be empty.
  std::vector<LogLine> excerpt;  ///< The lines of the log that say it, in order; some may be missing in the middle.
  std::uint64_t log_line = 0;    ///< Where it stands in the log.
  std::uint64_t times = 1;       ///< How often the same was said.
  bool consequence = false;      ///< Follows from a failure above it (make's "Error 1", a link after a failed compile).
  int rank = 50;                 ///< The rule's priority: 100 is shown before 0.

  /// The same for the same failure in another run: tool, name, file, message with its numbers masked.
  [[nodiscard]] std::string identity() const;
};

/// What a tool counted by itself.
struct Counts {
  std::string tool;
  std::optional<std::int64_t> passed, failed, skipped, errors, warnings;
  LogLine line;  ///< Its closing line.
};

/// Lines that no recogniser claimed and that are worth reading, best first.
struct Passage {
  std::vector<LogLine> lines;  ///< In the order of the log; neighbours, but for lines that say nothing.
  std::vector<float> values;   ///< Of each line.
  double value = 0;            ///< Of its best line; 1 is a plain line, 100 the cause itself.
  std::string why;             ///< "says error:, stands before the failed command's end, not in the last good run"
  std::uint64_t times = 1;     ///< Of the template of its best line in this log.
  bool fresh = false;          ///< Its best line has no like in the last successful run of the command.
  bool is_quiet = false;       ///< Its best line is a command, or says nothing by itself.
};

/// Where a range of lines belongs: the parts of a log, one after the other, without gaps.
struct Part {
  std::uint64_t first = 0, last = 0;  ///< Line numbers, inclusive.
  std::string tool;                   ///< The recogniser whose output it is; empty where none claimed it.
  std::string title;                  ///< Of the CI system's group that it stands in; may be empty.
};

/// The whole of what is known about a log.
struct Summary {
  Verdict verdict = Verdict::unknown;
  std::string
      verdict_reason;  ///< "exit code 2", "pytest says 1 failed", "no known format, and how it ended is unknown"
  RunFacts run;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> tools;       ///< That were recognised, in the order in which they appear.
  std::vector<Counts> counts;           ///< In the order of the log.
  std::vector<Finding> failures;        ///< The first cause first.
  std::vector<Finding> warnings;        ///< In the order of the log, the same ones once.
  std::uint64_t failures_not_kept = 0;  ///< Beyond the bound of what is kept (see SummarizerOptions).
  std::uint64_t warnings_not_kept = 0;
  std::vector<LogLine> changes;  ///< What the command says it changed: files written, packages installed, branches.
  std::vector<LogLine> timing;   ///< What it says about time.
  std::vector<Passage> passages;
  std::vector<LogLine> head, tail;  ///< The first and the last lines of the log.
  std::vector<Part> parts;
  std::optional<std::string> whole;  ///< The log itself, lines as in LogLine, where it is at most 256 KiB.
};

/// Failures of `now` that `before` has not, the other way round, and those of both, by identity.
struct Comparison {
  std::vector<Finding> added, fixed, still;
};
[[nodiscard]] Comparison compare(const Summary& before, const Summary& now);

}  // namespace skein::summary
