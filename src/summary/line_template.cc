#include "summary/line_template.h"

#include <algorithm>
#include <array>

namespace skein::summary {
namespace {

constexpr int kWords = 16;

enum : std::uint8_t { kLetter = 1, kDigit = 2, kSpace = 4, kHexLetter = 8 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    auto& entry = table[static_cast<std::size_t>(c)];
    if (c >= '0' && c <= '9') entry = kDigit;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 128 || c == '_') entry = kLetter;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) entry |= kHexLetter;
    if (c == ' ' || c == '\t' || c == '\r') entry = kSpace;
  }
  return table;
}();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

/// Calls `word(text, is_masked)` for each run of letters and digits or single other sign.
template <class Piece>
void each_piece(std::string_view line, Piece piece) {
  std::size_t at = 0;
  while (at < line.size()) {
    const std::uint8_t kind = class_of(line[at]);
    if ((kind & (kLetter | kDigit)) == 0) {
      if (!piece(line.substr(at, 1), false)) return;
      ++at;
      continue;
    }
    std::size_t end = at;
    std::uint8_t seen = 0;
    bool all_hex = true;
    while (end < line.size() && (class_of(line[end]) & (kLetter | kDigit)) != 0) {
      seen |= class_of(line[end]);
      all_hex = all_hex && (class_of(line[end]) & (kDigit | kHexLetter)) != 0;
      ++end;
    }
    // "test2" keeps its letters; "2ms", "3f2a91c", "17" are what varies.
    const std::string_view text = line.substr(at, end - at);
    const bool number = (class_of(text[0]) & kDigit) != 0 || ((seen & kDigit) != 0 && all_hex && text.size() >= 6);
    if (!piece(text, number)) return;
    at = end;
  }
}

}  // namespace

std::string masked(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  each_piece(line, [&](std::string_view text, bool number) {
    if (number)
      out += '#';
    else if (class_of(text[0]) == kSpace) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else
      out += text;
    return true;
  });
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::uint64_t template_of(std::string_view line) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  int words = 0;
  each_piece(line, [&](std::string_view text, bool number) {
    if (class_of(text[0]) == kSpace) return true;
    if (number) text = "#";
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash ^= hash >> 29;
    return ++words < 2 * kWords;
  });
  return hash == 0 ? 1 : hash;
}

}  // namespace skein::summary
