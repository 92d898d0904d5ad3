// Cuts a block of a log into lines and tells, in two fast passes over its bytes, which of them need a closer look:
// those in which a word of some rule or a telling word occurs, and those that are not shown as they are. Of a build log
// nine lines of ten need none.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/word_search.h"

namespace skein::summary {

struct ScannedLine {
  std::uint32_t begin = 0, size = 0;  ///< In the block, without CRs and the LF at its end.
  bool has_rule_word = false;         ///< A word of some rule occurs in it.
  bool has_telling_word = false;
  bool is_plain = true;      ///< Printable ASCII and tabs only, but for CRs at its end: it is shown as it is.
  bool has_control = false;  ///< Escape sequences and the like may stand within words.
  bool has_high = false;     ///< Bytes beyond ASCII.
  /// So many lines from this one on are plain ones of usual length without a word that begin quietly (line_value.h).
  std::uint16_t idle = 0;
};

/// The lines of a block, and what is used again for the next.
struct ScannedLines {
  std::vector<ScannedLine> lines;
  std::vector<text::WordSearch::Hit> hits;
};

/// Immutable, thread-safe.
class LineScanner {
 public:
  /// Rules' words count as they are written, telling ones (in lower case) in any case of ASCII letters. Words with
  /// other bytes than printable ASCII are left out, since lines with such bytes are not plain and are looked at anyway.
  LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words);

  /// Replaces `scanned.lines` by those of `block`, which ends with LF and has less than 4 GiB. Linear.
  void scan(std::string_view block, ScannedLines& scanned) const;
  /// The same of one line without an LF.
  [[nodiscard]] ScannedLine scan_line(std::string_view line) const;

 private:
  /// One that is too short for the search.
  struct TinyWord {
    std::string text;
    bool is_rule;
  };
  /// Calls `found(is_rule, at)` for each of them in the text, one after the other.
  template <class Found>
  void each_tiny_word(std::string_view text, Found found) const;

  text::WordSearch search_{{}};
  std::vector<char> is_rule_;  // Of the words of the search.
  std::vector<TinyWord> tiny_;
};

}  // namespace skein::summary
