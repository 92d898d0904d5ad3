#include "summary/report_file.h"

namespace skein::summary {

std::size_t bytes_of(const Finding& finding) {
  std::size_t bytes = sizeof(Finding) + finding.name.size() + finding.file.size() + finding.message.size();
  for (const LogLine& line : finding.excerpt) bytes += sizeof(LogLine) + line.text.size();
  return bytes;
}

void ReportReader::add(std::string_view bytes) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  while (!decided_ && !bytes.empty()) {
    const char c = bytes.front();
    if (mark_ < kMark.size() && c == kMark[mark_]) {
      ++mark_;
    } else if (c == '<' || c == '{') {
      decided_ = true;
      format_ = c == '<' ? make_junit_report(limits_) : make_sarif_report(limits_);
      break;
    } else {
      decided_ = true;
    }
    bytes.remove_prefix(1);
  }
  if (format_ != nullptr && !format_->add(bytes)) format_.reset();
}

std::optional<Report> ReportReader::finish() { return format_ != nullptr ? format_->finish() : std::nullopt; }

}  // namespace skein::summary
