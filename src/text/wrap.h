// Text broken into lines for a terminal or a comment.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// The words of `text` in lines of at most `width` columns, each begun with `indent` and ended by a newline. An empty
/// line in `text` stays one; a line that begins with two spaces is kept as it is. A word that is too long stands alone.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t width, std::string_view indent);

/// Columns that a UTF-8 text takes: code points, which is right for all that skein itself says.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace skein::text
