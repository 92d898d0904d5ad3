// Finds many fixed words in a text at once, at several GB a second: what is looked for in every byte of every log.
//
// Of each word a window of four bytes is chosen that is rare in logs (of three at the word's end), and the words are
// put into eight groups so that the windows of a group are alike. A place of the text may begin a window of a group if
// each of its bytes is allowed there, which two look-ups of half a byte tell for all groups and 32 places at once
// (after the "Teddy" matcher of Hyperscan: Wang et al., NSDI 2019). What that lets through is looked up by the hash of
// its first three bytes, then compared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::text {

/// Immutable, thread-safe.
class WordSearch {
 public:
  static constexpr std::size_t kShortest = 3;  ///< Bytes of a word.

  struct Word {
    std::string text;
    bool any_case = false;  ///< Of ASCII letters; the text is in lower case then.
  };
  struct Hit {
    std::size_t at = 0;      ///< A place within the word where it was found.
    std::size_t begin = 0;   ///< Where it begins.
    std::uint32_t word = 0;  ///< Its place among the words.
  };
  enum class Instructions { best, plain };  ///< `plain`: without those that not every processor has.
  /// Whether this processor has them: AVX2, BMI and POPCNT.
  [[nodiscard]] static bool has_wide();

  /// Words are ASCII, each of kShortest bytes at least. Takes some microseconds a word.
  explicit WordSearch(std::vector<Word> words, Instructions instructions = Instructions::best);

  /// Appends every occurrence of every word, by Hit::at. Linear in the text, for words that are not made of each other.
  void find(std::string_view text, std::vector<Hit>& hits) const;
  [[nodiscard]] std::span<const Word> words() const { return words_; }

  static constexpr std::size_t kWindow = 4;
  /// Bit g of an entry: in group g this half of a byte may stand at this place of the window.
  struct Halves {
    std::array<std::uint8_t, 16> low{}, high{};
  };
  using Filter = std::array<Halves, kWindow>;

 private:
  static constexpr std::size_t kGroups = 8;
  static constexpr unsigned kSlotBits = 13;

  struct Group;
  struct Window {
    std::uint32_t three = 0;  ///< Its first bytes, folded.
    std::uint32_t word = 0, size = 0;
    std::uint32_t back = 0;                 ///< The word begins so far before it.
    std::uint32_t other_at = 0, other = 0;  ///< Three more bytes of the word, folded, as far from it as there are.
    bool is_last = true;                    ///< Of those in its slot.
  };
  static std::uint32_t folded(std::uint32_t bytes) { return (bytes & 0xffffffU) | 0x202020U; }
  static std::uint32_t slot_of(std::uint32_t three) { return three * 0x9e3779b1U >> (32U - kSlotBits); }

  void choose_windows();
  void look(std::string_view text, std::size_t at, std::vector<Hit>& hits) const;

  std::vector<Word> words_;
  Instructions instructions_;
  Filter filter_;
  std::array<std::array<std::uint8_t, 256>, kWindow> allowed_{};  // The filter by whole bytes.
  std::vector<Window> windows_;                                   // By slot.
  std::vector<std::uint16_t> slots_;                              // The first window of a slot, plus one; 0: none.
};

}  // namespace skein::text
