// Git's patterns: "*", "?", "[a-z]", and "**" between slashes. Time grows with pattern times text and no worse, so a
// hostile pattern costs no more than its length.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace skein::repo {

/// A compiled pattern. Immutable; thread-safe.
class Glob {
 public:
  enum class Slash {
    separates,  ///< "*", "?" and "[…]" never match one, "**" between slashes does (WM_PATHNAME).
    is_plain,   ///< A slash is a letter like any other.
  };
  /// Any text is a pattern; a malformed one ("[a", a lone "\" at the end) matches nothing.
  Glob(std::string_view pattern, Slash slash);

  /// Whether the whole of `text` matches.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  enum class Op : std::uint8_t {
    literal,  ///< One byte: `byte`.
    any,      ///< One byte that may stand here.
    set,      ///< One byte of sets_[set].
    star,     ///< Any number of bytes that may stand here.
    deep,     ///< Any number of any bytes.
    skip,     ///< Nothing; may also leave out the two parts after it ("**/" matches no folder at all).
    never,
  };
  struct Part {
    Op op;
    char byte = 0;
    std::uint32_t set = 0;
  };
  // Adds the set that starts after "[" at `at`; gives where it ends, or npos when it is malformed.
  std::size_t add_set(std::string_view pattern, std::size_t at);
  std::size_t add_stars(std::string_view pattern, std::size_t at);
  void follow_empty(std::vector<char>& states) const;
  [[nodiscard]] bool takes(const Part& part, char byte) const;

  bool slash_separates_;
  std::vector<Part> parts_;
  std::vector<std::bitset<256>> sets_;
};

/// How far a pattern is plain text: the index of its first "*", "?", "[" or "\", or its length.
[[nodiscard]] std::size_t plain_length(std::string_view pattern);

}  // namespace skein::repo
