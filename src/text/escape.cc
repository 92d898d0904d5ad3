#include "text/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/json_string.h"

namespace skein::text {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kHex = "0123456789abcdef";

using ByteSet = std::array<bool, 256>;

// Bytes that cannot be copied as they are: control characters, non-ASCII (to be checked) and `special`.
constexpr ByteSet stops(std::string_view special, std::string_view plain_controls) {
  ByteSet set{};
  for (std::size_t i = 0; i < 256; ++i) set[i] = i < 0x20 || i >= 0x7f;
  for (char c : special) set[static_cast<std::uint8_t>(c)] = true;
  for (char c : plain_controls) set[static_cast<std::uint8_t>(c)] = false;
  return set;
}

constexpr ByteSet kHtmlStops = stops("&<>\"'", "\t\n");
constexpr ByteSet kMarkdownStops = stops("\\`*_[]<>|&~#+-=.)!", "");
constexpr ByteSet kMarkdownCodeStops = stops("", "\t");
constexpr ByteSet kBlockStops = stops("", "\t\n");

std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

constexpr std::size_t kMaxCodeTicks = 16;  // Readers stop somewhere: md4c at 32.

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// U+202A..U+202E are e2 80 aa..ae, U+2066..U+2069 are e2 81 a6..a9.
bool reorders(std::string_view sequence) {
  if (sequence.size() != 3 || byte_at(sequence, 0) != 0xe2) return false;
  const auto middle = byte_at(sequence, 1);
  const auto last = byte_at(sequence, 2);
  return (middle == 0x80 && last >= 0xaa && last <= 0xae) || (middle == 0x81 && last >= 0xa6 && last <= 0xa9);
}

void append_code_point_name(std::string& out, std::string_view sequence) {
  const unsigned value =
      (byte_at(sequence, 0) & 0x0fU) << 12 | (byte_at(sequence, 1) & 0x3fU) << 6 | (byte_at(sequence, 2) & 0x3fU);
  out += "[U+";
  for (int shift = 12; shift >= 0; shift -= 4) {
    const char digit = kHex[(value >> shift) & 0xf];
    out += digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  }
  out += ']';
}

// Appends the character at the start of `text`, which is not ASCII; returns how many bytes it took.
std::size_t append_wide(std::string& out, std::string_view text) {
  const std::size_t length = utf8_length(text);
  if (length == 0) {
    out += kReplacement;
    return 1;
  }
  if (reorders(text.substr(0, length))) {
    append_code_point_name(out, text);
  } else {
    out.append(text.substr(0, length));
  }
  return length;
}

std::size_t plain_run(std::string_view text, std::size_t from, const ByteSet& set) {
  while (from < text.size() && !set[byte_at(text, from)]) ++from;
  return from;
}

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (char each : text) {
    run = each == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// True if digits and then the "." or ")" at `i` are all that `text` has before it: "12." begins a list.
bool ends_list_number(std::string_view text, std::size_t i) {
  if (i == 0) return false;
  const auto before = text.substr(0, i);
  const auto digits = before.find_first_not_of(" \t");
  return digits != before.npos && before.find_first_not_of("0123456789", digits) == before.npos;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

void append_html(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = plain_run(text, i, kHtmlStops);
    out.append(text, i, end - i);
    if (end == text.size()) return;
    i = end + 1;
    switch (text[end]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\r':  // Part of a line end, or one.
        if (i == text.size() || text[i] != '\n') out += '\n';
        break;
      default:
        if (byte_at(text, end) < 0x80) {
          out += kReplacement;
        } else {
          i = end + append_wide(out, text.substr(end));
        }
    }
  }
}

void append_markdown(std::string& out, std::string_view text, bool at_line_start) {
  if (at_line_start) text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = plain_run(text, i, kMarkdownStops);
    out.append(text, i, end - i);
    if (end == text.size()) return;
    const char c = text[end];
    const char next = end + 1 < text.size() ? text[end + 1] : '\0';
    i = end + 1;
    bool escape = false;
    switch (c) {
      case '\\':
      case '`':
      case '*':
      case '[':
      case ']':
      case '<':
      case '|':
        escape = true;
        break;
      case '_':  // Inside a word it is no emphasis.
        escape = end == 0 || !is_alnum(text[end - 1]) || !is_alnum(next);
        break;
      case '&':
        escape = is_alnum(next) || next == '#';
        break;
      case '~':
        escape = next == '~' || (end > 0 && text[end - 1] == '~') || (at_line_start && end == 0);
        break;
      case '!':
        escape = false;
        break;  // Only before "[", which is escaped.
      case '>':
      case '#':
      case '+':
      case '-':
      case '=':
        escape = at_line_start && end == 0;
        break;
      case '.':
      case ')':
        escape = at_line_start && ends_list_number(text, end);
        break;
      case '\n':
      case '\r':
      case '\t':
        out += ' ';
        continue;
      default:
        if (byte_at(text, end) < 0x80) {
          out += kReplacement;
        } else {
          i = end + append_wide(out, text.substr(end));
        }
        continue;
    }
    if (escape) out += '\\';
    out += c;
  }
}

void append_markdown_code(std::string& out, std::string_view text) {
  if (text.empty()) return;
  const std::size_t ticks = longest_run(text, '`') + 1;
  if (ticks > kMaxCodeTicks) return append_markdown(out, text);
  // A space at both ends is taken off by a reader, where there is more than spaces.
  const bool pad = text.front() == '`' || text.back() == '`' || (text.front() == ' ' && text.back() == ' ');
  if (out.ends_with('`')) out += ' ';  // Else the two runs of backticks would be one.
  out.append(ticks, '`');
  if (pad) out += ' ';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = plain_run(text, i, kMarkdownCodeStops);
    out.append(text, i, end - i);
    if (end == text.size()) break;
    i = end + 1;
    if (text[end] == '\n' || text[end] == '\r') {
      out += ' ';
    } else if (byte_at(text, end) < 0x80) {
      out += kReplacement;
    } else {
      i = end + append_wide(out, text.substr(end));
    }
  }
  if (pad) out += ' ';
  out.append(ticks, '`');
}

void append_markdown_block(std::string& out, std::string_view text, std::string_view language) {
  const std::size_t ticks = std::max<std::size_t>(longest_run(text, '`') + 1, 3);
  out.append(ticks, '`');
  for (char c : language) {
    if (is_alnum(c) || c == '+' || c == '-' || c == '#') out += c;
  }
  out += '\n';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = plain_run(text, i, kBlockStops);
    out.append(text, i, end - i);
    if (end == text.size()) break;
    i = end + 1;
    if (text[end] == '\r') {
      if (i == text.size() || text[i] != '\n') out += '\n';
    } else if (byte_at(text, end) < 0x80) {
      out += kReplacement;
    } else {
      i = end + append_wide(out, text.substr(end));
    }
  }
  if (out.back() != '\n') out += '\n';
  out.append(ticks, '`');
  out += '\n';
}

std::string display_path(std::string_view path) {
  bool clean = true;
  for (std::size_t i = 0; i < path.size() && clean;) {
    const auto byte = byte_at(path, i);
    if (byte >= 0x20 && byte < 0x7f) {
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(path.substr(i));
    clean = length != 0 && byte >= 0x20 && byte != 0x7f && !reorders(path.substr(i, length));
    i += std::max<std::size_t>(length, 1);
  }
  if (clean) return std::string(path);
  std::string out;
  out.reserve(path.size() + 16);
  for (std::size_t i = 0; i < path.size();) {
    const auto byte = byte_at(path, i);
    const std::size_t length = utf8_length(path.substr(i));
    if (path[i] == '\\') {
      out += "\\\\";
    } else if (path[i] == '\n') {
      out += "\\n";
    } else if (path[i] == '\t') {
      out += "\\t";
    } else if (length != 0 && byte >= 0x20 && byte != 0x7f && !reorders(path.substr(i, length))) {
      out.append(path, i, length);
      i += length;
      continue;
    } else {
      const std::size_t count = std::max<std::size_t>(length, 1);
      for (std::size_t k = 0; k < count; ++k) {
        out += "\\x";
        out += kHex[byte_at(path, i + k) >> 4];
        out += kHex[byte_at(path, i + k) & 0xf];
      }
      i += count;
      continue;
    }
    ++i;
  }
  return out;
}

}  // namespace skein::text
