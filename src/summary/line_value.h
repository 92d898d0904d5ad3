// What a line is worth to a reader who wants to know why a command failed, by its words alone: error words weigh by
// where they stand, what negates them does, and names of files and identifiers do not count. For text of any tool.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skein::summary {

enum class LineKind {
  blank,
  plain,
  frame,   ///< Of a stack trace.
  passed,  ///< Says that a test passed: what it is named after does not count.
  noise,   ///< Downloads, progress, separators.
  binary,  ///< Bytes that are no text, for a good part.
  warning,
  place,    ///< Names a line of a file, as checkers do, and has no word about a failure.
  trouble,  ///< Words that may be about a failure.
  error,    ///< Says that something failed.
  ending,   ///< Says that the command, job or build failed, with nothing about why: "exited with 1".
  command,  ///< A command that a script or CI system is about to run: "$ make test".
};

struct LineValue {
  LineKind kind = LineKind::plain;
  float value = 1;  ///< 0 to 100.
};

inline constexpr float kValuable = 12;  ///< From this value on a line's neighbours are worth something, too.

/// Says nothing by its words: neither valuable, nor a warning, nor the end of a command.
[[nodiscard]] inline bool is_quiet(LineValue value) {
  return value.value < kValuable && value.kind != LineKind::warning && value.kind != LineKind::ending;
}

/// `line` as of visible_line. Linear in its first 400 bytes. `may_tell` is false where it is known that none of the
/// telling words occurs in it, in whatever case, and `is_ascii` true where it is known that it has no other bytes: both
/// save a look and change nothing else.
[[nodiscard]] LineValue value_of(std::string_view line, bool may_tell = true, bool is_ascii = false);

/// Whether a line of ASCII without a telling word is known to be quiet without a look at the rest of it.
[[nodiscard]] inline bool begins_quiet(std::string_view line) {
  std::size_t first = 0;
  while (first < line.size() && (line[first] == ' ' || line[first] == '\t')) ++first;
  if (first == line.size() || line[first] < '0' || line[first] > '9') return true;
  return line.substr(first, 6).find(") ") >= 4;  // "1) The first test that failed"
}

/// Whether a third of the bytes of a line, as of visible_line, stand for bytes that are no text.
[[nodiscard]] bool is_binary(std::string_view line);

/// In lower case.
[[nodiscard]] std::span<const std::string> telling_words();

}  // namespace skein::summary
