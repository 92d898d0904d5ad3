// One walk over a file's tree: where its symbols, imports and comments are. extract.cc turns that into facts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "repo/comments.h"
#include "repo/facts.h"
#include "repo/language_spec.h"
#include "repo/parser.h"
#include "repo/rules.h"

namespace skein::repo {

/// A symbol whose texts are still places in the file.
struct FoundSymbol {
  Symbol symbol;  ///< Without signature and doc.
  std::uint32_t signature_begin = 0, signature_end = 0;
  std::uint32_t doc_row = 0;                       ///< Its comment ends right above this row.
  std::uint32_t string_begin = 0, string_end = 0;  ///< Its docstring; empty: none.
  bool outer = false;                              ///< Not inside another symbol.
  bool exported = false;
};

struct Found {
  std::vector<FoundSymbol> symbols;
  std::vector<Import> imports;
  std::vector<CommentSpan> comments;
  std::unordered_set<std::string> exported_names;
  bool has_exports = false;
  bool entry_point = false;
  bool cut = false;
  std::uint32_t errors = 0;
  std::uint32_t string_begin = 0, string_end = 0;  ///< The file's docstring.
  std::uint32_t first_code_byte = 0;
};

/// `max_items` bounds symbols and imports.
[[nodiscard]] Found walk(const Rules& rules, const LanguageSpec& spec, const TSTree& tree, std::string_view text,
                         std::size_t max_items);

}  // namespace skein::repo
