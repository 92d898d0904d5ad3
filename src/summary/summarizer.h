// A log goes in as a stream, a Summary comes out. One pass, memory that does not grow with the log (64 MiB at most),
// time linear in it. What is not understood is said to be unknown and shown for what its lines are worth.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "summary/formats.h"
#include "summary/line_scan.h"
#include "summary/summary.h"

namespace skein::summary {

struct SummarizerOptions {
  const Formats* formats = nullptr;  ///< Null: `builtin_formats()`. Must outlive the Summarizer.
  std::string_view baseline;         ///< `Summarizer::baseline()` of the last successful run of the command, or empty.
  std::size_t most_failures = 20'000;  ///< Kept; more are counted.
  std::size_t most_warnings = 2'000;
};

/// Use once: `add` any number of times, then `finish`. The chunks may be cut anywhere, also within a character or an
/// escape sequence: the result depends on the bytes only. Not thread-safe; several may run at once.
class Summarizer {
 public:
  explicit Summarizer(const SummarizerOptions& options = {});
  ~Summarizer();
  Summarizer(Summarizer&&) noexcept;
  Summarizer& operator=(Summarizer&&) noexcept;

  /// The next bytes of the log, whatever they are.
  void add(std::string_view bytes);
  /// The part of the work on whole lines (`lines` ends with LF and has less than 4 GiB) that needs nothing of what
  /// stands before them. Another thread may do it meanwhile, with `scanned` of its own.
  void scan(std::string_view lines, ScannedLines& scanned) const;
  /// The next bytes, of which it was done.
  void add(std::string_view lines, const ScannedLines& scanned);
  /// The verdict never contradicts `facts`: a command that did not exit with 0 has not passed, one that did has not
  /// failed (it is `unknown` where its own words say that it failed).
  [[nodiscard]] Summary finish(const RunFacts& facts = {});

  /// After `finish`: what this log's lines look like, for the next run of the same command (`SummarizerOptions::
  /// baseline`). At most 512 KiB, versioned; one of another version counts as none.
  [[nodiscard]] std::string baseline() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

/// All at once.
[[nodiscard]] Summary summarize(std::string_view log, const RunFacts& facts = {},
                                const SummarizerOptions& options = {});

}  // namespace skein::summary
