// Macros that a parser without a preprocessor trips over: "class EXPORT Name {" becomes "class        Name {", and
// "f() NOEXCEPT {" becomes "f()          {", of the same length, so that all places stay what they are.
#pragma once

#include <string>
#include <string_view>

#include "repo/language_spec.h"

namespace skein::repo {

/// `text` with blanks for each name in capitals (with its arguments) that stands between one of `macros.after` and the
/// name of what is defined there, or between a function's parameters and its body, initializers or end, where
/// `macros.behind` may stand too. Empty where there is none. A heuristic: what it takes for a function is a name, an
/// operator or a name in parentheses before "(…)", unless the name is one of `macros.no_function` or in capitals. O(n).
[[nodiscard]] std::string mask_macros(std::string_view text, const LanguageSpec::Macros& macros);

}  // namespace skein::repo
