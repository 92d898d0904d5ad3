// A raw line of a log as people see it: without escape sequences, overwritten progress, and the CI system's time
// stamps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace skein::summary {

/// More of a line is cut off, with "…" in its place.
inline constexpr std::size_t kMostLineBytes = 4096;

/// Replaces `out` by what is seen of `raw` (one line, without its LF). Escape sequences (CSI, OSC, two-character ones)
/// go; of parts separated by a lone CR the last that is not empty stays, and earlier ones that are no progress of the
/// same template, joined by " ⏎ "; backspaces take a character; other control characters become U+FFFD; bytes that are
/// no UTF-8 too. Leading time stamps of CI systems (ISO 8601, "[12:00:01]") go. Of a line of JSON by which a tool talks
/// to programs it is what it says (json_line.h). Linear.
void visible_line(std::string_view raw, std::string& out);

/// visible_line of what stands before the first LF of `text`.
[[nodiscard]] std::string first_visible_line(std::string_view text);

/// Whether a part of the raw line is printed in red, by which tools mark what failed. Linear in its first 400 bytes.
[[nodiscard]] bool has_red(std::string_view raw);

/// visible_line of a line that has printable ASCII and tabs only, at most kMostLineBytes, and is no line of JSON.
[[nodiscard]] std::string_view seen_of_plain(std::string_view raw);

/// visible_line of a line that is coloured as a whole and has printable ASCII and tabs only besides; none for any
/// other, and for some that are. Points into `raw`.
[[nodiscard]] std::optional<std::string_view> seen_of_coloured(std::string_view raw);

/// The bytes of a leading time stamp and the blanks behind it; 0 where there is none.
[[nodiscard]] std::size_t time_stamp_size(std::string_view line);

}  // namespace skein::summary
