// A text as one word of a POSIX shell, for scripts that skein writes.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// In single quotes, whatever is in it: "it's" gives 'it'\''s'.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace skein::text
