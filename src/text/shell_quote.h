// A text as one word of a POSIX shell, for scripts that skein writes, and a command as people type it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace skein::text {

/// In single quotes, whatever is in it: "it's" gives 'it'\''s'.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// A command's words as one line for a shell, quoted where they have to be: {"sh", "-c", "exit 3"} gives
/// sh -c 'exit 3'.
[[nodiscard]] std::string shell_line(std::span<const std::string> words);

}  // namespace skein::text
