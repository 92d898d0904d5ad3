#include "repo/author_name.h"

#include <cstdint>

namespace skein::repo {
namespace {

constexpr std::size_t kLongest = 100;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The code point at the start of `text` and its length; length 0: not UTF-8.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                                                           : 0;
  if (length == 0 || text.size() < length) return {};
  std::uint32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, length};
}

bool is_hidden(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

std::string clean_author_name(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const CodePoint next = first_of(name);
    const std::string_view bytes = next.length == 0 ? kReplacement : name.substr(0, next.length);
    name.remove_prefix(next.length == 0 ? 1 : next.length);
    if (next.length != 0 && is_hidden(next.value)) continue;
    if (next.value == ' ' && (out.empty() || out.back() == ' ')) continue;
    if (out.size() + bytes.size() > kLongest) break;
    out += bytes;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out.empty() ? "unknown" : out;
}

}  // namespace skein::repo
