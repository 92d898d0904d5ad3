#include "summary/line_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/check.h"
#include "summary/json_line.h"
#include "summary/line_value.h"
#include "summary/visible_line.h"

namespace skein::summary {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_plain(char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }
bool is_all_plain(std::string_view text) { return std::ranges::all_of(text, is_plain); }

/// Bit i of each is about byte i.
struct SixtyFour {
  std::uint64_t newline = 0;
  std::uint64_t odd = 0;  ///< Neither printable ASCII nor a tab or newline.
};

SixtyFour sixty_four_at(const char* bytes) {
  SixtyFour all;
#if defined(__x86_64__)
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

constexpr std::size_t kPiece = 4096;

/// Places of a block; four more than a piece has are written to.
struct Places {
  std::array<std::uint32_t, kPiece + 4> at;
  std::size_t count = 0;

  /// Those of the bits, from `from` on. Inline, so that it has the instructions of its caller.
  [[gnu::always_inline]] inline void add(std::uint64_t bits, std::size_t from) {
    const auto found = static_cast<std::size_t>(std::popcount(bits));
    // Four at a time, needed or not: how many come cannot be foreseen.
    for (std::size_t i = 0; i < found; i += 4)
      for (std::size_t j = 0; j < 4; ++j) {
        at[count + i + j] = static_cast<std::uint32_t>(from) + static_cast<std::uint32_t>(std::countr_zero(bits));
        bits &= bits - 1;
      }
    count += found;
  }
};

/// What stands in a piece besides printable ASCII and tabs.
struct Signs {
  Places newlines, odd;
};

#if defined(__x86_64__)

/// Those of [from, from + size), a multiple of 64.
__attribute__((target("avx2,bmi,popcnt"))) void find_signs_wide(const char* block, std::size_t from, std::size_t size,
                                                                Signs& signs) {
  for (std::size_t at = from; at < from + size; at += 64) {
    std::uint64_t newlines = 0, odd = 0;
    for (unsigned half = 0; half < 64; half += 32) {
      const __m256i some = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + at + half));
      const __m256i newline = _mm256_cmpeq_epi8(some, _mm256_set1_epi8('\n'));
      const __m256i fine = _mm256_or_si256(newline, _mm256_cmpeq_epi8(some, _mm256_set1_epi8('\t')));
      // As signed numbers, bytes beyond ASCII are below the blank.
      const __m256i below = _mm256_andnot_si256(fine, _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), some));
      const __m256i strange = _mm256_or_si256(below, _mm256_cmpeq_epi8(some, _mm256_set1_epi8(0x7f)));
      newlines |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(newline))} << half;
      odd |= std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(strange))} << half;
    }
    signs.newlines.add(newlines, at);
    if (odd != 0) signs.odd.add(odd, at);
  }
}

#else

void find_signs_wide(const char*, std::size_t, std::size_t, Signs&) {}

#endif

/// Cuts a block into lines; the words are not looked for yet.
class Cutter {
 public:
  Cutter(std::string_view block, std::vector<ScannedLine>& lines) : block_(block), lines_(lines) {}

  void cut() {
    const bool is_wide = text::WordSearch::has_wide();
    Signs signs;
    for (std::size_t from = 0; from < block_.size(); from += kPiece) {
      const std::size_t size = std::min(kPiece, block_.size() - from);
      signs.newlines.count = signs.odd.count = 0;
      if (is_wide && size % 64 == 0) {
        find_signs_wide(block_.data(), from, size, signs);
      } else {
        for (std::size_t at = from; at < from + size; at += 64) {
          const SixtyFour some = part_at(at);
          signs.newlines.add(some.newline, at);
          signs.odd.add(some.odd, at);
        }
      }
      take(signs);
    }
  }

 private:
  [[nodiscard]] SixtyFour part_at(std::size_t at) const {
    if (block_.size() - at >= 64) return sixty_four_at(block_.data() + at);
    std::array<char, 64> padded;
    padded.fill(' ');
    std::memcpy(padded.data(), block_.data() + at, block_.size() - at);
    return sixty_four_at(padded.data());
  }

  void take(const Signs& signs) {
    const std::size_t old = lines_.size();
    lines_.resize(old + signs.newlines.count);
    ScannedLine* out = lines_.data() + old;
    ScannedLine line = torn_;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < signs.newlines.count; ++i, ++out) {
      const std::uint32_t end = signs.newlines.at[i];
      for (; odd < signs.odd.count && signs.odd.at[odd] < end; ++odd) see_odd(signs.odd.at[odd], line);
      line.size = end - line.begin;
      while (ends_with_cr_ && line.size > 0 && block_[line.begin + line.size - 1] == '\r') --line.size;
      ends_with_cr_ = false;
      *out = line;
      line = {};
      line.begin = end + 1;
    }
    for (; odd < signs.odd.count; ++odd) see_odd(signs.odd.at[odd], line);
    torn_ = line;
  }

  void see_odd(std::size_t at, ScannedLine& line) {
    if (at < crs_end_) return;
    if (block_[at] == '\r') {
      crs_end_ = std::min(block_.find_first_not_of('\r', at), block_.size());
      ends_with_cr_ = crs_end_ == block_.size() || block_[crs_end_] == '\n';
      if (ends_with_cr_) return;
    }
    line.is_plain = false;
    (static_cast<unsigned char>(block_[at]) < 0x80 ? line.has_control : line.has_high) = true;
  }

  std::string_view block_;
  std::vector<ScannedLine>& lines_;
  ScannedLine torn_;           // The beginning of a line that goes on.
  bool ends_with_cr_ = false;  // It does.
  std::size_t crs_end_ = 0;    // Of the last CRs, which are looked at together.
};

/// Whether nobody needs to look at a line without words: it says nothing, and is shown as it is.
bool is_idle(std::string_view block, const ScannedLine& line) {
  if (!line.is_plain || line.has_rule_word || line.has_telling_word || line.size > kMostLineBytes) return false;
  const std::string_view raw = block.substr(line.begin, line.size);
  // Neither a time stamp nor JSON nor a number stands at most lines' beginnings.
  static constexpr std::array<bool, 256> kIsClear = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-=>*"))
      table[static_cast<unsigned char>(c)] = true;
    return table;
  }();
  if (raw.empty() || kIsClear[static_cast<unsigned char>(raw[0])]) return true;
  return (raw[0] != '{' || !may_be_json_line(raw)) && begins_quiet(raw.substr(time_stamp_size(raw)));
}

}  // namespace

LineScanner::LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words) {
  std::vector<text::WordSearch::Word> wanted;
  for (const bool are_rules : {true, false}) {
    const auto words = are_rules ? rule_words : telling_words;
    // A word that has another in it is found with that one.
    const auto is_told = [&](const std::string& word) {
      return std::ranges::any_of(words, [&](const std::string& other) {
        return is_all_plain(other) && other.size() < word.size() && word.find(other) != std::string::npos;
      });
    };
    std::vector<std::string> some(words.begin(), words.end());
    std::ranges::sort(some);
    some.erase(std::ranges::unique(some).begin(), some.end());
    for (std::string& word : some) {
      if (!is_all_plain(word) || is_told(word)) continue;
      if (word.size() < text::WordSearch::kShortest) {
        tiny_.push_back({std::move(word), are_rules});
      } else {
        wanted.push_back({std::move(word), !are_rules});
        is_rule_.push_back(are_rules ? 1 : 0);
      }
    }
  }
  search_ = text::WordSearch(std::move(wanted));
}

template <class Found>
void LineScanner::each_tiny_word(std::string_view text, Found found) const {
  for (const TinyWord& word : tiny_) {
    if (word.is_rule) {
      for (std::size_t at = text.find(word.text); at != std::string_view::npos; at = text.find(word.text, at + 1))
        found(true, at);
      continue;
    }
    for (std::size_t at = 0; at + word.text.size() <= text.size(); ++at)
      if (std::ranges::equal(text.substr(at, word.text.size()), word.text, {}, lower)) found(false, at);
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
  std::vector<text::WordSearch::Hit> hits;
  search_.find(line, hits);
  const auto take = [&](bool is_rule, std::size_t) { (is_rule ? seen.has_rule_word : seen.has_telling_word) = true; };
  for (const auto& hit : hits) take(is_rule_[hit.word] != 0, hit.at);
  each_tiny_word(line, take);
  return seen;
}

void LineScanner::scan(std::string_view block, ScannedLines& scanned) const {
  SKEIN_CHECK(!block.empty() && block.back() == '\n');
  std::vector<ScannedLine>& lines = scanned.lines;
  lines.clear();
  Cutter(block, lines).cut();
  std::size_t at_line = 0;
  const auto take = [&](bool is_rule, std::size_t at) {
    if (at < lines[at_line].begin) at_line = 0;  // Of the next tiny word.
    while (at_line + 1 < lines.size() && lines[at_line + 1].begin <= at) ++at_line;
    (is_rule ? lines[at_line].has_rule_word : lines[at_line].has_telling_word) = true;
  };
  scanned.hits.clear();
  search_.find(block, scanned.hits);
  for (const auto& hit : scanned.hits) take(is_rule_[hit.word] != 0, hit.at);
  each_tiny_word(block, take);
  constexpr std::uint16_t kMostIdle = 0xffff;
  std::uint16_t idle = 0;
  for (std::size_t i = lines.size(); i-- > 0;) {
    idle = is_idle(block, lines[i]) ? static_cast<std::uint16_t>(std::min<unsigned>(idle + 1U, kMostIdle)) : 0;
    lines[i].idle = idle;
  }
}

}  // namespace skein::summary
