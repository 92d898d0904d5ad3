// The shape of a comment or docstring: paragraphs, lists and preformatted parts. Comments are written in many dialects
// (reStructuredText, Javadoc, Doxygen, Markdown); this finds what they share and keeps the rest as it is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein::docs {

enum class DocBlockKind : std::uint8_t {
  paragraph,     ///< Lines to be joined.
  list_item,     ///< "- x", "* x", ":param x: y", "@param x y".
  step,          ///< "1. x".
  preformatted,  ///< Indented, fenced, or a Python session: to be kept as it is.
};

struct DocBlock {
  DocBlockKind kind{};
  std::string text;  ///< Lines separated by newlines, without the list's mark and without the common indentation.

  bool operator==(const DocBlock&) const = default;
};

/// Linear in the text.
[[nodiscard]] std::vector<DocBlock> doc_blocks(std::string_view doc);

/// Calls `text` and `code` with the parts of a line, in order: code is what stands between single or double backticks,
/// as most dialects write it.
template <class Text, class Code>
void split_inline(std::string_view line, const Text& text, const Code& code) {
  while (true) {
    const auto open = line.find('`');
    if (open == line.npos) break;
    const std::size_t ticks = line.substr(open, 2) == "``" ? 2 : 1;
    const auto close = line.find(line.substr(open, ticks), open + ticks);
    if (close == line.npos || close == open + ticks) break;
    text(line.substr(0, open));
    code(line.substr(open + ticks, close - open - ticks));
    line.remove_prefix(close + ticks);
  }
  text(line);
}

/// The first sentence or line, at most `max_bytes` (cut at a word, with "…"), on one line.
[[nodiscard]] std::string doc_summary(std::string_view doc, std::size_t max_bytes = 160);

}  // namespace skein::docs
