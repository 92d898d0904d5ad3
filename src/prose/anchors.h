// The places inside a Markdown page that a link's fragment can name.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace skein::prose {

/// What "page.md#…" may say: of each heading its words in lower case with "-" for blanks and without other signs, as
/// GitHub, GitLab and most generators make them ("-1" is added to the second of equal ones), and each `id` and `name`
/// of raw HTML. Any bytes are fine.
[[nodiscard]] std::set<std::string, std::less<>> anchors_of(std::string_view markdown);

/// The fragment of a heading with these words: "Macros & `code`" gives "macros--code".
[[nodiscard]] std::string heading_anchor(std::string_view words);

/// Calls `body(name, value)` for each attribute with a quoted value in a piece of raw HTML; `value` views it.
template <class Body>
void each_attribute(std::string_view html, Body&& body) {
  for (auto at = html.find('='); at != std::string_view::npos; at = html.find('=', at + 1)) {
    if (at + 1 >= html.size() || (html[at + 1] != '"' && html[at + 1] != '\'')) continue;
    const auto end = html.find(html[at + 1], at + 2);
    if (end == std::string_view::npos) return;
    auto begin = at;
    while (begin > 0 && html[begin - 1] != ' ' && html[begin - 1] != '\t' && html[begin - 1] != '<') --begin;
    body(html.substr(begin, at - begin), html.substr(at + 2, end - at - 2));
    at = end;
  }
}

}  // namespace skein::prose
