#include "docs/doc_text.h"

#include <algorithm>

#include "text/json_string.h"

namespace skein::docs {
namespace {

struct Line {
  std::string_view text;   // Without indentation and white space at the end.
  std::string_view whole;  // Without white space at the end.
  std::size_t indent = 0;

  [[nodiscard]] bool blank() const { return text.empty(); }
};

std::vector<Line> split_lines(std::string_view doc) {
  std::vector<Line> lines;
  lines.reserve(static_cast<std::size_t>(std::ranges::count(doc, '\n')) + 1);
  while (!doc.empty()) {
    const auto end = doc.find('\n');
    std::string_view line = doc.substr(0, end);
    doc.remove_prefix(end == doc.npos ? doc.size() : end + 1);
    line = line.substr(0, line.find_last_not_of(" \t\r\f\v") + 1);
    const auto start = std::min(line.find_first_not_of(" \t"), line.size());
    std::size_t indent = 0;
    for (char c : line.substr(0, start)) indent += c == '\t' ? 4 : 1;
    lines.push_back({line.substr(start), line, indent});
  }
  while (!lines.empty() && lines.back().blank()) lines.pop_back();
  return lines;
}

bool is_fence(std::string_view line) { return line.starts_with("```") || line.starts_with("~~~"); }

// Length of a list's mark with the space after it; 0 where there is none. Field marks (":param", "@return", "\\param")
// are kept in the text: 0 length cannot tell, so `is_field` does.
std::size_t list_mark(std::string_view line) {
  if (line.size() > 2 && (line[0] == '-' || line[0] == '*' || line[0] == '+') && line[1] == ' ') return 2;
  std::size_t digits = 0;
  while (digits < line.size() && digits < 3 && line[digits] >= '0' && line[digits] <= '9') ++digits;
  if (digits > 0 && line.size() > digits + 1 && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ')
    return digits + 2;
  return 0;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_field(std::string_view line) {
  if (line.size() < 3 || !is_letter(line[1])) return false;
  if (line[0] == '@' || line[0] == '\\') return true;
  const auto colon = line.find(':', 1);
  return line[0] == ':' && colon != line.npos && colon < 60 && (colon + 1 == line.size() || line[colon + 1] == ' ');
}

// "name: what it is", as Google's and NumPy's dialects list arguments; alone it may be any sentence.
bool is_named(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && end < 40 &&
         (is_letter(line[end]) || line[end] == '_' || line[end] == '.' || (line[end] >= '0' && line[end] <= '9'))) {
    ++end;
  }
  return end > 0 && is_letter(line[0]) && line.substr(end).starts_with(": ");
}

bool is_session(std::string_view line) { return line.starts_with(">>> ") || line == ">>>" || line.starts_with("... "); }

std::string without_indent(const Line& line, std::size_t indent) {
  if (line.blank()) return {};
  return std::string(line.indent - std::min(line.indent, indent), ' ') + std::string(line.text);
}

}  // namespace

std::vector<DocBlock> doc_blocks(std::string_view doc) {
  const auto lines = split_lines(doc);
  // The first line often stands right behind the comment's mark: it says nothing about the indentation of the rest.
  std::size_t base = std::string::npos;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (!lines[i].blank()) base = std::min(base, lines[i].indent);
  }
  if (base == std::string::npos) base = 0;

  std::vector<DocBlock> blocks;
  blocks.reserve(lines.size() / 2 + 1);
  bool joined = false;  // The last block may take another line.
  std::size_t item_indent = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    if (line.blank()) {
      joined = false;
      continue;
    }
    if (is_fence(line.text)) {
      DocBlock block{DocBlockKind::preformatted, {}};
      const auto fence = line.text.substr(0, 3);
      for (++i; i < lines.size() && !lines[i].text.starts_with(fence); ++i) {
        (block.text += without_indent(lines[i], line.indent)) += '\n';
      }
      if (!block.text.empty()) blocks.push_back(std::move(block));
      joined = false;
      continue;
    }
    const std::size_t indent = i == 0 ? 0 : line.indent - std::min(line.indent, base);
    const bool in_item =
        !blocks.empty() && (blocks.back().kind == DocBlockKind::list_item || blocks.back().kind == DocBlockKind::step);
    const bool indented = indent >= 4 && !(in_item && joined) && !is_field(line.text) && list_mark(line.text) == 0;
    if (!joined && (is_session(line.text) || indented)) {
      // reStructuredText's "::" before it means ":".
      if (!blocks.empty() && blocks.back().kind == DocBlockKind::paragraph && blocks.back().text.ends_with("::")) {
        blocks.back().text.pop_back();
      }
      // To the next blank line that is followed by less indentation.
      DocBlock block{DocBlockKind::preformatted, {}};
      const bool session = is_session(line.text);
      std::size_t blanks = 0;
      for (; i < lines.size(); ++i) {
        if (lines[i].blank()) {
          if (session) break;
          ++blanks;
          continue;
        }
        if (lines[i].indent < line.indent) break;
        block.text.append(blanks, '\n');
        blanks = 0;
        (block.text += without_indent(lines[i], line.indent)) += '\n';
      }
      --i;
      blocks.push_back(std::move(block));
      continue;
    }
    const std::size_t mark = list_mark(line.text);
    const bool field =
        is_field(line.text) || (is_named(line.text) && ((i > 0 && is_named(lines[i - 1].text)) ||
                                                        (i + 1 < lines.size() && is_named(lines[i + 1].text))));
    if (mark > 0 || field) {
      const bool numbered = mark > 0 && line.text[0] >= '0' && line.text[0] <= '9';
      blocks.push_back({numbered ? DocBlockKind::step : DocBlockKind::list_item, std::string(line.text.substr(mark))});
      item_indent = line.indent;
      joined = true;
      continue;
    }
    if (joined && (!in_item || line.indent > item_indent)) {
      (blocks.back().text += '\n') += line.text;
      continue;
    }
    blocks.push_back({DocBlockKind::paragraph, std::string(line.text)});
    joined = true;
  }
  return blocks;
}

std::string doc_summary(std::string_view doc, std::size_t max_bytes) {
  const auto start = doc.find_first_not_of(" \t\r\n*/#=-_~`");
  if (start == doc.npos) return {};
  doc.remove_prefix(start);
  std::string line;
  bool space = false;
  for (std::size_t i = 0; i < doc.size() && line.size() <= max_bytes; ++i) {
    const char c = doc[i];
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
      // A blank line ends the first paragraph.
      const auto next = doc.find_first_not_of(" \t\r", i + 1);
      if (c == '\n' && next != doc.npos && doc[next] == '\n') break;
      space = true;
      continue;
    }
    if (space) {
      // A sentence ends, unless it is one letter long or an abbreviation ("e.g. x").
      if (line.size() > 3 && line.back() == '.' && line[line.size() - 3] != '.') break;
      line += ' ';
    }
    space = false;
    line += c;
  }
  if (line.size() <= max_bytes) return line;
  const auto cut = line.rfind(' ', max_bytes);
  std::size_t end = cut == line.npos || cut < max_bytes / 2 ? max_bytes : cut;
  // Not inside a UTF-8 sequence.
  while (end > 0 && (static_cast<std::uint8_t>(line[end]) & 0xc0U) == 0x80U) --end;
  line.resize(end);
  return line += "\u2026";
}

}  // namespace skein::docs
