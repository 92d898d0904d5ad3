#include "repo/glob.h"

#include <algorithm>
#include <array>
#include <optional>

namespace skein::repo {
namespace {

constexpr std::size_t kMalformed = std::string_view::npos;

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

// The members of "[:name:]" in the C locale, which is what git uses.
std::optional<std::bitset<256>> named_class(std::string_view name) {
  struct Range {
    char first, last;
  };
  struct Named {
    std::string_view name;
    std::array<Range, 4> ranges;  // Unused ones are {1, 0}.
  };
  constexpr Range kNone{1, 0};
  static constexpr std::array<Named, 12> kClasses = {{
      {"alnum", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, kNone}}},
      {"alpha", {{{'A', 'Z'}, {'a', 'z'}, kNone, kNone}}},
      {"blank", {{{' ', ' '}, {'\t', '\t'}, kNone, kNone}}},
      {"cntrl", {{{'\0', '\x1f'}, {'\x7f', '\x7f'}, kNone, kNone}}},
      {"digit", {{{'0', '9'}, kNone, kNone, kNone}}},
      {"graph", {{{'!', '~'}, kNone, kNone, kNone}}},
      {"lower", {{{'a', 'z'}, kNone, kNone, kNone}}},
      {"print", {{{' ', '~'}, kNone, kNone, kNone}}},
      {"punct", {{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}}},
      {"space", {{{'\t', '\r'}, {' ', ' '}, kNone, kNone}}},
      {"upper", {{{'A', 'Z'}, kNone, kNone, kNone}}},
      {"xdigit", {{{'0', '9'}, {'A', 'F'}, {'a', 'f'}, kNone}}},
  }};
  for (const Named& known : kClasses) {
    if (known.name != name) continue;
    std::bitset<256> members;
    for (const Range& range : known.ranges)
      for (int c = range.first; c <= range.last; ++c) members.set(static_cast<std::size_t>(c));
    return members;
  }
  return std::nullopt;
}

}  // namespace

std::size_t plain_length(std::string_view pattern) { return std::min(pattern.find_first_of("*?[\\"), pattern.size()); }

Glob::Glob(std::string_view pattern, Slash slash) : slash_separates_(slash == Slash::separates) {
  for (std::size_t at = 0; at != kMalformed && at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*') {
      at = add_stars(pattern, at);
    } else if (c == '?') {
      parts_.push_back({Op::any});
      ++at;
    } else if (c == '[') {
      at = add_set(pattern, at + 1);
      if (at == kMalformed) parts_.push_back({Op::never});
    } else if (c == '\\' && at + 1 == pattern.size()) {
      parts_.push_back({Op::never});
      ++at;
    } else {
      if (c == '\\') ++at;
      parts_.push_back({Op::literal, pattern[at]});
      ++at;
    }
  }
}

std::size_t Glob::add_stars(std::string_view pattern, std::size_t at) {
  const std::size_t begin = at;
  while (at < pattern.size() && pattern[at] == '*') ++at;
  if (!slash_separates_) {
    parts_.push_back({Op::deep});
    return at;
  }
  const std::string_view rest = pattern.substr(at);
  const bool alone =
      (begin == 0 || pattern[begin - 1] == '/') && (rest.empty() || rest.starts_with('/') || rest.starts_with("\\/"));
  if (at - begin < 2 || !alone) {
    parts_.push_back({Op::star});
    return at;
  }
  if (rest.starts_with('/')) parts_.push_back({Op::skip});
  parts_.push_back({Op::deep});
  return at;
}

std::size_t Glob::add_set(std::string_view pattern, std::size_t at) {
  std::bitset<256> members;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  std::optional<unsigned char> previous;  // What a range may start with.
  for (bool first = true;; first = false) {
    if (at >= pattern.size()) return kMalformed;
    char c = pattern[at];
    if (c == ']' && !first) break;
    if (c == '\\') {
      if (++at >= pattern.size()) return kMalformed;
      c = pattern[at];
      members.set(byte_of(c));
      previous = byte_of(c);
      ++at;
    } else if (c == '-' && previous && at + 1 < pattern.size() && pattern[at + 1] != ']') {
      c = pattern[++at];
      if (c == '\\') {
        if (++at >= pattern.size()) return kMalformed;
        c = pattern[at];
      }
      for (unsigned member = *previous; member <= byte_of(c); ++member) members.set(member);
      previous.reset();
      ++at;
    } else if (c == '[' && at + 1 < pattern.size() && pattern[at + 1] == ':') {
      const std::size_t name = at + 2;
      const std::size_t close = pattern.find(']', name);
      if (close == pattern.npos) return kMalformed;
      if (close == name || pattern[close - 1] != ':') {  // Not ":]": a plain "[".
        members.set('[');
        previous = '[';
        ++at;
        continue;
      }
      const auto known = named_class(pattern.substr(name, close - 1 - name));
      if (!known) return kMalformed;
      members |= *known;
      previous.reset();
      at = close + 1;
    } else {
      members.set(byte_of(c));
      previous = byte_of(c);
      ++at;
    }
  }
  if (negated) members.flip();
  if (slash_separates_) members.reset('/');
  parts_.push_back({Op::set, 0, static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(members);
  return at + 1;
}

bool Glob::takes(const Part& part, char byte) const {
  switch (part.op) {
    case Op::literal:
      return part.byte == byte;
    case Op::any:
    case Op::star:
      return !slash_separates_ || byte != '/';
    case Op::set:
      return sets_[part.set].test(byte_of(byte));
    case Op::deep:
      return true;
    case Op::skip:
    case Op::never:
      return false;
  }
  return false;
}

// States are positions in parts_; those that can be left without a byte wake the ones behind them. All such steps go
// forward, so one pass is enough.
void Glob::follow_empty(std::vector<char>& states) const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (states[i] == 0) continue;
    const Op op = parts_[i].op;
    if (op == Op::star || op == Op::deep || op == Op::skip) states[i + 1] = 1;
    if (op == Op::skip) states[i + 3] = 1;
  }
}

bool Glob::matches(std::string_view text) const {
  std::vector<char> states(parts_.size() + 1, 0);
  std::vector<char> next(parts_.size() + 1, 0);
  states[0] = 1;
  follow_empty(states);
  for (const char byte : text) {
    std::fill(next.begin(), next.end(), 0);
    bool alive = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (states[i] == 0 || !takes(parts_[i], byte)) continue;
      const bool stays = parts_[i].op == Op::star || parts_[i].op == Op::deep;
      next[stays ? i : i + 1] = 1;
      alive = true;
    }
    if (!alive) return false;
    states.swap(next);
    follow_empty(states);
  }
  return states[parts_.size()] != 0;
}

}  // namespace skein::repo
