// What a line is worth to a reader who wants to know why a command failed, by its words alone: error words weigh by
// where they stand, what negates them does, and names of files and identifiers do not count. For text of any tool.
#pragma once

#include <string_view>

namespace skein::summary {

enum class LineKind {
  blank,
  plain,
  frame,  ///< Of a stack trace.
  noise,  ///< Downloads, progress, separators.
  warning,
  trouble,  ///< Words that may be about a failure.
  error,    ///< Says that something failed.
  ending,   ///< Says that the command, job or build failed, with nothing about why: "exited with 1".
  command,  ///< A command that a script or CI system is about to run: "$ make test".
};

struct LineValue {
  LineKind kind = LineKind::plain;
  float value = 1;  ///< 0 to 100.
};

/// `line` as of visible_line. Linear in its first 400 bytes.
[[nodiscard]] LineValue value_of(std::string_view line);

}  // namespace skein::summary
