// Reports that tools write for programs, read as logs: JUnit's XML and SARIF 2.1.0. A log is one only as a whole; what
// ends too early, or is something else, is none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "summary/summary.h"

namespace skein::summary {

/// What a report says. Texts are as of visible_line.
struct Report {
  Counts counts;                  ///< Of the whole, without a line; its tool is what made the report.
  std::vector<Finding> failures;  ///< In the order of the report.
  std::vector<Finding> warnings;
  std::uint64_t failures_not_kept = 0, warnings_not_kept = 0;
};

/// One format of reports. Chunks may be cut anywhere.
class ReportFormat {
 public:
  virtual ~ReportFormat() = default;
  /// False once it is known that this is no such report.
  virtual bool add(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::optional<Report> finish() = 0;
};

struct ReportLimits {
  std::size_t failures = 20'000;  ///< Kept; more are counted.
  std::size_t warnings = 2'000;
  std::size_t text = 12 << 20;  ///< Bytes of all that is kept; what comes when they are used up is counted.
};

/// Of its texts, for ReportLimits::text.
[[nodiscard]] std::size_t bytes_of(const Finding& finding);

/// Reads `<testsuites>` and `<testsuite>` as they come: memory by the limits.
[[nodiscard]] std::unique_ptr<ReportFormat> make_junit_report(ReportLimits limits);
/// Holds the text, at most 16 MiB: larger ones are none.
[[nodiscard]] std::unique_ptr<ReportFormat> make_sarif_report(ReportLimits limits);

/// Tells by a log's first bytes which format to try. One pass; costs nothing for a log that is no report.
class ReportReader {
 public:
  explicit ReportReader(ReportLimits limits) : limits_(limits) {}
  void add(std::string_view bytes);
  /// None where the log was no report, or not a whole one.
  [[nodiscard]] std::optional<Report> finish();

 private:
  ReportLimits limits_;
  std::size_t mark_ = 0;  // Bytes of a byte order mark that were seen.
  bool decided_ = false;
  std::unique_ptr<ReportFormat> format_;  // Null: undecided, or no report.
};

}  // namespace skein::summary
