// The name of an author as git has it is anybody's bytes: what of it can be shown.
#pragma once

#include <string>
#include <string_view>

namespace skein::repo {

/// One line of valid UTF-8 of at most 100 bytes: control characters, marks that turn or hide text (bidirectional,
/// zero-width) and surrounding blanks are taken out, invalid bytes become U+FFFD. "unknown" where nothing is left.
[[nodiscard]] std::string clean_author_name(std::string_view name);

}  // namespace skein::repo
