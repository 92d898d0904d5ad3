#include "text/word_search.h"

#include <algorithm>
#include <bit>
#include <bitset>
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

/// What logs are full of: groups of windows should be found in it seldom. Only the speed depends on it.
constexpr std::string_view kSample =
    "[ 12%] Building CXX object src/server/CMakeFiles/server.dir/parser.cc.o\n"
    "[317/4000] Linking CXX static library lib/libstore.a\n"
    "g++ -O2 -g -Wall -Wextra -std=c++20 -I../include -c src/main.cpp -o build/main.o\n"
    "[ 98%] Built target engine_test\n"
    "-- Looking for pthread_create in pthread - found\n"
    "   Compiling serde_derive v1.0.136 (/home/user/project/crate)\n"
    "[INFO] Compiling 14 source files to /builds/group/module-api/target/classes\n"
    "[INFO] Running com.example.service.RequestHandlerTest, Time elapsed: 0.031 s\n"
    "test tests::parses_what_it_printed ... ok\n"
    "=== RUN   TestHandlesRequest/case_17\n--- PASS: TestHandlesRequest (0.02s)\n"
    "[ RUN      ] Scheduler.StartsTheLongestPathFirst\n[       OK ] Scheduler.Starts (12 ms)\n"
    "  \xe2\x9c\x93 should return the recent documents of a station (4 ms)\n"
    "tests/unit/test_client.py::TestClient::test_connect PASSED                 [ 45%]\n"
    "npm http fetch GET 200 https://registry.example.org/package-json 84ms (cache hit)\n"
    "Get:42 http://mirror.example.org/debian bookworm/main amd64 libssl3 amd64 3.0.11-1 [2019 kB]\n"
    "Unpacking libperl5.36:amd64 (5.36.0-7) over (5.36.0-6) ...\n"
    "Setting up python3-setuptools (66.1.1-1) ...\n"
    "Collecting requests==2.31.0\n  Downloading requests-2.31.0-py3-none-any.whl (62 kB)\n"
    "remote: Counting objects: 100% (1234/1234), done.\nReceiving objects:  55% (5/9), 1.2 MiB\n"
    "Download https://repo.maven.apache.org/maven2/org/junit/jupiter/junit-5.9.2.pom\n"
    "Step 4/17 : COPY package.json ./\nRemoving intermediate container 7f3e\n"
    "2026-03-04T10:11:12.1234567Z ##[group]Run actions/checkout@v4 with: fetch-depth: 1\n"
    "2026-03-04 10:11:12,123 INFO  [worker-3] indexer.pipeline - 48 MB in the queue\n"
    "travis_time:end:0a1b:start=161,finish=162,duration=1\n$ bundle install --jobs=3\n"
    "Using activesupport 6.1.4 from the Gemfile\nlicense, version, usage and progress of all\n"
    "export environment variables: configure --prefix=/usr/local --enable-shared\n"
    "====================  ----------------------------------------  ****  ....................\n";

constexpr double kSampleWeight = 4;  ///< Of what is found in it beside what single bytes let expect.

/// The places of the sample at which each half of a byte stands.
using SamplePlaces = std::bitset<kSample.size()>;
struct SampleHalves {
  std::array<SamplePlaces, 16> low, high;
};
const SampleHalves& sample_halves() {
  static const SampleHalves kHalves = [] {
    SampleHalves halves;
    for (std::size_t at = 0; at < kSample.size(); ++at) {
      const auto byte = static_cast<unsigned char>(kSample[at]);
      halves.low[byte & 15U].set(at);
      halves.high[byte >> 4U].set(at);
    }
    return halves;
  }();
  return kHalves;
}

SamplePlaces sample_places(const std::array<SamplePlaces, 16>& halves, std::uint32_t bits) {
  SamplePlaces all;
  for (; bits != 0; bits &= bits - 1) all |= halves[static_cast<std::size_t>(std::countr_zero(bits))];
  return all;
}

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

/// The same of the byte behind a window of three, which may be any.
SKEIN_AVX2 inline __m256i groups_of_any(const char* bytes, const WideHalves& halves) {
  const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i low = _mm256_and_si256(all, _mm256_set1_epi8(0x0f));
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(all, 4), _mm256_set1_epi8(0x0f));
  return _mm256_and_si256(_mm256_shuffle_epi8(halves.low, low), _mm256_shuffle_epi8(halves.high, high));
}

SKEIN_AVX2 inline std::uint64_t begin_none(const char* bytes, const std::array<WideHalves, 4>& halves) {
  const __m256i first = _mm256_and_si256(groups_of(bytes, halves[0]), groups_of(bytes + 1, halves[1]));
  const __m256i second = _mm256_and_si256(groups_of(bytes + 2, halves[2]), groups_of_any(bytes + 3, halves[3]));
  const __m256i groups = _mm256_and_si256(first, second);
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256())));
}

/// The places of [0, size), a multiple of 64, at which a window may begin; three more bytes can be read.
SKEIN_AVX2 std::size_t filter_wide(const WordSearch::Filter& filter, const char* bytes, std::size_t size,
                                   Places& places) {
  std::array<WideHalves, 4> halves;
  for (std::size_t i = 0; i < 4; ++i) halves[i] = {twice(filter[i].low), twice(filter[i].high)};
  std::size_t count = 0;
  for (std::size_t at = 0; at < size; at += 64) {
    std::uint64_t left = ~(begin_none(bytes + at, halves) | begin_none(bytes + at + 32, halves) << 32U);
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

/// What the windows of a group have at each place: halves of bytes that occur, and what share of a log's bytes and
/// which of the sample's are made of such halves.
struct WordSearch::Group {
  /// The halves of one byte of a word, as bits.
  struct Byte {
    std::uint32_t low = 0xffff, high = 0xffff;  // Behind the word's end any may stand.
    Byte() = default;
    Byte(char c, bool any_case) : low(1U << (static_cast<unsigned char>(c) & 15U)) {
      high = 1U << (static_cast<unsigned char>(c) >> 4U);
      if (any_case && is_lower(c)) high |= high >> 2U;
    }
  };
  static Byte byte_of(const Word& word, std::size_t at) {
    return at < word.text.size() ? Byte(word.text[at], word.any_case) : Byte();
  }
  struct Place {
    std::uint32_t low = 0, high = 0;
    double share = 0;
    SamplePlaces lows, highs;

    [[nodiscard]] double share_with(const Byte& byte) const {
      const std::uint32_t low_bits = low | byte.low, high_bits = high | byte.high;
      if (low_bits == low && high_bits == high) return share;
      if (byte.low == 0xffff) return 1;
      unsigned sum = 0;
      for (std::uint32_t rows = high_bits & 0xff; rows != 0; rows &= rows - 1)
        for (std::uint32_t columns = low_bits; columns != 0; columns &= columns - 1)
          sum += kOften[static_cast<std::size_t>(std::countr_zero(rows))]
                       [static_cast<std::size_t>(std::countr_zero(columns))];
      return sum / 10'000.0;
    }
    void add(const Byte& byte) {
      share = share_with(byte);
      low |= byte.low;
      high |= byte.high;
      lows |= sample_places(sample_halves().low, byte.low);
      highs |= sample_places(sample_halves().high, byte.high);
    }
    [[nodiscard]] SamplePlaces in_sample_with(const Byte& byte) const {
      return (lows | sample_places(sample_halves().low, byte.low)) &
             (highs | sample_places(sample_halves().high, byte.high));
    }
  };
  std::array<Place, kWindow> places{};
  double share = 0, sample_share = 0;

  /// Of the places of a log, the share that it lets through with the window at `at` of the word, if each byte stood for
  /// itself.
  [[nodiscard]] double share_with(const Word& word, std::size_t at) const {
    double made = 1;
    for (std::size_t i = 0; i < kWindow; ++i) made *= places[i].share_with(byte_of(word, at + i));
    return made;
  }
  /// The same of the sample, weighted.
  [[nodiscard]] double sample_share_with(const Word& word, std::size_t at) const {
    SamplePlaces all = places[0].in_sample_with(byte_of(word, at));
    for (std::size_t i = 1; i < kWindow; ++i) all &= places[i].in_sample_with(byte_of(word, at + i)) >> i;
    return kSampleWeight * static_cast<double>(all.count()) / static_cast<double>(kSample.size());
  }
  void add(const Word& word, std::size_t at) {
    share = share_with(word, at);
    sample_share = sample_share_with(word, at);
    for (std::size_t i = 0; i < kWindow; ++i) places[i].add(byte_of(word, at + i));
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
    for (std::size_t c = 0; c < 0x100; ++c) allowed_[i][c] = filter_[i].low[c & 15U] & filter_[i].high[c >> 4U];
}

/// One word after the other, those with the least choice first, gets the window and the group by which the fewest
/// further places are let through.
void WordSearch::choose_windows() {
  std::vector<std::uint32_t> order(words_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return words_[i].text.size(); });
  const Group alone;
  std::array<Group, kGroups> groups{};
  struct Tried {
    std::size_t at;
    double share;
  };
  std::vector<Tried> tried;
  for (const std::uint32_t number : order) {
    const Word& word = words_[number];
    tried.clear();
    for (std::size_t at = 0; at + kShortest <= word.text.size(); ++at)
      tried.push_back({at, alone.share_with(word, at) + alone.sample_share_with(word, at)});
    std::ranges::stable_sort(tried, {}, &Tried::share);
    if (tried.size() > kMostWindows) tried.resize(kMostWindows);
    double least = std::numeric_limits<double>::max();
    std::size_t best_group = 0, best_at = 0;
    for (const Tried& one : tried)
      for (std::size_t g = 0; g < kGroups; ++g) {
        const double more = groups[g].share_with(word, one.at) - groups[g].share;
        if (more >= least) continue;
        const double more_of_both = more + groups[g].sample_share_with(word, one.at) - groups[g].sample_share;
        if (more_of_both >= least) continue;
        least = more_of_both;
        best_group = g;
        best_at = one.at;
      }
    groups[best_group].add(word, best_at);
    Window window;
    window.three = folded(three_at(word.text.data() + best_at));
    window.word = number;
    window.back = static_cast<std::uint32_t>(best_at);
    window.size = static_cast<std::uint32_t>(word.text.size());
    const std::size_t last = word.text.size() - kShortest;
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
  if (text.size() < kShortest || words_.empty()) return;
  const std::size_t last = text.size() - kShortest;  // Of the places at which a window may begin; all others are whole.
  const bool is_wide = instructions_ == Instructions::best && has_wide();
  Places places;
  for (std::size_t from = 0; from < last;) {
    const char* const bytes = text.data() + from;
    std::size_t size = std::min(kPiece, last - from), count = 0;
    if (is_wide && size >= 64) {
      size -= size % 64;
      count = filter_wide(filter_, bytes, size, places);
    } else {
      for (std::size_t at = 0; at < size; ++at) {
        places[count] = static_cast<std::uint32_t>(at);
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
        const unsigned groups = allowed_[0][byte(0)] & allowed_[1][byte(1)] & allowed_[2][byte(2)];
        count += (groups & allowed_[3][byte(3)]) != 0 ? 1U : 0U;
      }
    }
    std::size_t left = 0;
    for (std::size_t i = 0; i < count; ++i) {
      std::uint32_t four = 0;
      std::memcpy(&four, bytes + places[i], sizeof four);
      places[left] = places[i];
      left += slots_[slot_of(folded(four))] != 0 ? 1U : 0U;
    }
    for (std::size_t i = 0; i < left; ++i) look(text, from + places[i], hits);
    from += size;
  }
  if (slots_[slot_of(folded(three_at(text.data() + last)))] != 0) look(text, last, hits);
}

}  // namespace skein::text
