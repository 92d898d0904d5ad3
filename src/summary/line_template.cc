#include "summary/line_template.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skein::summary {
namespace {

constexpr int kMostPieces = 32;

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

/// Which bytes of a line's beginning are of a kind: bit i of the whole is byte i.
class ByteSet {
 public:
  static constexpr std::size_t kBytes = 512;
  std::array<std::uint64_t, kBytes / 64> bits;  // Those that the line reaches are set by `sets_of`.

  [[nodiscard]] bool has(std::size_t at) const { return (bits[at / 64] >> at % 64 & 1U) != 0; }
  /// The first at or after `at` that is in the set, or is not; `size` where there is none.
  [[nodiscard]] std::size_t next(std::size_t at, std::size_t size, bool in) const {
    while (at < size) {
      const std::uint64_t rest = (in ? bits[at / 64] : ~bits[at / 64]) >> at % 64;
      if (rest != 0) return std::min(size, at + static_cast<std::size_t>(std::countr_zero(rest)));
      at = (at / 64 + 1) * 64;
    }
    return size;
  }
  void add(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end;) {
      const std::size_t upto = std::min(end, (at / 64 + 1) * 64);
      const std::uint64_t ones = upto - at == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (upto - at)) - 1;
      bits[at / 64] |= ones << at % 64;
      at = upto;
    }
  }
};

struct LineSets {
  ByteSet digit, hex_letter, other_letter, space;
};

#if defined(__SSE2__)
struct Sixteen {
  std::uint64_t digit, hex_letter, other_letter, space;
};

Sixteen sixteen_at(const char* bytes) {
  const auto within = [](__m128i value, char first, char count) {
    const __m128i from = _mm_sub_epi8(value, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8(static_cast<char>(count - 1))), from);
  };
  const auto mask = [](__m128i value) { return static_cast<std::uint64_t>(_mm_movemask_epi8(value)); };
  const auto is = [](__m128i value, char c) { return _mm_cmpeq_epi8(value, _mm_set1_epi8(c)); };
  const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i low = _mm_or_si128(all, _mm_set1_epi8(0x20));
  const std::uint64_t hex = mask(within(low, 'a', 6));
  const std::uint64_t other = (mask(within(low, 'a', 26)) & ~hex) | mask(is(all, '_')) | mask(all);
  return {mask(within(all, '0', 10)), hex, other,
          mask(_mm_or_si128(_mm_or_si128(is(all, ' '), is(all, '\t')), is(all, '\r')))};
}
#endif

/// `line` has no more than ByteSet::kBytes.
void sets_of(std::string_view line, LineSets& sets) {
  for (std::size_t at = 0; at < line.size(); at += 64) {
    const std::size_t place = at / 64;
    std::uint64_t digit = 0, hex_letter = 0, other_letter = 0, space = 0;
#if defined(__SSE2__)
    std::array<char, 64> padded;
    const char* bytes = line.data() + at;
    if (line.size() - at < padded.size()) {
      std::memcpy(padded.data(), bytes, line.size() - at);
      std::memset(padded.data() + (line.size() - at), ' ', padded.size() - (line.size() - at));
      bytes = padded.data();
    }
    for (unsigned part = 0; part < 4; ++part) {
      const Sixteen some = sixteen_at(bytes + std::size_t{16} * part);
      digit |= some.digit << 16 * part;
      hex_letter |= some.hex_letter << 16 * part;
      other_letter |= some.other_letter << 16 * part;
      space |= some.space << 16 * part;
    }
#else
    for (std::size_t i = 0; i < std::min<std::size_t>(64, line.size() - at); ++i) {
      const std::uint8_t kind = class_of(line[at + i]);
      const std::uint64_t bit = std::uint64_t{1} << i;
      if ((kind & kDigit) != 0) digit |= bit;
      if ((kind & kHexLetter) != 0) hex_letter |= bit;
      if ((kind & kLetter) != 0 && (kind & kHexLetter) == 0) other_letter |= bit;
      if ((kind & kSpace) != 0) space |= bit;
    }
#endif
    sets.digit.bits[place] = digit;
    sets.hex_letter.bits[place] = hex_letter;
    sets.other_letter.bits[place] = other_letter;
    sets.space.bits[place] = space;
  }
}

/// What varies: runs of digits that begin a word or are long, and whole words of six or more hexadecimal digits if one
/// of them is no letter. "test2" and "utf8" keep their digits.
void find_varying(const LineSets& sets, std::size_t size, ByteSet& varying) {
  constexpr std::size_t kLongRun = 3, kHexWord = 6;
  for (std::size_t at = 0; at < size; at += 64) varying.bits[at / 64] = 0;
  const auto in_word = [&](std::size_t at) {
    return sets.digit.has(at) || sets.hex_letter.has(at) || sets.other_letter.has(at);
  };
  for (std::size_t at = sets.digit.next(0, size, true); at < size;) {
    const std::size_t run_end = sets.digit.next(at, size, false);
    if (run_end - at >= kLongRun || at == 0 || !in_word(at - 1)) varying.add(at, run_end);
    std::size_t begin = at, end = run_end;
    while (begin > 0 && sets.hex_letter.has(begin - 1)) --begin;
    while (end < size && sets.hex_letter.has(end)) ++end;
    if (begin == at && end == run_end && run_end - at < kHexWord) {
      at = sets.digit.next(run_end, size, true);
      continue;
    }
    while (end < size && (sets.digit.has(end) || sets.hex_letter.has(end))) ++end;
    const bool is_word = (begin == 0 || !in_word(begin - 1)) && (end == size || !in_word(end));
    if (is_word && end - begin >= kHexWord) varying.add(begin, end);
    at = sets.digit.next(is_word ? end : run_end, size, true);
  }
}

constexpr std::size_t kPadding = 8;

/// All of the `size` bytes and how many they are; eight more can be read.
std::uint64_t hash_of(std::uint64_t hash, const char* bytes, std::size_t size) {
  constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15ULL;
  const auto mix = [&](std::uint64_t eight) {
    hash = (hash ^ eight) * kFactor;
    hash ^= hash >> 32U;
  };
  std::uint64_t eight = 0;
  std::size_t left = size;
  for (; left >= 8; left -= 8, bytes += 8) {
    std::memcpy(&eight, bytes, sizeof eight);
    mix(eight);
  }
  std::memcpy(&eight, bytes, sizeof eight);
  mix((eight & ((std::uint64_t{1} << 8 * left) - 1)) | size << 56U);
  return hash;
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
  std::array<char, ByteSet::kBytes + kPadding> bytes;
  const std::size_t size = std::min(line.size(), ByteSet::kBytes);
  std::memcpy(bytes.data(), line.data(), size);
  std::memset(bytes.data() + size, 0, kPadding);
  line = std::string_view(bytes.data(), size);
  LineSets sets;
  sets_of(line, sets);
  ByteSet varying;
  find_varying(sets, line.size(), varying);
  ByteSet ends;
  for (std::size_t place = 0; place * 64 < line.size(); ++place)
    ends.bits[place] = varying.bits[place] | sets.space.bits[place];
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  int pieces = 0;
  for (std::size_t at = 0; at < line.size() && pieces < kMostPieces;) {
    if (sets.space.has(at)) {
      at = sets.space.next(at, line.size(), false);
      continue;
    }
    const bool varies = varying.has(at);
    const std::size_t end = varies ? varying.next(at, line.size(), false) : ends.next(at, line.size(), true);
    hash = varies ? hash_of(hash, "#\0\0\0\0\0\0\0", 1) : hash_of(hash, bytes.data() + at, end - at);
    ++pieces;
    at = end;
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace skein::summary
