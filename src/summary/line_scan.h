// Cuts a block of a log into lines and tells, in one pass over its bytes, which of them need a closer look: those in
// which a word of some rule or a telling word occurs, and those that are not shown as they are. Of a build log nine
// lines of ten need none.
//
// The words are found with one automaton (see literal_finder.h) that has two more kinds of ends: the newline, and bytes
// that are not plain ASCII. Eight lanes go through eight parts of the block at once, so that the look-ups of one hide
// the latency of the others: several times the speed of one lane, without any instruction set of its own.
#pragma once

#include <array>
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
};

/// Immutable, thread-safe.
class LineScanner {
 public:
  /// Rules' words count as they are written, telling ones in any case of ASCII letters. Words with other bytes than
  /// printable ASCII are left out, since lines with such bytes are not plain and are looked at anyway.
  LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words);

  /// Replaces `lines` by those of `block`, which ends with LF and has less than 4 GiB. Linear.
  void scan(std::string_view block, std::vector<ScannedLine>& lines) const;
  /// The same of one line without an LF.
  [[nodiscard]] ScannedLine scan_line(std::string_view line) const;

 private:
  struct Event {
    std::uint32_t at, state;
  };
  static constexpr std::uint32_t kEvent = 1U << 31U;
  static constexpr std::uint8_t kRule = 1, kTelling = 2, kNewline = 4, kHigh = 8, kControl = 16;

  /// Whether a rule's word ends with the byte `at` of `text`, on which the automaton came into `state`.
  [[nodiscard]] bool is_rule_word(std::string_view text, std::size_t at, std::uint32_t state) const;

  std::array<std::uint8_t, 256> class_{};
  std::uint32_t width_ = 0;
  std::vector<std::uint32_t> next_;  // By state times width_ plus class: the next state times width_, and kEvent.
  std::vector<std::uint8_t> flags_;  // Of each state.
  std::vector<std::vector<std::string>> rule_words_;  // That end in each state, the shorter ones of its ends too.
};

}  // namespace skein::summary
