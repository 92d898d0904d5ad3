// A section of a file that a program keeps, between two marks; all around it is a person's and stays as it is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::prose {

inline constexpr std::string_view kFactsBegin =
    "<!-- skein:facts:begin - kept by `skein docs agents`; write before or after it -->";
inline constexpr std::string_view kFactsEnd = "<!-- skein:facts:end -->";

/// `text` with `body` (lines, ending in a newline) between the marks; where there are none, at the end, after an empty
/// line. Line ends are those of `text`. Idempotent; bytes outside the marks are untouched.
/// Errors: `invalid_argument` for a mark without its other, or twice, naming the line.
[[nodiscard]] Result<std::string> with_section(std::string_view text, std::string_view body);

}  // namespace skein::prose
