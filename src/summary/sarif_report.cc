// SARIF 2.1.0 as input: results of errors are failures, those of warnings and notes are warnings.
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "engine/schema.h"
#include "summary/report_file.h"
#include "summary/visible_line.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;
constexpr std::size_t kTold = 4096;  ///< Bytes within which a SARIF file says that it is one.
constexpr std::size_t kMostDepth = 64;

/// Counts lines as the parser goes.
struct CountingBytes {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  std::uint64_t* lines;

  const char& operator*() const { return *at; }
  CountingBytes& operator++() {
    if (*at == '\n') ++*lines;
    ++at;
    return *this;
  }
  CountingBytes operator++(int) {
    const CountingBytes before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingBytes& other) const { return at == other.at; }
};

/// Follows the parser: `path_` names where it is, as "/runs/[]/results/[]".
class Results {
 public:
  using Json = engine::Json;

  Results(ReportLimits limits, const std::uint64_t& lines) : limits_(limits), lines_(lines) {}

  std::optional<Report> take() {
    if (!is_sarif_) return std::nullopt;
    for (auto& [finding, own_level] : found_) {
      const auto level = levels_.find(finding.name);
      const std::string said = !own_level.empty() ? own_level : level != levels_.end() ? level->second : "warning";
      if (said == "none") continue;
      finding.severity = said == "error" ? Severity::error : Severity::warning;
      const bool error = finding.severity == Severity::error;
      auto& list = error ? report_.failures : report_.warnings;
      if (list.size() >= (error ? limits_.failures : limits_.warnings))
        ++(error ? report_.failures_not_kept : report_.warnings_not_kept);
      else
        list.push_back(std::move(finding));
      ++(error ? errors_ : warnings_);
    }
    report_.counts.tool = tool_.empty() ? "sarif" : tool_;
    report_.counts.line.text = fmt::format("{} errors, {} warnings", errors_, warnings_);
    report_.counts.errors = errors_;
    report_.counts.warnings = warnings_;
    for (auto* list : {&report_.failures, &report_.warnings})
      for (Finding& finding : *list) finding.tool = report_.counts.tool;
    return std::move(report_);
  }

  // What nlohmann's parser calls.
  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t number) {
    if (path_ == "/runs/[]/results/[]/locations/[]/physicalLocation/region/startLine" && now_.line == 0)
      now_.line = bounded(number);
    if (path_ == "/runs/[]/results/[]/locations/[]/physicalLocation/region/startColumn" && now_.column == 0)
      now_.column = bounded(number);
    return true;
  }
  bool number_float(Json::number_float_t, const std::string&) { return true; }
  bool binary(Json::binary_t&) { return false; }
  bool string(std::string& text) {
    if (path_ == "/version") {
      is_sarif_ = is_sarif_ || text == "2.1.0";
    } else if (path_ == "/runs/[]/tool/driver/name") {
      if (tool_.empty()) tool_ = first_visible_line(text);
    } else if (path_ == "/runs/[]/tool/driver/rules/[]/id") {
      rule_ = first_visible_line(text);
    } else if (path_ == "/runs/[]/tool/driver/rules/[]/defaultConfiguration/level") {
      rule_level_ = text;
    } else if (path_ == "/runs/[]/results/[]/ruleId") {
      now_.name = first_visible_line(text);
    } else if (path_ == "/runs/[]/results/[]/level") {
      level_ = text;
    } else if (path_ == "/runs/[]/results/[]/kind") {
      counts_ = counts_ && text == "fail";
    } else if (path_ == "/runs/[]/results/[]/baselineState") {
      counts_ = counts_ && text != "absent";
    } else if (path_ == "/runs/[]/results/[]/message/text") {
      now_.message = first_visible_line(text);
      now_.log_line = lines_;
    } else if (path_ == "/runs/[]/results/[]/locations/[]/physicalLocation/artifactLocation/uri") {
      if (now_.file.empty()) now_.file = first_visible_line(text.starts_with("file://") ? text.substr(7) : text);
    }
    return true;
  }
  bool start_object(std::size_t) { return open(); }
  bool key(std::string& name) {
    path_.resize(ends_.back());
    path_ += "/" + name;
    return path_.size() < 4096;
  }
  bool end_object() {
    path_.resize(ends_.back());
    ends_.pop_back();
    if (path_ == "/runs/[]/results/[]") {
      kept_bytes_ += counts_ ? bytes_of(now_) : 0;
      if (counts_ && found_.size() < limits_.failures + limits_.warnings && kept_bytes_ <= limits_.text)
        found_.push_back({std::move(now_), level_});
      else if (counts_)
        ++report_.failures_not_kept;
    } else if (path_ == "/runs/[]/tool/driver/rules/[]") {
      if (!rule_level_.empty()) levels_.emplace(rule_, rule_level_);
    }
    return true;
  }
  bool start_array(std::size_t) {
    if (!open()) return false;
    path_ += "/[]";
    return true;
  }
  bool end_array() {
    path_.resize(ends_.back());
    ends_.pop_back();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  static std::uint32_t bounded(std::uint64_t number) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 0xffffffff));
  }
  bool open() {
    if (path_ == "/runs/[]/results/[]") {
      now_ = {};
      now_.kind = FailureKind::lint;
      now_.rank = 85;
      level_.clear();
      counts_ = true;
    } else if (path_ == "/runs/[]/tool/driver/rules/[]") {
      rule_.clear();
      rule_level_.clear();
    } else if (path_ == "/runs/[]/results/[]/suppressions/[]") {
      counts_ = false;
    }
    ends_.push_back(path_.size());
    return ends_.size() < kMostDepth;
  }

  ReportLimits limits_;
  const std::uint64_t& lines_;
  Report report_;
  std::string path_;
  std::vector<std::size_t> ends_;  // The sizes of `path_` at which open objects and arrays began.
  struct Found {
    Finding finding;
    std::string level;  // Its own; empty where its rule's holds.
  };
  Finding now_;
  std::string level_;
  std::size_t kept_bytes_ = 0;
  bool counts_ = false;  // Whether the result that is read is a finding of now.
  std::vector<Found> found_;
  std::map<std::string, std::string> levels_;  // Of rules.
  std::string rule_, rule_level_, tool_;
  bool is_sarif_ = false;
  std::int64_t errors_ = 0, warnings_ = 0;
};

class SarifReport final : public ReportFormat {
 public:
  explicit SarifReport(ReportLimits limits) : limits_(limits) {}

  bool add(std::string_view bytes) override {
    const bool was_told = text_.size() >= kTold;
    text_ += bytes.substr(0, kMostBytes + 1 - text_.size());
    if (!was_told && text_.size() >= kTold && !tells()) return false;
    return text_.size() <= kMostBytes;
  }

  std::optional<Report> finish() override {
    if (!tells()) return std::nullopt;
    std::uint64_t lines = 1;
    Results results(limits_, lines);
    if (!engine::Json::sax_parse(CountingBytes{text_.data(), &lines},
                                 CountingBytes{text_.data() + text_.size(), &lines}, &results))
      return std::nullopt;
    return results.take();
  }

 private:
  [[nodiscard]] bool tells() const {
    const std::string_view start = std::string_view(text_).substr(0, kTold);
    return start.find("sarif") != std::string_view::npos || start.find("\"runs\"") != std::string_view::npos;
  }

  ReportLimits limits_;
  std::string text_;
};

}  // namespace

std::unique_ptr<ReportFormat> make_sarif_report(ReportLimits limits) { return std::make_unique<SarifReport>(limits); }

}  // namespace skein::summary
