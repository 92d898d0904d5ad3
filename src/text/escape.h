// Escapes: how text that nobody vouches for is put into HTML and Markdown (JSON: json_string.h). Every function appends
// to `out`, takes any bytes, and leaves valid UTF-8: bytes that are none become U+FFFD. Linear in the text.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// For element content and for quoted attributes. Characters that reorder the text around them (U+202A to U+202E,
/// U+2066 to U+2069) are shown as "[U+202E]"; control characters but tab and newline become U+FFFD.
void append_html(std::string& out, std::string_view text);

/// Markdown text on one line: what could begin markup, a link, an entity, a table cell or HTML is escaped with a
/// backslash; newlines become spaces. `at_line_start`: nothing but white space stands before it on its line.
void append_markdown(std::string& out, std::string_view text, bool at_line_start = false);

/// A Markdown code span on one line, with as many backticks as it needs; nothing for an empty text, escaped text for
/// one with more backticks in a row than readers count. Not for cells of a table.
void append_markdown_code(std::string& out, std::string_view text);

/// A fenced Markdown code block on lines of its own, with a fence longer than any run of backticks in it.
void append_markdown_block(std::string& out, std::string_view text, std::string_view language = {});

/// Valid UTF-8 for people: `path` itself where it is valid and has no control or reordering character; else with these
/// bytes as "\n", "\t", "\xff" and each backslash doubled.
[[nodiscard]] std::string display_path(std::string_view path);

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace skein::text
