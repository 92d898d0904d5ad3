// The last lines of a log: what a failure's excerpt shows before it, and the log's end.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "summary/summary.h"
#include "summary/visible_line.h"

namespace skein::summary {

/// A ring of lines. One that stands in a block which lasts for a while is only pointed at, until `settle`; adding
/// another copies its bytes, and allocates nothing once the ring is warm.
class RecentLines {
 public:
  static constexpr std::size_t kMost = 200;

  struct Line {
    std::uint64_t number = 0;
    std::string_view text;
  };

  void add(std::uint64_t number, std::string_view text) {
    const std::size_t at = added_++ % kMost;
    own_[at].assign(text);
    lines_[at] = {number, own_[at], false};
  }
  /// `text` must last until `settle`. If `is_raw`, `seen_of_plain` of it is what was added.
  void add_lasting(std::uint64_t number, std::string_view text, bool is_raw) {
    lines_[added_++ % kMost] = {number, text, is_raw};
  }
  /// Copies what is only pointed at.
  void settle() {
    for (std::size_t at = 0; at < size(); ++at) {
      if (lines_[at].text.data() == own_[at].data()) continue;
      own_[at].assign(seen(lines_[at]).text);
      lines_[at] = {lines_[at].number, own_[at], false};
    }
  }
  [[nodiscard]] std::size_t size() const { return std::min<std::uint64_t>(added_, kMost); }
  /// The line `back` lines before the next one; 1 is the last that was added. `back` <= size().
  [[nodiscard]] Line before(std::size_t back) const { return seen(lines_[(added_ - back) % kMost]); }
  /// All of them, the oldest first.
  [[nodiscard]] std::vector<LogLine> all() const {
    std::vector<LogLine> lines;
    for (std::size_t back = size(); back > 0; --back)
      lines.push_back({before(back).number, std::string(before(back).text)});
    return lines;
  }

 private:
  struct Added {
    std::uint64_t number = 0;
    std::string_view text;
    bool is_raw = false;
  };
  static Line seen(const Added& line) { return {line.number, line.is_raw ? seen_of_plain(line.text) : line.text}; }

  std::array<Added, kMost> lines_;
  std::array<std::string, kMost> own_;  // What is not pointed at elsewhere.
  std::uint64_t added_ = 0;
};

}  // namespace skein::summary
