#include "summary/literal_finder.h"

#include <algorithm>

namespace skein::summary {

void LiteralFinder::build(std::span<const std::string> words) {
  constexpr std::uint32_t kNone = 0xffffffff;
  next_.assign(256, kNone);
  ends_.assign(1, {});
  for (std::uint32_t number = 0; number < words.size(); ++number) {
    std::uint32_t state = 0;
    for (const char c : words[number]) {
      const std::size_t at = state * 256 + static_cast<unsigned char>(c);
      if (next_[at] == kNone) {
        const auto made = static_cast<std::uint32_t>(ends_.size());
        next_[at] = made;
        next_.resize(next_.size() + 256, kNone);
        ends_.emplace_back();
      }
      state = next_[at];
    }
    ends_[state].push_back(number);
  }
  const std::size_t count = ends_.size();
  std::vector<std::uint32_t> fall(count, 0);
  link_.assign(count, 0);
  has_.assign(count, 0);
  std::vector<std::uint32_t> queue;
  for (std::size_t c = 0; c < 256; ++c) {
    if (next_[c] == kNone)
      next_[c] = 0;
    else
      queue.push_back(next_[c]);
  }
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t state = queue[head];
    const std::uint32_t other = fall[state];
    link_[state] = ends_[other].empty() ? link_[other] : other;
    has_[state] = !ends_[state].empty() || link_[state] != 0 ? 1 : 0;
    for (std::size_t c = 0; c < 256; ++c) {
      std::uint32_t& to = next_[state * 256 + c];
      if (to == kNone) {
        to = next_[other * 256 + c];
      } else {
        fall[to] = next_[other * 256 + c];
        queue.push_back(to);
      }
    }
  }
}

}  // namespace skein::summary
