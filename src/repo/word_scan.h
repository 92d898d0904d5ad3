// One pass over the bytes of a source text, outside its comments and strings: which names it uses, and how often it
// branches. The tree's walk skips the bodies of functions for speed; this looks into them at a fiftieth of the cost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "repo/comments.h"
#include "repo/facts.h"

namespace skein::repo {

/// What words mean in a language: `[words]` of its data.
struct WordRules {
  std::unordered_set<std::string_view> branches;  ///< Words of which each is a decision: "if", "case", "catch".
  std::vector<std::string> operators;             ///< Two bytes each, likewise: "&&", "? ".
  std::string quotes;                             ///< Each begins and ends a string.
  bool triple = false;                            ///< Three quotes begin a string that may have many lines.
};

struct Words {
  std::vector<NameUse> names;  ///< Sorted by name.
  std::uint32_t branches = 0;
};

/// `comments`: in the order of the text. At most `max_names` different names, the first ones. A string ends with its
/// line, so that a stray quote costs no more than a line. O(text).
[[nodiscard]] Words scan_words(std::string_view text, const std::vector<CommentSpan>& comments, const WordRules& rules,
                               std::size_t max_names);

}  // namespace skein::repo
