// The last lines of a log: what a failure's excerpt shows before it, and the log's end.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "summary/summary.h"

namespace skein::summary {

/// A ring of lines that keeps its memory: adding one copies its bytes and allocates nothing once the ring is warm.
class RecentLines {
 public:
  static constexpr std::size_t kMost = 200;

  void add(std::uint64_t number, std::string_view text) {
    LogLine& line = lines_[added_++ % kMost];
    line.number = number;
    line.text.assign(text);
  }
  [[nodiscard]] std::size_t size() const { return std::min<std::uint64_t>(added_, kMost); }
  /// The line `back` lines before the next one; 1 is the last that was added. `back` <= size().
  [[nodiscard]] const LogLine& before(std::size_t back) const { return lines_[(added_ - back) % kMost]; }
  /// All of them, the oldest first.
  [[nodiscard]] std::vector<LogLine> all() const {
    std::vector<LogLine> lines;
    for (std::size_t back = size(); back > 0; --back) lines.push_back(before(back));
    return lines;
  }

 private:
  std::array<LogLine, kMost> lines_;
  std::uint64_t added_ = 0;
};

}  // namespace skein::summary
