// Output of programs on its way to a reader's terminal.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// Without escape sequences (CSI, OSC, DCS and the like) and control characters but tab and newline, also the C1 ones
/// of UTF-8; of a line that was overwritten with carriage returns, the last state. Linear.
[[nodiscard]] std::string terminal_safe(std::string_view text);

}  // namespace skein::text
