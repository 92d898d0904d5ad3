// Text from elsewhere on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// Control characters (also the C1 ones of UTF-8, U+0080 to U+009F) as \x1b: names of files must not steer the
/// terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace skein::text
