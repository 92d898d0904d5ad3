#include "summary/literal_finder.h"

#include <algorithm>

namespace skein::summary {

void LiteralFinder::build(std::span<const std::string> words, bool any_case) {
  constexpr std::uint32_t kNone = 0xffffffff;
  class_.fill(0);
  width_ = 1;
  for (const std::string& word : words)
    for (const char c : word)
      if (auto& column = class_[static_cast<unsigned char>(c)]; column == 0)
        column = static_cast<std::uint8_t>(width_++);
  if (any_case)
    for (std::size_t c = 'A'; c <= 'Z'; ++c) class_[c] = class_[c + ('a' - 'A')];
  next_.assign(width_, kNone);
  ends_.assign(1, {});
  for (std::uint32_t number = 0; number < words.size(); ++number) {
    std::uint32_t state = 0;
    for (const char c : words[number]) {
      const std::size_t at = state * width_ + class_[static_cast<unsigned char>(c)];
      if (next_[at] == kNone) {
        const auto made = static_cast<std::uint32_t>(ends_.size());
        next_[at] = made;
        next_.resize(next_.size() + width_, kNone);
        ends_.emplace_back();
      }
      state = next_[at];
    }
    ends_[state].push_back(number);
  }
  const std::size_t count = ends_.size();
  std::vector<std::uint32_t> fall(count, 0);
  link_.assign(count, 0);
  std::vector<std::uint32_t> queue;
  for (std::size_t c = 0; c < width_; ++c) {
    if (next_[c] == kNone)
      next_[c] = 0;
    else
      queue.push_back(next_[c]);
  }
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t state = queue[head];
    const std::uint32_t other = fall[state];
    link_[state] = ends_[other].empty() ? link_[other] : other;
    for (std::size_t c = 0; c < width_; ++c) {
      std::uint32_t& to = next_[state * width_ + c];
      if (to == kNone) {
        to = next_[other * width_ + c];
      } else {
        fall[to] = next_[other * width_ + c];
        queue.push_back(to);
      }
    }
  }
  for (std::uint32_t& to : next_) {
    const bool ends = !ends_[to].empty() || link_[to] != 0;
    to = to * width_ | (ends ? kEnd : 0);
  }
}

}  // namespace skein::summary
