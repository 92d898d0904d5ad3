#include "summary/render_records.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "text/escape.h"

namespace skein::summary {
namespace {

using engine::Json;

std::string dump(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json lines_json(const std::vector<LogLine>& lines, std::size_t most) {
  Json list = Json::array();
  for (const LogLine& line : lines) {
    if (list.size() >= most) break;
    list.push_back({{"line", line.number}, {"text", line.text}});
  }
  return list;
}

Json finding_json(const Finding& finding, std::size_t excerpt) {
  Json json{{"tool", finding.tool}, {"kind", engine::name_of(finding.kind)}};
  if (!finding.name.empty()) json["name"] = finding.name;
  if (!finding.file.empty()) json["file"] = finding.file;
  if (finding.line > 0) json["line"] = finding.line;
  if (finding.column > 0) json["column"] = finding.column;
  json["message"] = finding.message;
  if (!finding.likely_cause.empty()) json["likely_cause"] = finding.likely_cause;
  json["log_line"] = finding.log_line;
  if (finding.times > 1) json["times"] = finding.times;
  if (finding.consequence) json["consequence"] = true;
  if (excerpt > 0 && !finding.excerpt.empty()) json["excerpt"] = lines_json(finding.excerpt, excerpt);
  return json;
}

/// How much of a summary a rendering holds: smaller and smaller until it fits.
struct Share {
  std::size_t failures, warnings, excerpt, passages;
};

Json counts_json(const Summary& summary) {
  Json list = Json::array();
  std::size_t from = summary.counts.size() > 20 ? summary.counts.size() - 20 : 0;
  for (; from < summary.counts.size(); ++from) {
    const Counts& counts = summary.counts[from];
    Json json{{"tool", counts.tool}};
    if (counts.passed) json["passed"] = *counts.passed;
    if (counts.failed) json["failed"] = *counts.failed;
    if (counts.skipped) json["skipped"] = *counts.skipped;
    if (counts.errors) json["errors"] = *counts.errors;
    if (counts.warnings) json["warnings"] = *counts.warnings;
    json["log_line"] = counts.line.number;
    list.push_back(std::move(json));
  }
  return list;
}

std::string json_of(const Summary& summary, const RenderOptions& options, const Share& share) {
  Json json{{"schema", "skein.summary/1"},
            {"verdict", engine::name_of(summary.verdict)},
            {"reason", summary.verdict_reason},
            {"lines", summary.lines},
            {"bytes", summary.bytes}};
  if (!options.log_id.empty()) json["log"] = options.log_id;
  if (!options.source.empty()) json["source"] = options.source;
  if (summary.run.exit_code) json["exit_code"] = *summary.run.exit_code;
  if (summary.run.signal) json["signal"] = *summary.run.signal;
  if (summary.run.timed_out) json["timed_out"] = true;
  json["tools"] = summary.tools;
  if (share.failures > 0 || summary.failures.empty()) json["counts"] = counts_json(summary);
  Json failures = Json::array(), warnings = Json::array(), passages = Json::array();
  for (const Finding& finding : summary.failures)
    if (failures.size() < share.failures) failures.push_back(finding_json(finding, share.excerpt));
  for (const Finding& finding : summary.warnings)
    if (warnings.size() < share.warnings) warnings.push_back(finding_json(finding, 0));
  for (const Passage& passage : summary.passages)
    if (passages.size() < share.passages)
      passages.push_back(
          {{"why", passage.why}, {"value", std::llround(passage.value)}, {"lines", lines_json(passage.lines, 40)}});
  json["failures_total"] = summary.failures.size() + summary.failures_not_kept;
  json["failures"] = std::move(failures);
  json["warnings_total"] = summary.warnings.size() + summary.warnings_not_kept;
  json["warnings"] = std::move(warnings);
  json["passages"] = std::move(passages);
  if (share.passages > 0) {
    json["changes"] = lines_json(summary.changes, 20);
    Json parts = Json::array();
    for (const Part& part : summary.parts)
      if (parts.size() < 40) {
        parts.push_back({{"first", part.first}, {"last", part.last}, {"tool", part.tool}});
        if (!part.title.empty()) parts.back()["title"] = part.title;
      }
    json["parts"] = std::move(parts);
  }
  return dump(json);
}

/// A path as a URI reference: bytes that have a meaning there are written as %XX.
std::string uri_of(std::string_view path) {
  const bool drive = path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
  std::string uri = drive ? "file:///" : path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/+,=@()").contains(c);
    if (plain || (drive && c == ':'))
      uri += c;
    else if (c == '\\')
      uri += '/';
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string sarif_of(const Summary& summary, const Share& share) {
  Json results = Json::array();
  const auto add = [&](const Finding& finding, std::string_view level) {
    Json result{{"ruleId", finding.name.empty() ? std::string(engine::name_of(finding.kind)) : finding.name},
                {"level", level},
                {"message", {{"text", finding.message.empty() ? finding.name : finding.message}}}};
    if (!finding.file.empty()) {
      Json physical{{"artifactLocation", {{"uri", uri_of(finding.file)}}}};
      if (finding.line > 0) {
        physical["region"] = {{"startLine", finding.line}};
        if (finding.column > 0) physical["region"]["startColumn"] = finding.column;
      }
      result["locations"] = Json::array({{{"physicalLocation", physical}}});
    }
    results.push_back(std::move(result));
  };
  for (std::size_t i = 0; i < std::min(share.failures, summary.failures.size()); ++i) add(summary.failures[i], "error");
  for (std::size_t i = 0; i < std::min(share.warnings, summary.warnings.size()); ++i)
    add(summary.warnings[i], "warning");
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({{{"tool", {{"driver", {{"name", "skein"}}}}},
                                      {"properties",
                                       {{"verdict", engine::name_of(summary.verdict)},
                                        {"failures", summary.failures.size() + summary.failures_not_kept}}},
                                      {"results", results}}})}});
}

std::string junit_of(const Summary& summary, const Share& share) {
  const std::size_t shown = std::min(share.failures, summary.failures.size());
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"skein\" tests=\"{}\" "
      "failures=\"{}\">\n",
      std::max<std::size_t>(shown, 1), shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Finding& finding = summary.failures[i];
    text += "<testcase classname=\"";
    text::append_html(text, finding.tool);
    text += "\" name=\"";
    text::append_html(text,
                      finding.name.empty() ? finding.file.empty() ? finding.message : finding.file : finding.name);
    text += "\"><failure message=\"";
    text::append_html(text, finding.message);
    text += "\">";
    for (std::size_t k = 0; k < std::min(share.excerpt, finding.excerpt.size()); ++k) {
      text::append_html(text, finding.excerpt[k].text);
      text += '\n';
    }
    text += "</failure></testcase>\n";
  }
  if (shown == 0) {
    text += fmt::format("<testcase classname=\"skein\" name=\"{}\">", engine::name_of(summary.verdict));
    if (summary.verdict != Verdict::pass)
      text += fmt::format("<error message=\"{}\"/>", engine::name_of(summary.verdict));
    text += "</testcase>\n";
  }
  return text + "</testsuite>\n</testsuites>\n";
}

/// What GitHub's workflow commands need escaped.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (property && c == ':')
      out += "%3A";
    else if (property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

std::string github_of(const Summary& summary, const Share& share) {
  std::string text;
  const auto add = [&](const Finding& finding, std::string_view level) {
    text += fmt::format("::{}", level);
    std::string sep = " ";
    const auto property = [&](std::string_view name, std::string_view value) {
      text += fmt::format("{}{}={}", sep, name, escaped(value, true));
      sep = ",";
    };
    if (!finding.file.empty()) property("file", finding.file);
    if (finding.line > 0) property("line", std::to_string(finding.line));
    if (finding.column > 0) property("col", std::to_string(finding.column));
    property("title", finding.name.empty() ? finding.tool : finding.name);
    text += "::" + escaped(finding.message.empty() ? finding.name : finding.message, false) + "\n";
  };
  for (std::size_t i = 0; i < std::min(share.failures, summary.failures.size()); ++i) add(summary.failures[i], "error");
  for (std::size_t i = 0; i < std::min(share.warnings, summary.warnings.size()); ++i)
    add(summary.warnings[i], "warning");
  if (text.empty())
    text = fmt::format("::{}::{}\n",
                       summary.verdict == Verdict::pass   ? "notice"
                       : summary.verdict == Verdict::fail ? "error"
                                                          : "warning",
                       escaped(summary.verdict_reason, false));
  return text;
}

}  // namespace

Result<Rendering> render_records(const Summary& summary, const RenderOptions& options, const Fits& fits) {
  const auto make = [&](const Share& share) {
    switch (options.format) {
      case Format::sarif:
        return sarif_of(summary, share);
      case Format::junit:
        return junit_of(summary, share);
      case Format::github:
        return github_of(summary, share);
      case Format::json:
      case Format::terminal:
      case Format::plain:
      case Format::markdown:
      case Format::agent:
        break;
    }
    return json_of(summary, options, share);
  };
  Rendering rendering;
  // Failures last: passages, warnings and excerpts go before the first failure does.
  Share share{summary.failures.size(), 200, 40, 60};
  for (const auto& [warnings, excerpt, passages] : std::initializer_list<std::array<std::size_t, 3>>{
           {200, 40, 60}, {40, 24, 30}, {20, 12, 15}, {10, 6, 6}, {5, 3, 3}, {0, 2, 1}, {0, 0, 0}}) {
    share = {summary.failures.size(), warnings, excerpt, passages};
    rendering.text = make(share);
    if (fits(rendering.text)) return rendering;
  }
  std::size_t low = 0, high = summary.failures.size();
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    if (fits(make({middle, 0, 0, 0})))
      low = middle;
    else
      high = middle - 1;
  }
  rendering.text = make({low, 0, 0, 0});
  if (!fits(rendering.text)) return fail(Code::invalid_argument, "the limit is too small for this format");
  return rendering;
}

}  // namespace skein::summary
