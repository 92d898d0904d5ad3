// Macros that a parser without a preprocessor trips over: "class EXPORT Name {" becomes "class        Name {", of the
// same length, so that all places stay what they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skein::repo {

/// `text` with blanks for each name in capitals (with its arguments) between one of `keywords` and the name of what is
/// defined there. Empty where there is none. O(n).
[[nodiscard]] std::string mask_macros(std::string_view text, const std::vector<std::string>& keywords);

}  // namespace skein::repo
