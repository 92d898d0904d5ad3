#include "summary/line_scan.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace skein::summary {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;
constexpr std::size_t kLanes = 8;
constexpr std::uint32_t kOwn = 4;  ///< Columns, and states, that belong to no word.

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_plain(char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; }

}  // namespace

LineScanner::LineScanner(std::span<const std::string> rule_words, std::span<const std::string> telling_words) {
  // Columns: 0 plain bytes of no word, 1 the newline, 2 bytes beyond ASCII, 3 control characters, then the words'
  // bytes.
  for (std::size_t c = 0; c < 256; ++c) class_[c] = is_plain(static_cast<char>(c)) ? 0 : c >= 0x80 ? 2 : 3;
  class_['\n'] = 1;
  width_ = kOwn;
  const auto fits = [](const std::string& word) { return std::ranges::all_of(word, is_plain); };
  for (const auto& words : {rule_words, telling_words})
    for (const std::string& word : words)
      for (const char c : word)
        if (auto& column = class_[static_cast<unsigned char>(lower(c))]; fits(word) && column == 0)
          column = static_cast<std::uint8_t>(width_++);
  for (std::size_t c = 'A'; c <= 'Z'; ++c) class_[c] = class_[c + ('a' - 'A')];

  // States 0 to 3 are all "no word has begun": after a byte of each of these columns.
  std::vector<std::uint32_t> fall(kOwn, 0);
  flags_ = {0, kNewline, kHigh, kControl};
  next_.assign(std::size_t{kOwn} * width_, kNone);
  const auto add = [&](const std::string& word, std::uint8_t flag) -> std::uint32_t {
    if (!fits(word)) return 0;
    std::uint32_t state = 0;
    for (const char c : word) {
      const std::size_t at = std::size_t{state} * width_ + class_[static_cast<unsigned char>(lower(c))];
      if (next_[at] == kNone) {
        next_[at] = static_cast<std::uint32_t>(flags_.size());
        flags_.push_back(0);
        next_.resize(next_.size() + width_, kNone);
      }
      state = next_[at];
    }
    flags_[state] |= flag;
    return state;
  };
  for (const std::string& word : rule_words)
    if (const std::uint32_t state = add(word, kRule); state != 0) {
      if (rule_words_.size() <= state) rule_words_.resize(state + 1);
      rule_words_[state].push_back(word);
    }
  for (const std::string& word : telling_words) add(word, kTelling);
  SKEIN_CHECK(next_.size() < kEvent);
  rule_words_.resize(flags_.size());

  fall.assign(flags_.size(), 0);
  std::vector<std::uint32_t> queue;
  for (std::uint32_t c = 0; c < width_; ++c) {
    std::uint32_t& to = next_[c];
    if (c > 0 && c < kOwn)
      to = c;
    else if (to == kNone)
      to = 0;
    else
      queue.push_back(to);
  }
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const std::uint32_t state = queue[head];
    const std::uint32_t other = fall[state];
    flags_[state] |= flags_[other];
    rule_words_[state].insert(rule_words_[state].end(), rule_words_[other].begin(), rule_words_[other].end());
    for (std::uint32_t c = 0; c < width_; ++c) {
      std::uint32_t& to = next_[std::size_t{state} * width_ + c];
      const std::uint32_t without = next_[std::size_t{other} * width_ + c];
      if (to == kNone) {
        to = without;
      } else {
        fall[to] = without;
        queue.push_back(to);
      }
    }
  }
  for (std::uint32_t state = 1; state < kOwn; ++state)
    std::copy_n(next_.begin(), width_, next_.begin() + static_cast<std::ptrdiff_t>(std::size_t{state} * width_));
  for (std::uint32_t& to : next_) to = to * width_ | (flags_[to] != 0 ? kEvent : 0);
}

bool LineScanner::is_rule_word(std::string_view text, std::size_t at, std::uint32_t state) const {
  return std::ranges::any_of(rule_words_[state],
                             [&](const std::string& word) { return text.substr(0, at + 1).ends_with(word); });
}

ScannedLine LineScanner::scan_line(std::string_view line) const {
  ScannedLine seen;
  seen.size = static_cast<std::uint32_t>(line.size());
  std::uint32_t state = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    state = next_[state + class_[static_cast<unsigned char>(line[at])]];
    if ((state & kEvent) == 0) continue;
    state &= ~kEvent;
    const std::uint8_t flags = flags_[state / width_];
    seen.has_telling_word = seen.has_telling_word || (flags & kTelling) != 0;
    seen.has_control = seen.has_control || (flags & kControl) != 0;
    seen.is_plain = seen.is_plain && (flags & (kHigh | kControl)) == 0;
    if ((flags & kRule) != 0 && !seen.has_rule_word) seen.has_rule_word = is_rule_word(line, at, state / width_);
  }
  return seen;
}

void LineScanner::scan(std::string_view block, std::vector<ScannedLine>& lines) const {
  lines.clear();
  SKEIN_CHECK(!block.empty() && block.back() == '\n');
  // Each lane begins after a newline.
  std::array<std::size_t, kLanes + 1> bounds{};
  for (std::size_t lane = 1; lane < kLanes; ++lane) {
    const std::size_t from = std::max(bounds[lane - 1], block.size() * lane / kLanes);
    bounds[lane] = from == 0 ? 0 : block.find('\n', from - 1) + 1;
  }
  bounds[kLanes] = block.size();
  std::array<std::vector<Event>, kLanes> events;
  for (std::size_t lane = 0; lane < kLanes; ++lane) events[lane].reserve((bounds[lane + 1] - bounds[lane]) / 24 + 16);

  const auto* const text = reinterpret_cast<const unsigned char*>(block.data());
  const std::uint32_t* const next = next_.data();
  const auto event = [&](std::size_t lane, std::uint32_t& state, std::size_t at) {
    state &= ~kEvent;
    events[lane].push_back({static_cast<std::uint32_t>(at), state / width_});
  };
  std::size_t common = block.size();
  for (std::size_t lane = 0; lane < kLanes; ++lane) common = std::min(common, bounds[lane + 1] - bounds[lane]);
  std::array<std::uint32_t, kLanes> states{};
  {
    // Named one by one, so that all are registers.
    std::uint32_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    const auto take = [&](std::uint32_t& state, std::size_t lane, std::size_t i) {
      state = next[state + class_[text[bounds[lane] + i]]];
    };
    for (std::size_t i = 0; i < common; ++i) {
      take(a, 0, i), take(b, 1, i), take(c, 2, i), take(d, 3, i);
      take(e, 4, i), take(f, 5, i), take(g, 6, i), take(h, 7, i);
      if (((a | b | c | d | e | f | g | h) & kEvent) == 0) continue;
      if ((a & kEvent) != 0) event(0, a, bounds[0] + i);
      if ((b & kEvent) != 0) event(1, b, bounds[1] + i);
      if ((c & kEvent) != 0) event(2, c, bounds[2] + i);
      if ((d & kEvent) != 0) event(3, d, bounds[3] + i);
      if ((e & kEvent) != 0) event(4, e, bounds[4] + i);
      if ((f & kEvent) != 0) event(5, f, bounds[5] + i);
      if ((g & kEvent) != 0) event(6, g, bounds[6] + i);
      if ((h & kEvent) != 0) event(7, h, bounds[7] + i);
    }
    states = {a, b, c, d, e, f, g, h};
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint32_t state = states[lane];
    for (std::size_t at = bounds[lane] + common; at < bounds[lane + 1]; ++at) {
      state = next[state + class_[text[at]]];
      if ((state & kEvent) != 0) event(lane, state, at);
    }
  }

  ScannedLine line;
  for (const auto& list : events)
    for (const Event& one : list) {
      const std::uint8_t flags = flags_[one.state];
      if ((flags & kNewline) == 0) {
        if ((flags & kRule) != 0 && !line.has_rule_word) line.has_rule_word = is_rule_word(block, one.at, one.state);
        line.has_telling_word = line.has_telling_word || (flags & kTelling) != 0;
        if ((flags & (kHigh | kControl)) == 0) continue;
        std::size_t end = one.at;
        while (text[end] == '\r') ++end;
        if (end > one.at && text[end] == '\n') continue;  // The block ends with LF.
        line.is_plain = false;
        line.has_control = line.has_control || (flags & kControl) != 0;
        continue;
      }
      line.size = one.at - line.begin;
      while (line.size > 0 && text[line.begin + line.size - 1] == '\r') --line.size;
      lines.push_back(line);
      line = {};
      line.begin = one.at + 1;
    }
}

}  // namespace skein::summary
