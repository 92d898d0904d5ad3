// Reads a page as a browser would and says what is wrong with it: the judge of the tests with hostile texts.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skein::docs {

struct HtmlReport {
  std::string fault;               ///< The first thing that is wrong; empty: the page is fine.
  std::vector<std::string> links;  ///< The values of all href, decoded.
  std::set<std::string> ids;
  std::vector<int> headings;  ///< Levels, in order.
};

/// Checks: valid UTF-8; only elements and attributes that skein writes; tags balanced; ids unique; no text inside
/// <script>; links are https, http, or made of the characters of page paths; fragments lead to an id.
[[nodiscard]] HtmlReport read_html(std::string_view html);

}  // namespace skein::docs
