// Comments of a source text: where they are, how many lines they take, and what they say without their marks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "repo/language_spec.h"

namespace skein::repo {

/// Bytes [begin, end) of a text, and the rows (from 0) of the first and the last of them.
struct CommentSpan {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t row = 0, end_row = 0;
};

/// Comments that start a line, found by their marks alone; for languages without a grammar and files beyond a limit.
[[nodiscard]] std::vector<CommentSpan> scan_comments(std::string_view text, const LanguageSpec::Comments& marks);

struct LineCounts {
  std::uint32_t lines = 0, code = 0, comment = 0;
};

/// `comments`: in the order of the text. A line with code and a comment is a code line.
[[nodiscard]] LineCounts count_lines(std::string_view text, const std::vector<CommentSpan>& comments);

/// What a run of adjacent comments says: marks, common decoration, lines for tools and surrounding blank lines removed.
[[nodiscard]] std::string comment_text(std::string_view text, const CommentSpan* first, const CommentSpan* last,
                                       const LanguageSpec::Comments& marks);

/// What a docstring says: prefix, quotes and common indentation removed.
[[nodiscard]] std::string string_text(std::string_view literal);

/// The comments that stand right above `row`, as a range of indexes [first, last): nothing but blanks beside them and
/// no blank line between.
struct CommentRange {
  std::size_t first = 0, last = 0;
  [[nodiscard]] bool empty() const { return first == last; }
};
[[nodiscard]] CommentRange comments_above(std::string_view text, const std::vector<CommentSpan>& comments,
                                          std::uint32_t row);

/// What a comment behind a member says, "int x;  ///< Why.", on `row` and not before the byte `begin`.
[[nodiscard]] std::string trailing_comment(std::string_view text, const std::vector<CommentSpan>& comments,
                                           std::uint32_t row, std::uint32_t begin, const LanguageSpec::Comments& marks);

/// The comment that says what the whole file is for: the first run of comments before any code that is no license.
[[nodiscard]] std::string file_comment(std::string_view text, const std::vector<CommentSpan>& comments,
                                       std::uint32_t first_code_byte, const LanguageSpec::Comments& marks);

}  // namespace skein::repo
