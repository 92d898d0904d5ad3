// JUnit's XML, as Surefire, Gradle, pytest, jest-junit, Catch2, GoogleTest and many others write it.
#include <array>
#include <climits>
#include <optional>

#include <expat.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include "summary/report_file.h"
#include "summary/stack_frame.h"
#include "summary/visible_line.h"

namespace skein::summary {
namespace {

constexpr std::size_t kMostDepth = 100;
constexpr std::size_t kMostText = 64 << 10;  ///< Of one failure.
constexpr std::size_t kMostLines = 40;       ///< Of one failure's excerpt.

struct FreeParser {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};

std::string_view attribute(const char** attributes, std::string_view name) {
  for (; attributes[0] != nullptr; attributes += 2)
    if (attributes[0] == name) return attributes[1];
  return {};
}

std::uint32_t number(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 9)) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

/// Of the places that the text of a failure names, the first that is no library's.
void find_place(std::string_view text, Finding& finding) {
  static const re2::RE2 kPlace(R"x((?:File "([^"\n]+)", line (\d+)|([\w@./\\-]+\.[A-Za-z]\w{0,4}):(\d+)))x");
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::array<std::string, 4> parts;
    if (is_library_frame(line) || !re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kPlace, &parts[0],
                                                          &parts[1], &parts[2], &parts[3]))
      continue;
    finding.file = first_visible_line(parts[0].empty() ? parts[2] : parts[0]);
    finding.line = number(parts[0].empty() ? parts[3] : parts[1]);
    return;
  }
}

class JunitReport final : public ReportFormat {
 public:
  explicit JunitReport(ReportLimits limits) : limits_(limits), parser_(XML_ParserCreate(nullptr)) {
    report_.counts.tool = "junit";
    if (parser_ == nullptr) return;
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), begin, end);
    XML_SetCharacterDataHandler(parser_.get(), characters);
    XML_SetEntityDeclHandler(parser_.get(), entity);
  }

  bool add(std::string_view bytes) override {
    while (!refused_ && parser_ != nullptr && !bytes.empty()) {
      const std::string_view some = bytes.substr(0, INT_MAX);
      if (XML_Parse(parser_.get(), some.data(), static_cast<int>(some.size()), XML_FALSE) != XML_STATUS_OK) break;
      bytes.remove_prefix(some.size());
    }
    return bytes.empty() && !refused_;
  }

  std::optional<Report> finish() override {
    if (refused_ || parser_ == nullptr || XML_Parse(parser_.get(), "", 0, XML_TRUE) != XML_STATUS_OK)
      return std::nullopt;
    report_.counts.line.text = fmt::format("{} passed, {} failed, {} skipped", passed_, failed_, skipped_);
    report_.counts.passed = passed_;
    report_.counts.failed = failed_;
    report_.counts.skipped = skipped_;
    return std::move(report_);
  }

 private:
  static void XMLCALL begin(void* data, const char* name, const char** attributes) {
    static_cast<JunitReport*>(data)->element(name, attributes);
  }
  static void XMLCALL end(void* data, const char* name) { static_cast<JunitReport*>(data)->element_ends(name); }
  static void XMLCALL characters(void* data, const char* text, int size) {
    static_cast<JunitReport*>(data)->text(std::string_view(text, static_cast<std::size_t>(size)));
  }
  static void XMLCALL entity(void* data, const char*, int, const char*, int, const char*, const char*, const char*,
                             const char*) {
    static_cast<JunitReport*>(data)->refuse();
  }

  void refuse() {
    refused_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  [[nodiscard]] std::uint64_t log_line() const { return XML_GetCurrentLineNumber(parser_.get()); }

  void element(std::string_view name, const char** attributes) {
    if (refused_) return;
    if (++depth_ > kMostDepth || (depth_ == 1 && name != "testsuites" && name != "testsuite")) return refuse();
    if (name == "testsuite") {
      suite_ = attribute(attributes, "name");
      suite_file_ = attribute(attributes, "file");
    } else if (name == "testcase") {
      case_ = Finding{};
      case_.kind = FailureKind::test;
      case_.tool = report_.counts.tool;
      case_.rank = 88;
      case_.name = name_of(attribute(attributes, "classname"), attribute(attributes, "name"));
      case_.file = first_visible_line(attribute(attributes, "file"));
      if (case_.file.empty()) case_.file = first_visible_line(suite_file_);
      case_.line = number(attribute(attributes, "line"));
      in_case_ = true;
      case_failed_ = case_skipped_ = false;
    } else if (name == "skipped") {
      case_skipped_ = in_case_;
    } else if (name == "failure" || name == "error") {
      // Of a whole suite: its set-up failed.
      if (!in_case_)
        case_ = Finding{.tool = report_.counts.tool, .kind = FailureKind::test, .name = first_visible_line(suite_)};
      if (case_.message.empty()) case_.message = first_visible_line(attribute(attributes, "message"));
      if (case_.message.empty()) case_.message = first_visible_line(attribute(attributes, "type"));
      if (!case_failed_) case_.log_line = log_line();
      case_failed_ = true;
      taking_ = depth_;
      text_.clear();
      text_line_ = 0;
    }
  }

  void text(std::string_view text) {
    if (refused_ || taking_ == 0) return;
    if (text_line_ == 0) text_line_ = log_line();
    text_.append(text.substr(0, kMostText - std::min(kMostText, text_.size())));
  }

  void element_ends(std::string_view name) {
    if (refused_) return;
    if (taking_ == depth_) {
      taking_ = 0;
      take_text();
      if (!in_case_) keep();
    }
    --depth_;
    if (name != "testcase") return;
    in_case_ = false;
    if (case_failed_)
      keep();
    else
      ++(case_skipped_ ? skipped_ : passed_);
  }

  void take_text() {
    if (case_.line == 0) {
      Finding place;
      find_place(text_, place);
      // A file that the report names is right; its text may know the line.
      if (case_.file.empty() || place.file.ends_with(case_.file) || case_.file.ends_with(place.file)) {
        if (case_.file.empty()) case_.file = place.file;
        case_.line = place.line;
      }
    }
    std::uint64_t line = text_line_;
    std::size_t frames = 0;  // Of libraries: the innermost stays.
    std::string_view rest = text_;
    for (std::size_t kept = 0; kept < kMostLines && !rest.empty(); ++line) {
      const std::size_t size = std::min(rest.find('\n'), rest.size());
      std::string shown;
      visible_line(rest.substr(0, size), shown);
      rest.remove_prefix(std::min(size + 1, rest.size()));
      if (shown.empty() || (is_library_frame(shown) && frames++ > 0)) continue;
      if (case_.message.empty()) case_.message = shown;
      ++kept;
      case_.excerpt.push_back({line, std::move(shown)});
    }
  }

  void keep() {
    ++failed_;
    case_failed_ = false;
    const std::size_t bytes = bytes_of(case_);
    if (report_.failures.size() >= limits_.failures || kept_bytes_ + bytes > limits_.text) {
      ++report_.failures_not_kept;
    } else {
      kept_bytes_ += bytes;
      report_.failures.push_back(std::move(case_));
    }
    case_ = Finding{};
  }

  static std::string name_of(std::string_view class_name, std::string_view name) {
    if (class_name.empty() || name.starts_with(class_name)) return first_visible_line(name);
    return first_visible_line(std::string(class_name) + "." + std::string(name));
  }

  ReportLimits limits_;
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  Report report_;
  bool refused_ = false;
  std::size_t depth_ = 0;
  std::size_t taking_ = 0;  // The depth of the failure whose text is read; 0 for none.
  std::string suite_, suite_file_, text_;
  std::uint64_t text_line_ = 0;
  Finding case_;
  bool in_case_ = false, case_failed_ = false, case_skipped_ = false;
  std::int64_t passed_ = 0, failed_ = 0, skipped_ = 0;
  std::size_t kept_bytes_ = 0;
};

}  // namespace

std::unique_ptr<ReportFormat> make_junit_report(ReportLimits limits) { return std::make_unique<JunitReport>(limits); }

}  // namespace skein::summary
