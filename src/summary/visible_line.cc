#include "summary/visible_line.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "summary/json_line.h"
#include "summary/line_template.h"
#include "text/json_string.h"

namespace skein::summary {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

std::uint64_t eight_at(const char* bytes) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  return eight;
}

/// Eight bytes in which '0' stands for a digit and everything else for itself.
struct Shape {
  // A digit keeps its upper half when 6 is added, what stands behind the digits does not.
  std::uint64_t want, only, plus;

  consteval Shape(const char (&shape)[9]) : want(0), only(0), plus(0) {
    std::array<char, 8> bytes{}, mask{}, more{};
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[i] = shape[i];
      mask[i] = static_cast<char>(shape[i] == '0' ? 0xf0 : 0xff);
      more[i] = static_cast<char>(shape[i] == '0' ? 6 : 0);
    }
    want = std::bit_cast<std::uint64_t>(bytes);
    only = std::bit_cast<std::uint64_t>(mask);
    plus = std::bit_cast<std::uint64_t>(more);
  }
};

bool are_eight(const char* bytes, Shape shape) {
  const std::uint64_t value = eight_at(bytes);
  return (value & shape.only) == shape.want && ((value + shape.plus) & shape.only) == shape.want;
}

/// "00:00".
bool is_zone(std::string_view text) {
  return text.size() == 5 && digit(text[0]) && digit(text[1]) && text[2] == ':' && digit(text[3]) && digit(text[4]);
}

/// "00:00:00".
bool is_time(std::string_view text) { return text.size() >= 8 && are_eight(text.data(), "00:00:00"); }

/// "0000-00-00T00:00:00", or with a blank in the middle, or "0000/00/00 00:00:00".
bool is_date_and_time(std::string_view text) {
  if (text.size() < 19 || !is_time(text.substr(11))) return false;
  const bool iso = are_eight(text.data(), "0000-00-");
  return digit(text[8]) && digit(text[9]) &&
         (iso ? text[10] == 'T' || text[10] == ' ' : text[10] == ' ' && are_eight(text.data(), "0000/00/"));
}

/// The bytes of the escape sequence at the start of `text` (which begins with ESC); a torn one takes the rest.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2) return text.size();
  const char kind = text[1];
  if (kind == '[') {
    std::size_t at = 2;
    while (at < text.size() && text[at] >= 0x20 && text[at] < 0x40) ++at;
    return std::min(at + 1, text.size());
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X') {
    for (std::size_t at = 2; at < text.size(); ++at) {
      if (text[at] == '\a') return at + 1;
      if (text[at] == '\x1b') return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
    }
    return text.size();
  }
  if (kind == '(' || kind == ')' || kind == '#' || kind == '%') return std::min<std::size_t>(3, text.size());
  return 2;
}

/// The same of one like "\x1b[1;31m" that is whole; 0 where none begins the text.
std::size_t control_size(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t size = escape_size(text);
  return text[size - 1] >= 0x40 && text[size - 1] < 0x7f && size > 2 ? size : 0;
}

/// Printable ASCII.
bool are_eight_printable(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL, kHigh = 0x80 * kOnes;
  const std::uint64_t eight = eight_at(bytes), below_blank = eight - 0x20 * kOnes, above_tilde = eight + kOnes;
  return ((eight | below_blank | above_tilde) & kHigh) == 0;
}

bool is_printable(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size() && are_eight_printable(text.data() + at)) at += 8;
  while (at < text.size() && ((text[at] >= 0x20 && text[at] < 0x7f) || text[at] == '\t')) ++at;
  return at == text.size();
}

std::string_view without_blanks_behind(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Appends `raw` without escape sequences and control characters; valid UTF-8.
void append_seen(std::string_view raw, std::string& out) {
  const std::size_t begin = out.size();
  std::size_t at = 0;
  while (at < raw.size()) {
    std::size_t plain = at;
    while (plain + 8 <= raw.size() && are_eight_printable(raw.data() + plain)) plain += 8;
    while (plain < raw.size() && ((raw[plain] >= 0x20 && raw[plain] < 0x7f) || raw[plain] == '\t')) ++plain;
    out.append(raw.substr(at, plain - at));
    at = plain;
    if (at == raw.size()) break;
    const auto c = static_cast<unsigned char>(raw[at]);
    if (c == 0x1b) {
      at += escape_size(raw.substr(at));
    } else if (c == '\b') {
      if (out.size() > begin) {
        while (out.size() > begin && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
        if (out.size() > begin) out.pop_back();
      }
      ++at;
    } else if (c == '\r' || c == '\a' || c == 0) {
      ++at;
    } else if (const std::size_t size = c >= 0x80 ? text::utf8_length(raw.substr(at, 4)) : 0; size > 0) {
      const auto second = static_cast<unsigned char>(raw[at + 1]);
      const bool control = c == 0xc2 && second < 0xa0;
      // Characters that reorder what is around them are shown, not obeyed.
      const auto third = size >= 3 ? static_cast<unsigned char>(raw[at + 2]) : 0;
      const bool reorders = c == 0xe2 && ((second == 0x80 && third >= 0xaa && third <= 0xae) ||
                                          (second == 0x81 && third >= 0xa6 && third <= 0xa9));
      // U+FFFE and U+FFFF are no characters, and not allowed in XML.
      const bool none = c == 0xef && second == 0xbf && third >= 0xbe;
      if (control || reorders || none)
        out += "\xef\xbf\xbd";
      else
        out.append(raw.substr(at, size));
      at += size;
    } else {
      out += "\xef\xbf\xbd";
      ++at;
    }
  }
}

void cut(std::string& out) {
  if (out.size() <= kMostLineBytes) return;
  std::size_t end = kMostLineBytes - 3;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  out.resize(end);
  out += "\xe2\x80\xa6";
}

}  // namespace

std::size_t time_stamp_size(std::string_view line) {
  if (line.empty() || (!digit(line.front()) && line.front() != '[')) return 0;
  std::size_t at = 0;
  const bool bracket = line.starts_with('[');
  if (bracket) at = line.starts_with("[task ") ? 6 : 1;  // Taskcluster's.
  const std::string_view rest = line.substr(at);
  if (rest.size() < 8 || (rest[2] != ':' && rest[4] != '-' && rest[4] != '/')) return 0;
  if (is_date_and_time(rest))
    at += 19;
  else if (is_time(rest))
    at += 8;
  else
    return 0;
  if (at < line.size() && (line[at] == '.' || line[at] == ',')) {
    std::size_t end = at + 1;
    while (end < line.size() && digit(line[end])) ++end;
    if (end > at + 1) at = end;
  }
  if (at < line.size() && line[at] == 'Z')
    ++at;
  else if (at + 5 < line.size() && (line[at] == '+' || line[at] == '-') && is_zone(line.substr(at + 1, 5)))
    at += 6;
  if (bracket) {
    if (at >= line.size() || line[at] != ']') return 0;
    ++at;
  } else if (at < line.size() && line[at] != ' ') {
    return 0;
  }
  if (at < line.size() && line[at] == ' ') ++at;
  return at;
}

std::string first_visible_line(std::string_view text) {
  std::string out;
  visible_line(text.substr(0, text.find('\n')), out);
  return out;
}

bool has_red(std::string_view raw) {
  raw = raw.substr(0, 400);
  for (std::size_t at = raw.find("\x1b["); at != std::string_view::npos; at = raw.find("\x1b[", at + 2)) {
    int number = 0;
    for (std::size_t i = at + 2; i < raw.size(); ++i) {
      if (digit(raw[i]) && number < 1000) {
        number = number * 10 + (raw[i] - '0');
        continue;
      }
      if (number == 38 || number == 48) break;  // A colour by number or by parts follows.
      if ((raw[i] == ';' || raw[i] == 'm') && (number == 31 || number == 91)) return true;
      if (raw[i] != ';') break;
      number = 0;
    }
  }
  return false;
}

std::string_view seen_of_plain(std::string_view raw) {
  raw.remove_prefix(time_stamp_size(raw));
  return without_blanks_behind(raw);
}

std::optional<std::string_view> seen_of_coloured(std::string_view raw) {
  const std::size_t stamp = time_stamp_size(raw);
  std::string_view text = raw.substr(stamp);
  while (const std::size_t size = control_size(text)) text.remove_prefix(size);
  const std::string_view middle = text.substr(0, text.find('\x1b'));
  std::string_view rest = text.substr(middle.size());
  while (const std::size_t size = control_size(rest)) rest.remove_prefix(size);
  if (!rest.empty()) return std::nullopt;
  if (stamp + middle.size() > kMostLineBytes || !is_printable(middle) || may_be_json_line(raw)) return std::nullopt;
  return stamp > 0 ? without_blanks_behind(middle) : seen_of_plain(middle);
}

void visible_line(std::string_view raw, std::string& out) {
  out.clear();
  // A line without an end (binary data) costs no more than a long one.
  constexpr std::size_t kMostRaw = 1 << 16;
  if (raw.size() > kMostRaw) raw = raw.substr(0, kMostRaw);
  while (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
  std::string told;
  if (told_in_json(raw, told)) raw = told;
  if (raw.find('\r') == std::string_view::npos) {
    append_seen(raw, out);
  } else {
    std::string part, pending;
    std::uint64_t pending_like = 0;
    while (true) {
      const std::size_t end = std::min(raw.find('\r'), raw.size());
      part.clear();
      append_seen(raw.substr(0, end), part);
      while (!part.empty() && part.back() == ' ') part.pop_back();
      if (!part.empty() && !part.starts_with("travis_time:") && !part.starts_with("travis_fold:")) {
        const std::uint64_t like = template_of(part);
        const bool progress = like == pending_like || pending.find('%') != std::string::npos;
        if (!pending.empty() && !progress && out.size() < kMostLineBytes) {
          if (!out.empty()) out += " \xe2\x8f\x8e ";
          out += pending;
        }
        pending.swap(part);
        pending_like = like;
      }
      if (end == raw.size()) break;
      raw.remove_prefix(end + 1);
    }
    if (!out.empty() && !pending.empty()) out += " \xe2\x8f\x8e ";
    out += pending;
  }
  if (const std::size_t stamp = time_stamp_size(out); stamp > 0) out.erase(0, stamp);
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
  cut(out);
}

}  // namespace skein::summary
