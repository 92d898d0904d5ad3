#include "text/terminal_safe.h"

namespace skein::text {
namespace {

/// After the escape sequence that begins at `at` (an ESC byte).
std::size_t after_escape(std::string_view text, std::size_t at) {
  ++at;
  if (at >= text.size()) return at;
  const char kind = text[at++];
  if (kind == '[') {
    while (at < text.size() && (text[at] < '@' || text[at] > '~') && text[at] >= ' ') ++at;
    return at < text.size() ? at + 1 : at;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X') {
    while (at < text.size() && text[at] != '\a' && text[at] != '\x1b' && text[at] != '\n') ++at;
    if (at < text.size() && text[at] == '\a') return at + 1;
    if (at + 1 < text.size() && text[at] == '\x1b' && text[at + 1] == '\\') return at + 2;
    return at;
  }
  while (at <= text.size() && kind >= ' ' && kind <= '/' && at < text.size() && text[at] >= ' ' && text[at] <= '/')
    ++at;
  return kind >= ' ' && kind <= '/' && at < text.size() ? at + 1 : at;
}

}  // namespace

std::string terminal_safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t line = 0;  // Where the line begins in `out`.
  bool overwrite = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0x1b) {
      at = after_escape(text, at);
      continue;
    }
    if (byte == '\r') {
      overwrite = true;
      ++at;
      continue;
    }
    const bool c1 = byte == 0xc2 && at + 1 < text.size() && (static_cast<unsigned char>(text[at + 1]) & 0xe0) == 0x80;
    if (c1) {
      at += 2;
      continue;
    }
    if (byte == '\n') {
      out += '\n';
      line = out.size();
      overwrite = false;
    } else if (byte == '\t' || (byte >= 0x20 && byte != 0x7f)) {
      if (overwrite) out.resize(line);
      overwrite = false;
      out += text[at];
    }
    ++at;
  }
  return out;
}

}  // namespace skein::text
