// Markdown that nobody vouches for, as HTML that cannot do harm: no raw HTML of the text's own, no images, and only the
// links that the caller allows. CommonMark with tables, strikethrough and task lists (md4c).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::text {

struct MarkdownHtmlOptions {
  /// Where a link leads: given its target as written, the `href` to use (escaped here), or "" to show its text only.
  /// Not asked for fragments: they lead to headings of the same text, whose ids begin with `id_prefix`.
  std::function<std::string(std::string_view)> link = nullptr;
  std::string id_prefix = "readme-";
  /// The first heading's level; deeper ones follow it without a gap, none is higher. 1 to 6.
  int top_heading = 3;
  /// What is made of Markdown beyond this size is left out.
  std::size_t max_bytes = 64 * 1024;
};

/// Well-formed HTML blocks. Raw HTML in the text is reduced to its words. Time and output are bounded by a multiple of
/// `max_bytes`; `*cut`, where given, says whether something was left out.
[[nodiscard]] std::string markdown_to_html(std::string_view markdown, const MarkdownHtmlOptions& options,
                                           bool* cut = nullptr);

/// The targets of all links, as written, entities decoded, in the order of the text; fragments are left out.
[[nodiscard]] std::vector<std::string> markdown_links(std::string_view markdown, std::size_t max_bytes = 64 * 1024);

}  // namespace skein::text
