// Cuts a block of a log into lines and tells, in two fast passes over its bytes, which of them need a closer look:
// those in which a word of some rule or a telling word occurs, and those that are not shown as they are. Of a build log
// nine lines of ten need none.
//
// The words are found by four bytes of each that are rare in logs, in the manner of Wu and Manber ("A fast algorithm
// for multi-pattern searching", TR-94-17): only every second place of the text is looked up, so each word stands in the
// table by its four bytes for even places and by those one further for odd ones. What the table lets through is
// compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::summary {

struct ScannedLine {
  std::uint32_t begin = 0, size = 0;  ///< In the block, without CRs and the LF at its end.
  bool has_rule_word = false;         ///< A word of some rule occurs in it.
  bool has_telling_word = false;
  bool is_plain = true;      ///< Printable ASCII and tabs only, but for CRs at its end: it is shown as it is.
  bool has_control = false;  ///< Escape sequences and the like may stand within words.
  bool has_high = false;     ///< Bytes beyond ASCII.
};

/// Immutable, thread-safe.
class LineScanner {
 public:
  /// Rules' words count as they are written, telling ones (in lower case) in any case of ASCII letters. Words with
  /// other bytes than printable ASCII are left out, since lines with such bytes are not plain and are looked at anyway.
  LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words);

  /// Replaces `lines` by those of `block`, which ends with LF and has less than 4 GiB. Linear.
  void scan(std::string_view block, std::vector<ScannedLine>& lines) const;
  /// The same of one line without an LF.
  [[nodiscard]] ScannedLine scan_line(std::string_view line) const;

 private:
  struct Word {
    std::string text;
    bool is_rule;
  };
  /// A word may stand where its bytes were found: it begins so far before them.
  struct Place {
    std::uint32_t four = 0;  ///< These bytes, folded: others may have the same hash.
    std::uint32_t word = 0;
    std::int32_t back = 0;
    std::uint32_t check = 0;    ///< Four more bytes of the word, folded, that tell most other text apart,
    std::int32_t check_at = 0;  ///< and where they are, seen from the first four.
    bool is_last = true;        ///< Of those with this hash.
  };
  void add_words(std::span<const std::string> words, bool are_rules);
  void add_place(std::string_view four, std::uint32_t word, std::int32_t back);
  void lay_out_places();
  [[nodiscard]] bool is_at(const Word& word, std::string_view text, std::size_t at) const;
  /// Calls `found(word, at)` for each word of the text and a place in it; the places do not descend.
  template <class Found>
  void each_word(std::string_view text, Found found) const;
  /// The same of the words that are too short for that, one after the other.
  template <class Found>
  void each_tiny_word(std::string_view text, Found found) const;

  std::vector<Word> words_;
  std::vector<std::uint32_t> tiny_;         // Words that are too short for the table.
  std::vector<std::uint8_t> may_begin_;     // By the hash of four folded bytes.
  std::vector<std::uint32_t> first_place_;  // The same; asked where the one above says yes.
  std::vector<Place> places_;
};

}  // namespace skein::summary
