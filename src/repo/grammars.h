// The tree-sitter grammars that are part of this binary.
#pragma once

#include <span>
#include <string_view>

struct TSLanguage;

namespace skein::repo {

struct Grammar {
  std::string_view name;     ///< As in `skein_grammar(NAME …)`.
  std::string_view version;  ///< Of the npm package; part of the digest of what it shapes.
  const TSLanguage* (*language)(void);
};

[[nodiscard]] std::span<const Grammar> grammars();

}  // namespace skein::repo
