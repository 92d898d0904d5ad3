// Finds many fixed words in a text at once (Aho and Corasick, "Efficient string matching", CACM 1975, as a full table):
// which rules of which tools are worth trying on a line.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::summary {

/// Immutable after `build`. One look-up a byte, whatever the number of words. The table has a column for each byte that
/// occurs in a word and one for all others, so that it stays small: the first use of a short run pays for making it.
class LiteralFinder {
 public:
  /// Words are not empty. Their numbers are their places in `words`. With `any_case` they are in lower case, and upper
  /// case letters of a text are taken for lower ones.
  void build(std::span<const std::string> words, bool any_case = false);

  /// Whether any word occurs in `text`.
  [[nodiscard]] bool any(std::string_view text) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[(state & ~kEnd) + class_[static_cast<unsigned char>(c)]];
      if ((state & kEnd) != 0) return true;
    }
    return false;
  }

  /// Calls `found(word, end)` for each place at which a word ends, in the order of the text.
  template <class Found>
  void find(std::string_view text, Found found) const {
    std::uint32_t state = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      state = next_[(state & ~kEnd) + class_[static_cast<unsigned char>(text[at])]];
      if ((state & kEnd) == 0) continue;
      for (std::uint32_t one = (state & ~kEnd) / width_; one != 0; one = link_[one])
        for (const std::uint32_t word : ends_[one]) found(word, at + 1);
    }
  }

 private:
  static constexpr std::uint32_t kEnd = 1U << 31U;  // A word ends in this state.

  std::array<std::uint8_t, 256> class_{};
  std::uint32_t width_ = 1;          // Columns.
  std::vector<std::uint32_t> next_;  // By state times width_ plus class: the next state times width_, and kEnd.
  std::vector<std::uint32_t> link_;  // The nearest shorter state at which a word ends.
  std::vector<std::vector<std::uint32_t>> ends_;
};

}  // namespace skein::summary
