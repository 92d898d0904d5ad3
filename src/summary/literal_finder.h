// Finds many fixed words in a text at once (Aho and Corasick, "Efficient string matching", CACM 1975, as a full table):
// which rules of which tools are worth trying on a line.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::summary {

/// Immutable after `build`. One look-up a byte, whatever the number of words.
class LiteralFinder {
 public:
  /// Words are not empty. Their numbers are their places in `words`.
  void build(std::span<const std::string> words);

  /// Whether any word occurs in `text`.
  [[nodiscard]] bool any(std::string_view text) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[state * 256 + static_cast<unsigned char>(c)];
      if (has_[state] != 0) return true;
    }
    return false;
  }

  /// Calls `found(word)` for each place at which a word ends, in the order of the text.
  template <class Found>
  void find(std::string_view text, Found found) const {
    std::uint32_t state = 0;
    for (const char c : text) {
      state = next_[state * 256 + static_cast<unsigned char>(c)];
      if (has_[state] == 0) continue;
      for (std::uint32_t at = state; at != 0; at = link_[at])
        for (const std::uint32_t word : ends_[at]) found(word);
    }
  }

 private:
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> link_;  ///< The nearest shorter state at which a word ends.
  std::vector<std::uint8_t> has_;
  std::vector<std::vector<std::uint32_t>> ends_;
};

}  // namespace skein::summary
