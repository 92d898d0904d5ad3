#include "summary/line_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/check.h"

namespace skein::summary {
namespace {

constexpr std::size_t kWindow = 4;  ///< Bytes that are hashed.
constexpr unsigned kSlotBits = 17;
constexpr std::size_t kHashed = 512;  ///< Places that are hashed before what was found is looked at.

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_plain(char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }
bool is_all_plain(std::string_view text) { return std::ranges::all_of(text, is_plain); }

/// Bytes that differ in bit 5 are one (so letters' cases are), but what is let through is compared anyway.
std::uint32_t folded(std::uint32_t four) { return four | 0x20202020U; }
std::uint32_t slot_of(std::uint32_t four) { return (folded(four) * 0x9e3779b1U) >> (32 - kSlotBits); }

std::uint32_t load(const char* bytes) {
  std::uint32_t four = 0;
  std::memcpy(&four, bytes, sizeof four);
  return four;
}

/// How common a byte is in logs, roughly: only the speed depends on it.
int commonness(char c) {
  constexpr std::string_view kCommon = " etaoinsrlcdupmhgfb-=.w/_yvk:1023456789xzjq";
  const std::size_t at = kCommon.find(lower(c));
  return at == std::string_view::npos ? 1 : static_cast<int>(kCommon.size() - at) + 2;
}

/// Of kWindow bytes.
int commonness(std::string_view window) {
  // What logs are full of.
  constexpr std::string_view kOften =
      "building compiling compiled testing tests running linking installing processing missing passing example package "
      "request resolving module version source target segment handle handler parse server time from with file files "
      "java station http https index registry object cmake finished ---- ====  ... **** ";
  int sum = 0;
  std::string low;
  for (const char c : window) {
    sum += commonness(c);
    low += lower(c);
  }
  return kOften.find(low) == std::string_view::npos ? sum : sum + 1000;
}

/// Bit i of each is about byte i.
struct SixtyFour {
  std::uint64_t newline = 0;
  std::uint64_t odd = 0;  ///< Neither printable ASCII nor a tab or newline.
};

SixtyFour sixty_four_at(const char* bytes) {
  SixtyFour all;
#if defined(__SSE2__)
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i some = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + std::size_t{16} * part));
    const auto is = [&](char c) { return _mm_cmpeq_epi8(some, _mm_set1_epi8(c)); };
    const __m128i newline = is('\n');
    // As signed numbers, bytes beyond ASCII are below the blank.
    const __m128i below = _mm_cmplt_epi8(some, _mm_set1_epi8(0x20));
    const __m128i odd = _mm_or_si128(_mm_andnot_si128(_mm_or_si128(newline, is('\t')), below), is(0x7f));
    all.newline |= static_cast<std::uint64_t>(_mm_movemask_epi8(newline)) << 16 * part;
    all.odd |= static_cast<std::uint64_t>(_mm_movemask_epi8(odd)) << 16 * part;
  }
#else
  for (unsigned i = 0; i < 64; ++i) {
    if (bytes[i] == '\n')
      all.newline |= std::uint64_t{1} << i;
    else if (!is_plain(bytes[i]))
      all.odd |= std::uint64_t{1} << i;
  }
#endif
  return all;
}

/// Appends the lines of `block`; the words are not looked for yet.
void cut(std::string_view block, std::vector<ScannedLine>& lines) {
  ScannedLine line;
  for (std::size_t at = 0; at < block.size(); at += 64) {
    std::array<char, 64> padded;
    const char* bytes = block.data() + at;
    if (block.size() - at < padded.size()) {
      padded.fill(' ');
      std::memcpy(padded.data(), bytes, block.size() - at);
      bytes = padded.data();
    }
    const SixtyFour some = sixty_four_at(bytes);
    for (std::uint64_t left = some.newline | some.odd; left != 0; left &= left - 1) {
      const auto place = static_cast<unsigned>(std::countr_zero(left));
      std::size_t end = at + place;
      if ((some.newline >> place & 1U) != 0) {
        line.size = static_cast<std::uint32_t>(end) - line.begin;
        while (line.size > 0 && block[line.begin + line.size - 1] == '\r') --line.size;
        lines.push_back(line);
        line = {};
        line.begin = static_cast<std::uint32_t>(end) + 1;
        continue;
      }
      const char c = block[end];
      while (end < block.size() && block[end] == '\r') ++end;
      if (end > at + place && (end == block.size() || block[end] == '\n')) continue;
      line.is_plain = false;
      (static_cast<unsigned char>(c) < 0x80 ? line.has_control : line.has_high) = true;
    }
  }
}

}  // namespace

LineScanner::LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words)
    : may_begin_(std::size_t{1} << kSlotBits), first_place_(std::size_t{1} << kSlotBits) {
  add_words(rule_words, true);
  add_words(telling_words, false);
  lay_out_places();
}

void LineScanner::add_words(std::span<const std::string> words, bool are_rules) {
  // A word that has another in it is found with that one.
  const auto is_told = [&](const std::string& word) {
    return std::ranges::any_of(words, [&](const std::string& other) {
      return is_all_plain(other) && other.size() < word.size() && word.find(other) != std::string::npos;
    });
  };
  std::vector<std::string> wanted(words.begin(), words.end());
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  for (const std::string& word : wanted) {
    if (!is_all_plain(word) || is_told(word)) continue;
    const auto number = static_cast<std::uint32_t>(words_.size());
    words_.push_back({word, are_rules});
    const std::size_t size = word.size();
    if (size < kWindow - 1) {
      tiny_.push_back(number);
    } else if (size > kWindow) {
      const std::string_view all = word;
      const auto both = [&](std::size_t at) {
        return commonness(all.substr(at, kWindow)) + commonness(all.substr(at + 1, kWindow));
      };
      std::size_t best = 0;
      for (std::size_t at = 1; at + kWindow < size; ++at)
        if (both(at) < both(best)) best = at;
      for (const std::size_t at : {best, best + 1})
        add_place(all.substr(at, kWindow), number, static_cast<std::int32_t>(at));
    } else {
      // Any byte may stand beside a short one.
      const bool is_whole = size == kWindow;
      const bool behind = is_whole && commonness(word.substr(1)) < commonness(word.substr(0, kWindow - 1));
      if (is_whole) add_place(word, number, 0);
      for (int c = 0x20; c < 0x80; c = c == 0x3f ? 0x60 : c + 1) {
        const std::string beside(1, static_cast<char>(c));
        if (!is_whole) add_place(word + beside, number, 0);
        if (behind)
          add_place(word.substr(1) + beside, number, 1);
        else
          add_place(beside + word.substr(0, kWindow - 1), number, -1);
      }
    }
  }
}

void LineScanner::add_place(std::string_view four, std::uint32_t word, std::int32_t back) {
  Place place;
  place.four = folded(load(four.data()));
  place.word = word;
  place.back = back;
  place.check = place.four;
  // The part of the word that is farthest from what was found.
  const std::string& text = words_[word].text;
  if (text.size() >= kWindow) {
    const auto last = static_cast<std::int32_t>(text.size() - kWindow);
    const std::int32_t at = back > last - back ? 0 : last;
    place.check = folded(load(text.data() + at));
    place.check_at = at - back;
  }
  may_begin_[slot_of(place.four)] = 1;
  places_.push_back(place);
}

void LineScanner::lay_out_places() {
  std::ranges::stable_sort(places_, {}, [](const Place& place) { return slot_of(place.four); });
  for (std::size_t i = places_.size(); i-- > 0;) {
    const std::uint32_t slot = slot_of(places_[i].four);
    first_place_[slot] = static_cast<std::uint32_t>(i);
    places_[i].is_last = i + 1 == places_.size() || slot_of(places_[i + 1].four) != slot;
  }
}

bool LineScanner::is_at(const Word& word, std::string_view text, std::size_t at) const {
  if (at > text.size() || text.size() - at < word.text.size()) return false;
  const std::string_view there = text.substr(at, word.text.size());
  if (word.is_rule) return there == word.text;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (lower(there[i]) != word.text[i]) return false;
  return true;
}

template <class Found>
void LineScanner::each_word(std::string_view text, Found found) const {
  const std::uint8_t* const may_begin = may_begin_.data();
  const char* const bytes = text.data();
  const auto look = [&](std::size_t at, std::uint32_t four) {
    for (const Place* place = &places_[first_place_[slot_of(four)]];; ++place) {
      const std::size_t check = at + static_cast<std::size_t>(static_cast<std::int64_t>(place->check_at));
      if (place->four == folded(four) && check < text.size() &&
          (text.size() - check < kWindow || folded(load(bytes + check)) == place->check)) {
        const std::size_t begin = at - static_cast<std::size_t>(static_cast<std::int64_t>(place->back));
        if (is_at(words_[place->word], text, begin)) found(words_[place->word], std::max(at, begin));
      }
      if (place->is_last) return;
    }
  };
  std::array<std::uint32_t, kHashed> hits;
  std::size_t at = 0;
  while (at + kWindow <= text.size()) {
    // Without a branch for what is found: it comes too irregularly to be foreseen.
    std::size_t count = 0;
    const std::size_t upto = std::min(at + 2 * kHashed, text.size() - kWindow + 1);
    for (; at + 8 <= upto; at += 8)
      for (std::size_t i = 0; i < 8; i += 2) {
        hits[count] = static_cast<std::uint32_t>(at + i);
        count += may_begin[slot_of(load(bytes + at + i))];
      }
    for (; at < upto; at += 2) {
      hits[count] = static_cast<std::uint32_t>(at);
      count += may_begin[slot_of(load(bytes + at))];
    }
    for (std::size_t i = 0; i < count; ++i) look(hits[i], load(bytes + hits[i]));
  }
  for (; at < text.size(); at += 2) {
    std::array<char, kWindow> last{};
    text.copy(last.data(), kWindow, at);
    const std::uint32_t four = load(last.data());
    if (may_begin[slot_of(four)] != 0) look(at, four);
  }
}

template <class Found>
void LineScanner::each_tiny_word(std::string_view text, Found found) const {
  for (const std::uint32_t number : tiny_) {
    const Word& word = words_[number];
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (word.is_rule && (at = text.find(word.text, at)) == std::string_view::npos) break;
      if (is_at(word, text, at)) found(word, at);
    }
  }
}

ScannedLine LineScanner::scan_line(std::string_view line) const {
  ScannedLine seen;
  seen.size = static_cast<std::uint32_t>(line.size());
  for (const char c : line)
    if (!is_plain(c)) {
      seen.is_plain = false;
      (static_cast<unsigned char>(c) < 0x80 ? seen.has_control : seen.has_high) = true;
    }
  const auto take = [&](const Word& word, std::size_t) {
    (word.is_rule ? seen.has_rule_word : seen.has_telling_word) = true;
  };
  each_word(line, take);
  each_tiny_word(line, take);
  return seen;
}

void LineScanner::scan(std::string_view block, std::vector<ScannedLine>& lines) const {
  SKEIN_CHECK(!block.empty() && block.back() == '\n');
  lines.clear();
  cut(block, lines);
  std::size_t at_line = 0;
  const auto take = [&](const Word& word, std::size_t at) {
    if (at < lines[at_line].begin) at_line = 0;  // Of the next tiny word.
    while (at_line + 1 < lines.size() && lines[at_line + 1].begin <= at) ++at_line;
    (word.is_rule ? lines[at_line].has_rule_word : lines[at_line].has_telling_word) = true;
  };
  each_word(block, take);
  each_tiny_word(block, take);
}

}  // namespace skein::summary
