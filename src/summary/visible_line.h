// A raw line of a log as people see it: without escape sequences, overwritten progress, and the CI system's time
// stamps.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skein::summary {

/// More of a line is cut off, with "…" in its place.
inline constexpr std::size_t kMostLineBytes = 4096;

/// Replaces `out` by what is seen of `raw` (one line, without its LF). Escape sequences (CSI, OSC, two-character ones)
/// go; of parts separated by a lone CR the last that is not empty stays, and earlier ones that are no progress of the
/// same template, joined by " ⏎ "; backspaces take a character; other control characters become U+FFFD; bytes that are
/// no UTF-8 too. Leading time stamps of CI systems (ISO 8601, "[12:00:01]") go. Linear.
void visible_line(std::string_view raw, std::string& out);

/// The bytes of a leading time stamp and the blanks behind it; 0 where there is none.
[[nodiscard]] std::size_t time_stamp_size(std::string_view line);

}  // namespace skein::summary
