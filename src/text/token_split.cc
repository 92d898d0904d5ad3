#include "text/token_split.h"

#include "text/token_tables.h"

extern "C" const unsigned char skein_tokens_classes[];

namespace skein::text {
namespace {

using namespace character;

struct Character {
  std::uint8_t bits = 0;  // 0 at the end of the text.
  std::size_t next = 0;

  [[nodiscard]] bool is(std::uint8_t any) const { return (bits & any) != 0; }
};

/// Reads characters of valid UTF-8.
class Reader {
 public:
  explicit Reader(std::string_view text)
      : bytes_(reinterpret_cast<const unsigned char*>(text.data())), size_(text.size()) {}

  [[nodiscard]] Character at(std::size_t at) const {
    if (at >= size_) return {0, at};
    const std::uint32_t lead = bytes_[at];
    // Block 0 is the first one.
    if (lead < 0x80) return {skein_tokens_classes[kClassBlocks + lead], at + 1};
    std::uint32_t code = 0;
    std::size_t length = 2;
    if (lead < 0xe0) {
      code = (lead & 0x1f) << 6 | (bytes_[at + 1] & 0x3fU);
    } else if (lead < 0xf0) {
      code = (lead & 0x0f) << 12 | (bytes_[at + 1] & 0x3fU) << 6 | (bytes_[at + 2] & 0x3fU);
      length = 3;
    } else {
      code = (lead & 0x07) << 18 | (bytes_[at + 1] & 0x3fU) << 12 | (bytes_[at + 2] & 0x3fU) << 6 |
             (bytes_[at + 3] & 0x3fU);
      length = 4;
    }
    const std::size_t block = skein_tokens_classes[code >> 8];
    return {skein_tokens_classes[kClassBlocks + (block << 8) + (code & 0xff)], at + length};
  }
  [[nodiscard]] bool ended(std::size_t at) const { return at >= size_; }
  [[nodiscard]] char byte(std::size_t at) const { return at < size_ ? static_cast<char>(bytes_[at]) : '\0'; }

  /// The first place from `at` whose character has none of `any`.
  [[nodiscard]] std::size_t skip(std::size_t from, std::uint8_t any) const {
    while (true) {
      const Character c = at(from);
      if (!c.is(any)) return from;
      from = c.next;
    }
  }
  /// The first place from `at` that is the end or whose character has one of `any`.
  [[nodiscard]] std::size_t skip_none(std::size_t from, std::uint8_t any) const {
    while (!ended(from)) {
      const Character c = at(from);
      if (c.is(any)) return from;
      from = c.next;
    }
    return from;
  }

 private:
  const unsigned char* bytes_;
  std::size_t size_;
};

/// '(?:[sdmt]|ll|ve|re), letters in any case: its end, or `at`.
std::size_t contraction_end(const Reader& reader, std::size_t at) {
  if (reader.byte(at) != '\'') return at;
  const char first = static_cast<char>(reader.byte(at + 1) | 0x20);
  if (first == 's' || first == 'd' || first == 'm' || first == 't') return at + 2;
  const char second = static_cast<char>(reader.byte(at + 2) | 0x20);
  if ((first == 'l' && second == 'l') || ((first == 'v' || first == 'r') && second == 'e')) return at + 3;
  return at;
}

/// \s*[\r\n]+, else \s+(?!\S), else \s+: `at` is a space. Both encodings agree but for the end of the text.
std::size_t spaces_end(const Reader& reader, std::size_t at, bool whole_at_end) {
  std::size_t last_break = at, last = at, end = at;
  for (Character c = reader.at(at); c.is(kSpace); c = reader.at(end)) {
    last = end;
    end = c.next;
    if (c.is(kBreak)) last_break = end;
  }
  if (whole_at_end && reader.ended(end)) return end;
  if (last_break != at) return last_break;
  // A single one stands alone; of several the last is left to what follows.
  return reader.ended(end) || last == at ? end : last;
}

/// ` ?[^\s\p{L}\p{N}]+[\r\n...]*`: its end, or `at` where none stands there.
std::size_t marks_end(const Reader& reader, std::size_t at, bool with_slash) {
  const std::size_t begin = reader.byte(at) == ' ' ? at + 1 : at;
  std::size_t end = reader.skip_none(begin, kSpace | kLetter | kNumber);
  if (end == begin) return at;
  while (reader.byte(end) == '\r' || reader.byte(end) == '\n' || (with_slash && reader.byte(end) == '/')) ++end;
  return end;
}

std::size_t digits_end(const Reader& reader, std::size_t at) {
  for (int i = 0; i < 3; ++i) {
    const Character c = reader.at(at);
    if (!c.is(kNumber)) break;
    at = c.next;
  }
  return at;
}

/// What the two alternatives for words find from `begin`, without what may stand before a word.
struct Word {
  std::size_t first = 0;   // End of U*W+, or 0.
  std::size_t second = 0;  // End of U+W*, where the first finds nothing, or 0.
};

Word word_at(const Reader& reader, std::size_t begin) {
  std::size_t at = begin, last_lower = 0;
  Character c = reader.at(at);
  while (c.is(kUpper)) {
    at = c.next;
    if (c.is(kLower)) last_lower = at;
    c = reader.at(at);
  }
  if (c.is(kLower)) return {reader.skip(c.next, kLower), 0};
  // U* gives back until a character is left for W+.
  if (last_lower != 0) return {last_lower, 0};
  return {0, at > begin ? at : 0};
}

}  // namespace

std::size_t piece_end_o200k(std::string_view text, std::size_t at) {
  const Reader reader(text);
  const Character c = reader.at(at);
  if (c.is(kLetter)) {
    const Word word = word_at(reader, at);
    return contraction_end(reader, word.first != 0 ? word.first : word.second);
  }
  if (c.is(kNumber)) return digits_end(reader, at);
  if (!c.is(kBreak)) {
    const Word word = word_at(reader, c.next);
    if (word.first != 0) return contraction_end(reader, word.first);
    if (c.is(kLower)) return contraction_end(reader, c.next);  // A mark by itself is W+.
    if (word.second != 0) return contraction_end(reader, word.second);
  }
  if (const std::size_t end = marks_end(reader, at, true); end != at) return end;
  return spaces_end(reader, at, false);
}

std::size_t piece_end_cl100k(std::string_view text, std::size_t at) {
  const Reader reader(text);
  if (const std::size_t end = contraction_end(reader, at); end != at) return end;
  const Character c = reader.at(at);
  if (c.is(kLetter)) return reader.skip(c.next, kLetter);
  if (c.is(kNumber)) return digits_end(reader, at);
  if (!c.is(kBreak)) {
    if (const std::size_t end = reader.skip(c.next, kLetter); end != c.next) return end;
  }
  if (const std::size_t end = marks_end(reader, at, false); end != at) return end;
  return spaces_end(reader, at, true);
}

}  // namespace skein::text
