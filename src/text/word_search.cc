#include "text/word_search.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/check.h"

namespace skein::text {
namespace {

constexpr std::size_t kPiece = 4096;      ///< Places that are filtered before what is left of them is looked at.
constexpr std::size_t kMostWindows = 10;  ///< Of a word, the rarest, that are tried.

/// How often each byte of ASCII stands in logs of builds, tests and CI jobs, in ten thousand. Only the speed depends on
/// it.
constexpr std::array<std::array<std::uint16_t, 16>, 8> kOften{{
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 20, 179, 1, 1, 60, 1, 1},
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 40, 1, 1, 1, 1},
    {1282, 1, 10, 1, 5, 30, 1, 7, 60, 60, 5, 23, 20, 234, 195, 165},
    {180, 216, 142, 130, 141, 102, 100, 78, 86, 77, 176, 6, 1, 16, 4, 1},
    {2, 31, 27, 50, 17, 30, 18, 11, 11, 28, 6, 20, 28, 19, 27, 25},
    {34, 1, 40, 39, 33, 18, 8, 6, 7, 5, 5, 60, 3, 40, 1, 60},
    {1, 300, 135, 215, 160, 583, 90, 153, 100, 396, 30, 50, 230, 200, 337, 400},
    {180, 7, 364, 394, 407, 158, 80, 50, 40, 45, 10, 1, 6, 1, 1, 1},
}};

/// What logs are full of, in lower case: no window should stand in it.
constexpr std::string_view kFragments =
    " building built building cxx object cmakefiles .dir .cc.o .cpp.o compiling compiled testing test tests running "
    "run "
    "linking installing installed processing passing passed example package request resolving resolved module version "
    "source target segment handle handler parse parser server time from with file files java station http https "
    "registry index include cmake finished started completed done info debug status download downloading unpacking "
    "setting collecting fetch fetching usr/lib src/ .com/ .org/ node_modules [info] -- ---- ====  ... **** receiving "
    "objects remote: counting deltas total size: name: tests: files: results: license usage progress root user under "
    "without please notice cache archive created cloning travis github worker branch master commit part artifact "
    "environment variable component comment document implement configure connect data recent country all for ";
constexpr double kFragmentShare = 0.003;  ///< What a window that stands in it costs more.

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::uint32_t three_at(const char* bytes) {
  std::uint16_t two = 0;
  std::memcpy(&two, bytes, sizeof two);
  return two | std::uint32_t{static_cast<unsigned char>(bytes[2])} << 16U;
}

bool is(const WordSearch::Word& word, std::string_view text) {
  return word.any_case ? std::ranges::equal(text, word.text, {}, lower) : text == word.text;
}

/// Places of a piece; four more than there may be are written to.
using Places = std::array<std::uint32_t, kPiece + 4>;

#if defined(__x86_64__)

#define SKEIN_AVX2 __attribute__((target("avx2,bmi,popcnt")))

struct WideHalves {
  __m256i low, high;
};

SKEIN_AVX2 inline __m256i twice(const std::array<std::uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

/// For each of 32 bytes the groups in which it may stand. Those beyond ASCII may in none.
SKEIN_AVX2 inline __m256i groups_of(const char* bytes, const WideHalves& halves) {
  const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(all, 4), _mm256_set1_epi8(0x0f));
  return _mm256_and_si256(_mm256_shuffle_epi8(halves.low, all), _mm256_shuffle_epi8(halves.high, high));
}

SKEIN_AVX2 inline std::uint64_t begin_none(const char* bytes, const WideHalves& first, const WideHalves& second,
                                           const WideHalves& third) {
  const __m256i groups = _mm256_and_si256(_mm256_and_si256(groups_of(bytes, first), groups_of(bytes + 1, second)),
                                          groups_of(bytes + 2, third));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256())));
}

/// The places of [0, size), a multiple of 64, at which a window may begin; two more bytes can be read.
SKEIN_AVX2 std::size_t filter_wide(const WordSearch::Filter& filter, const char* bytes, std::size_t size,
                                   Places& places) {
  const WideHalves first{twice(filter[0].low), twice(filter[0].high)};
  const WideHalves second{twice(filter[1].low), twice(filter[1].high)};
  const WideHalves third{twice(filter[2].low), twice(filter[2].high)};
  std::size_t count = 0;
  for (std::size_t at = 0; at < size; at += 64) {
    std::uint64_t left =
        ~(begin_none(bytes + at, first, second, third) | begin_none(bytes + at + 32, first, second, third) << 32U);
    const auto found = static_cast<std::size_t>(std::popcount(left));
    // Four at a time, needed or not: how many come cannot be foreseen.
    for (std::size_t i = 0; i < found; i += 4)
      for (std::size_t j = 0; j < 4; ++j) {
        places[count + i + j] = static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(left));
        left &= left - 1;
      }
    count += found;
  }
  return count;
}

#else

std::size_t filter_wide(const WordSearch::Filter&, const char*, std::size_t, Places&) { return 0; }

#endif

}  // namespace

bool WordSearch::has_wide() {
#if defined(__x86_64__)
  static const bool kHas = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
                           __builtin_cpu_supports("popcnt") != 0;
  return kHas;
#else
  return false;
#endif
}

/// What the windows of a group have at each place: halves of bytes that occur, and what share of a log's bytes is made
/// of such halves.
struct WordSearch::Group {
  struct Place {
    std::uint32_t low = 0, high = 0;
    double share = 0;
  };
  std::array<Place, kWindow> places{};
  double share = 0;  // Of the places of a log that the group lets through.

  static Place with(Place place, char c, bool any_case) {
    const auto byte = static_cast<unsigned char>(c);
    const std::uint32_t low = place.low | 1U << (byte & 15U);
    std::uint32_t high = place.high | 1U << (byte >> 4U);
    if (any_case && is_lower(c)) high |= 1U << ((byte >> 4U) - 2U);
    if (low == place.low && high == place.high) return place;
    Place made{low, high, 0};
    unsigned sum = 0;
    for (std::uint32_t rows = high; rows != 0; rows &= rows - 1)
      for (std::uint32_t columns = low; columns != 0; columns &= columns - 1)
        sum += kOften[static_cast<std::size_t>(std::countr_zero(rows))]
                     [static_cast<std::size_t>(std::countr_zero(columns))];
    made.share = sum / 10'000.0;
    return made;
  }
  /// With the window at `at` of the word, too.
  [[nodiscard]] Group with(const Word& word, std::size_t at) const {
    Group made;
    made.share = 1;
    for (std::size_t i = 0; i < kWindow; ++i) {
      made.places[i] = with(places[i], word.text[at + i], word.any_case);
      made.share *= made.places[i].share;
    }
    return made;
  }
};

WordSearch::WordSearch(std::vector<Word> words, Instructions instructions)
    : words_(std::move(words)), instructions_(instructions), slots_(std::size_t{1} << kSlotBits) {
  SKEIN_CHECK(words_.size() < std::numeric_limits<std::uint16_t>::max());
  for (const Word& word : words_) {
    SKEIN_CHECK(word.text.size() >= kShortest);
    SKEIN_CHECK(std::ranges::all_of(word.text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
  choose_windows();
  std::ranges::stable_sort(windows_, {}, [](const Window& window) { return slot_of(window.three); });
  for (std::size_t i = windows_.size(); i-- > 0;) {
    const std::uint32_t slot = slot_of(windows_[i].three);
    slots_[slot] = static_cast<std::uint16_t>(i + 1);
    windows_[i].is_last = i + 1 == windows_.size() || slot_of(windows_[i + 1].three) != slot;
  }
  for (std::size_t i = 0; i < kWindow; ++i)
    for (std::size_t c = 0; c < 0x80; ++c) allowed_[i][c] = filter_[i].low[c & 15U] & filter_[i].high[c >> 4U];
}

/// One word after the other, those with the least choice first, gets the window and the group by which the fewest
/// further places are let through.
void WordSearch::choose_windows() {
  std::vector<std::uint32_t> order(words_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return words_[i].text.size(); });
  std::array<Group, kGroups> groups{};
  struct Tried {
    std::size_t at;
    double more, share;
  };
  std::vector<Tried> tried;
  for (const std::uint32_t number : order) {
    const Word& word = words_[number];
    std::string small = word.text;
    std::ranges::transform(small, small.begin(), lower);
    tried.clear();
    for (std::size_t at = 0; at + kWindow <= small.size(); ++at) {
      const bool is_common = kFragments.find(std::string_view(small).substr(at, kWindow)) != std::string_view::npos;
      tried.push_back({at, is_common ? kFragmentShare : 0, Group().with(word, at).share});
    }
    std::ranges::stable_sort(tried, {}, [](const Tried& one) { return one.share + one.more; });
    if (tried.size() > kMostWindows) tried.resize(kMostWindows);
    double least = std::numeric_limits<double>::max();
    std::size_t best_group = 0, best_at = 0;
    for (const Tried& one : tried)
      for (std::size_t g = 0; g < kGroups; ++g) {
        const double more = groups[g].with(word, one.at).share - groups[g].share + one.more;
        if (more >= least) continue;
        least = more;
        best_group = g;
        best_at = one.at;
      }
    groups[best_group] = groups[best_group].with(word, best_at);
    Window window;
    window.three = folded(three_at(word.text.data() + best_at));
    window.word = number;
    window.back = static_cast<std::uint32_t>(best_at);
    window.size = static_cast<std::uint32_t>(word.text.size());
    const std::size_t last = word.text.size() - kWindow;
    window.other_at = best_at > last - best_at ? 0 : static_cast<std::uint32_t>(last);
    window.other = folded(three_at(word.text.data() + window.other_at));
    windows_.push_back(window);
  }
  for (std::size_t g = 0; g < kGroups; ++g)
    for (std::size_t i = 0; i < kWindow; ++i)
      for (unsigned half = 0; half < 16; ++half) {
        const auto bit = static_cast<std::uint8_t>(1U << g);
        if ((groups[g].places[i].low >> half & 1U) != 0) filter_[i].low[half] |= bit;
        if ((groups[g].places[i].high >> half & 1U) != 0) filter_[i].high[half] |= bit;
      }
}

void WordSearch::look(std::string_view text, std::size_t at, std::vector<Hit>& hits) const {
  const std::uint32_t three = folded(three_at(text.data() + at));
  for (const Window* window = &windows_[slots_[slot_of(three)] - 1U];; ++window) {
    const std::size_t begin = at - window->back;
    if (window->three == three && at >= window->back && text.size() - begin >= window->size &&
        folded(three_at(text.data() + begin + window->other_at)) == window->other &&
        is(words_[window->word], text.substr(begin, window->size)))
      hits.push_back({at, begin, window->word});
    if (window->is_last) return;
  }
}

void WordSearch::find(std::string_view text, std::vector<Hit>& hits) const {
  if (text.size() < kWindow || words_.empty()) return;
  const std::size_t end = text.size() - kWindow + 1;  // Of the places at which a window may begin.
  const bool is_wide = instructions_ == Instructions::best && has_wide();
  Places places;
  for (std::size_t from = 0; from < end;) {
    const char* const bytes = text.data() + from;
    std::size_t size = std::min(kPiece, end - from), count = 0;
    if (is_wide && size >= 64) {
      size -= size % 64;
      count = filter_wide(filter_, bytes, size, places);
    } else {
      for (std::size_t at = 0; at < size; ++at) {
        places[count] = static_cast<std::uint32_t>(at);
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
        count += (allowed_[0][byte(0)] & allowed_[1][byte(1)] & allowed_[2][byte(2)]) != 0 ? 1U : 0U;
      }
    }
    std::size_t left = 0;
    const auto keep = [&](std::uint32_t place, std::uint32_t three) {
      places[left] = place;
      left += slots_[slot_of(folded(three))] != 0 ? 1U : 0U;
    };
    if (from + size + kWindow <= text.size()) {
      for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t four = 0;
        std::memcpy(&four, bytes + places[i], sizeof four);
        keep(places[i], four);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) keep(places[i], three_at(bytes + places[i]));
    }
    for (std::size_t i = 0; i < left; ++i) look(text, from + places[i], hits);
    from += size;
  }
}

}  // namespace skein::text
