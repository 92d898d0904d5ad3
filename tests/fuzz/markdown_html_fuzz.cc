// READMEs as HTML: any bytes give balanced, valid, bounded HTML without script.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "text/escape.h"
#include "text/markdown_html.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view markdown(reinterpret_cast<const char*>(data), size);
  skein::text::MarkdownHtmlOptions options;
  options.link = [](std::string_view href) { return href.starts_with("http") ? std::string(href) : std::string(); };
  options.max_bytes = 4'096;
  const std::string html = skein::text::markdown_to_html(markdown, options);
  SKEIN_CHECK(skein::text::is_utf8(html));
  SKEIN_CHECK(html.size() <= 32 * options.max_bytes + 8'192);
  std::vector<std::string_view> open;
  for (std::size_t i = html.find('<'); i != std::string::npos; i = html.find('<', i + 1)) {
    const std::size_t end = html.find('>', i);
    SKEIN_CHECK(end != std::string::npos);
    std::string_view tag = std::string_view(html).substr(i + 1, end - i - 1);
    if (tag == "br" || tag == "hr") continue;
    if (tag.starts_with('/')) {
      SKEIN_CHECK(!open.empty() && open.back() == tag.substr(1));
      open.pop_back();
      continue;
    }
    const std::string_view name = tag.substr(0, tag.find(' '));
    SKEIN_CHECK(name != "script" && name != "img" && name != "style");
    SKEIN_CHECK(tag.find("on") == std::string_view::npos || name == "a" || tag.starts_with("h") || name == "strong");
    open.push_back(name);
  }
  SKEIN_CHECK(open.empty());
  for (const auto& link : skein::text::markdown_links(markdown, options.max_bytes)) SKEIN_CHECK(!link.starts_with('#'));
  return 0;
}
