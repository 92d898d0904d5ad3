// Where a text is divided before byte pairs are merged: the patterns of o200k_base and cl100k_base as they stand in
// gpt-tokenizer, written as walks over classes of characters. A regular expression would backtrack; these look at each
// character at most three times.
#pragma once

#include <cstddef>
#include <string_view>

#include "text/tokens.h"

namespace skein::text {

/// The end of the piece that begins at `at` (< text.size()). `text` is valid UTF-8.
[[nodiscard]] std::size_t piece_end_o200k(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t piece_end_cl100k(std::string_view text, std::size_t at);

}  // namespace skein::text
