#include "prose/marked_section.h"

#include <algorithm>
#include <optional>

namespace skein::prose {
namespace {

/// Lines with the ends that the text's first line has. One that has no end yet is given one, which follows what it ends
/// in.
std::string in_ends_of(std::string_view text, std::string_view lines) {
  if (!text.substr(0, text.find('\n')).ends_with('\r')) return std::string(lines);
  std::string out;
  for (const char c : lines) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::unexpected<Error> broken(std::string what, std::size_t line) {
  return std::unexpected(Error(Code::invalid_argument, fmt::format("line {}: {}", line, what))
                             .or_do("take the marks out; the section is then written at the end"));
}

}  // namespace

Result<std::string> with_section(std::string_view text, std::string_view body) {
  std::string section = fmt::format("{}\n{}{}\n", kFactsBegin, body, kFactsEnd);
  std::optional<std::size_t> begin;
  std::optional<std::size_t> end;
  std::size_t line_number = 0;
  bool ends_with_newline = true;
  for (std::size_t at = 0; at < text.size();) {
    ++line_number;
    const auto newline = text.find('\n', at);
    const auto next = newline == std::string_view::npos ? text.size() : newline + 1;
    auto line = text.substr(at, next - at);
    while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    // Whatever an older or newer skein wrote behind the mark's name.
    if (line.starts_with("<!-- skein:facts:begin") && line.ends_with("-->")) {
      if (begin) return broken("the section of facts begins a second time", line_number);
      begin = at;
    } else if (line == kFactsEnd) {
      if (!begin || end) return broken("the section of facts ends where it did not begin", line_number);
      end = next;
      ends_with_newline = newline != std::string_view::npos;
    }
    at = next;
  }
  if (begin && !end)
    return broken("the section of facts has no end",
                  static_cast<std::size_t>(std::ranges::count(text.substr(0, *begin), '\n')) + 1);
  section = in_ends_of(text, section);
  if (begin) {
    if (!ends_with_newline && end == text.size()) section.erase(section.find_last_not_of("\r\n") + 1);
    return std::string(text.substr(0, *begin)) + section + std::string(text.substr(*end));
  }
  std::string out(text);
  if (!out.empty()) {
    if (!out.ends_with('\n')) out += in_ends_of(text, "\n");
    if (!out.ends_with("\n\n") && !out.ends_with("\n\r\n")) out += in_ends_of(text, "\n");
  }
  return out + section;
}

}  // namespace skein::prose
