#include "text/markdown_html.h"

#include <gtest/gtest.h>

#include <string>

namespace skein::text {
namespace {

std::string render(std::string_view markdown) {
  MarkdownHtmlOptions options;
  options.link = [](std::string_view href) { return href.starts_with("https://") ? std::string(href) : std::string(); };
  return markdown_to_html(markdown, options);
}

TEST(MarkdownHtml, RendersWhatAReadmeUses) {
  EXPECT_EQ(render("a *b* **c** `d<e>` ~~f~~"),
            "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e&gt;</code> <del>f</del></p>\n");
  EXPECT_EQ(render("- a\n- [x] b"), "<ul><li>a</li>\n<li>\u2611 b</li>\n</ul>\n");
  EXPECT_EQ(render("```sh\nmake <x>\n```"), "<pre tabindex=\"0\"><code>make &lt;x&gt;\n</code></pre>\n");
  EXPECT_EQ(render("3. a"), "<ol start=\"3\"><li>a</li>\n</ol>\n");
}

TEST(MarkdownHtml, KeepsHeadingsInOrderBelowTheTopOne) {
  EXPECT_EQ(render("# A b\n### C\n# A b\n###### D"),
            "<h3 id=\"readme-a-b\">A b</h3>\n<h4 id=\"readme-c\">C</h4>\n<h3 id=\"readme-a-b-1\">A b</h3>\n"
            "<h4 id=\"readme-d\">D</h4>\n");
}

TEST(MarkdownHtml, LinksOnlyWhereTheCallerAllows) {
  EXPECT_EQ(render("[a](https://x.org/?a=1&b=\"2)"),
            "<p><a href=\"https://x.org/?a=1&amp;b=&quot;2\" rel=\"noreferrer\">a</a></p>\n");
  EXPECT_EQ(render("[a](javascript:alert(1)) [b](java&#115;cript:x) <javascript:x>"), "<p>a b javascript:x</p>\n");
  EXPECT_EQ(render("# A\n[a](#a)"), "<h3 id=\"readme-a\">A</h3>\n<p><a href=\"#readme-a\">a</a></p>\n");
}

TEST(MarkdownHtml, ReducesRawHtmlToItsWordsAndImagesToTheirText) {
  EXPECT_EQ(render("<h1 align=\"center\">Name</h1>\n<p>by <b>us</b></p>\n"), "<p>Name</p>\n<p>by us</p>\n");
  EXPECT_EQ(render("a <b>c</b><br>d <script>alert(1)</script>"), "<p>a c<br>\nd alert(1)</p>\n");
  EXPECT_EQ(render("<script>\nalert(1)\n</script>\n\n<!-- x -->\n\nb"), "<p>b</p>\n");
  EXPECT_EQ(render("![logo](x.png)"), "<p>logo</p>\n");
  EXPECT_EQ(render("<p title=\"a > b\">c &amp; d &lt;e</p>"), "<p> b&quot;&gt;c &amp; d &lt;e</p>\n");
}

TEST(MarkdownHtml, DecodesEntities) {
  EXPECT_EQ(render("&#x3c;b&gt; &copy; &#0;"), "<p>&lt;b&gt; &copy; \xef\xbf\xbd</p>\n");
}

TEST(MarkdownHtml, SaysWhatItLeavesOut) {
  MarkdownHtmlOptions options;
  options.max_bytes = 8;
  bool cut = false;
  EXPECT_EQ(markdown_to_html("one\n\ntwo\n\nthree", options, &cut), "<p>one</p>\n");
  EXPECT_TRUE(cut);
  EXPECT_EQ(markdown_to_html("one", options, &cut), "<p>one</p>\n");
  EXPECT_FALSE(cut);
}

TEST(MarkdownHtml, IsBoundedForTextsThatBlowUp) {
  // Each row has two bytes and gets all cells of the first.
  std::string table;
  for (int i = 0; i < 5'000; ++i) table += "|a";
  table += "|\n";
  for (int i = 0; i < 5'000; ++i) table += "|---";
  table += "|\n";
  for (int i = 0; i < 15'000; ++i) table += "|\n";
  bool cut = false;
  const auto html = markdown_to_html(table, {}, &cut);
  EXPECT_TRUE(cut);
  EXPECT_LT(html.size(), 2'000'000U);
  for (const std::string_view piece :
       {"> ", "[", "*", "`", "- ", "![", "<", "&", "\\", "_a", "[a](", "#\n", "***a", "| "}) {
    std::string text;
    while (text.size() < 64 * 1024) text += piece;
    EXPECT_LT(markdown_to_html(text, {}).size(), 4'000'000U) << piece;
  }
}

TEST(MarkdownHtml, ListsTheTargetsOfLinks) {
  EXPECT_EQ(markdown_links("[a](x.md) ![i](y.png) [b](#c) [d](e&amp;f) <https://g.org>"),
            (std::vector<std::string>{"x.md", "e&f", "https://g.org"}));
}

}  // namespace
}  // namespace skein::text
