// From a node of a tree to the name in it, along the way that the language's data describes ([names]).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "repo/parser.h"
#include "repo/rules.h"

namespace skein::repo {

/// The bytes of a node.
[[nodiscard]] std::string_view node_text(std::string_view text, TSNode node);
/// The child in `field`; the first named child for field 0. May be null.
[[nodiscard]] TSNode node_child(TSNode node, Field field);

/// "a  b\n" -> "a b".
[[nodiscard]] std::string folded(std::string_view text);
/// Without the quotes or angle brackets around it.
[[nodiscard]] std::string_view unquoted(std::string_view text);

struct Name {
  std::string text;
  std::string qualifier;           ///< "a.B" of "a::B<int>::f".
  bool makes = false;              ///< A wrapper on the way says which kind of symbol it is:
  std::optional<SymbolKind> made;  ///< this one.
};

/// Follows the way from `node` to a name. Nothing where it leads to something else.
[[nodiscard]] std::optional<Name> resolve_name(const Rules& rules, std::string_view text, TSNode node);

}  // namespace skein::repo
