#include "text/escape.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace skein::text {
namespace {

std::string html(std::string_view text) {
  std::string out;
  append_html(out, text);
  return out;
}

std::string markdown(std::string_view text, bool at_line_start = false) {
  std::string out;
  append_markdown(out, text, at_line_start);
  return out;
}

std::string code(std::string_view text) {
  std::string out;
  append_markdown_code(out, text);
  return out;
}

TEST(EscapeHtml, LeavesNothingThatBeginsMarkup) {
  EXPECT_EQ(html("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(html("plain \xe9\xb4\xbb\ttext\n"), "plain \xe9\xb4\xbb\ttext\n");
  EXPECT_EQ(html("a\r\nb\rc"), "a\nb\nc");
}

TEST(EscapeHtml, MakesBrokenBytesVisible) {
  EXPECT_EQ(html("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html(std::string_view("\0\x1b\x7f", 3)), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(html("x\xe2\x80\xaey\xe2\x81\xa6"), "x[U+202E]y[U+2066]");
}

TEST(EscapeMarkdown, LeavesOrdinaryTextReadable) {
  EXPECT_EQ(markdown("snake_case - 1.5 > 0 (see x.y)!"), "snake_case - 1.5 > 0 (see x.y)!");
  EXPECT_EQ(markdown("a & b"), "a & b");
}

TEST(EscapeMarkdown, NeutralisesMarkup) {
  EXPECT_EQ(markdown("*a* _b_ `c` [d](e) <f> |g| &lt;"), "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\<f> \\|g\\| \\&lt;");
  EXPECT_EQ(markdown("a\nb"), "a b");
  EXPECT_EQ(markdown("~~x~~"), "\\~\\~x\\~\\~");
}

TEST(EscapeMarkdown, NeutralisesWhatBeginsABlockAtALinesStartOnly) {
  EXPECT_EQ(markdown("# a", true), "\\# a");
  EXPECT_EQ(markdown("  - a", true), "\\- a");
  EXPECT_EQ(markdown("12. a", true), "12\\. a");
  EXPECT_EQ(markdown("1) a 2) b", true), "1\\) a 2) b");
  EXPECT_EQ(markdown("# a"), "# a");
  EXPECT_EQ(markdown("===", true), "\\===");
}

TEST(EscapeMarkdown, UsesAsManyBackticksAsACodeSpanNeeds) {
  EXPECT_EQ(code("a"), "`a`");
  EXPECT_EQ(code("a`b``c"), "```a`b``c```");
  EXPECT_EQ(code("`"), "`` ` ``");
  EXPECT_EQ(code(""), "");
  EXPECT_EQ(code("a\nb"), "`a b`");
  std::string twice;
  append_markdown_code(twice, "a");
  append_markdown_code(twice, "b");
  EXPECT_EQ(twice, "`a` `b`");
}

TEST(EscapeMarkdown, FencesABlockWithMoreBackticksThanItHolds) {
  std::string out;
  append_markdown_block(out, "a\n```\nb", "c++ <x>");
  EXPECT_EQ(out, "````c++x\na\n```\nb\n````\n");
}

TEST(DisplayPath, ShowsOrdinaryNamesAsTheyAreAndEscapesTheRest) {
  EXPECT_EQ(display_path("src/a b\\c/\xe9\xb4\xbb"), "src/a b\\c/\xe9\xb4\xbb");
  EXPECT_EQ(display_path("new\nline\\\xff.py"), "new\\nline\\\\\\xff.py");
  EXPECT_EQ(display_path("\xe2\x80\xaex"), "\\xe2\\x80\\xaex");
}

TEST(Escapes, GiveValidUtf8ForAnyBytes) {
  SeededRandom random(3);
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (auto n = random.below(24); n > 0; --n) text += static_cast<char>(random.below(256));
    std::string block;
    append_markdown_block(block, text);
    EXPECT_TRUE(is_utf8(html(text)));
    EXPECT_TRUE(is_utf8(markdown(text, true)));
    EXPECT_TRUE(is_utf8(code(text)));
    EXPECT_TRUE(is_utf8(block));
    EXPECT_TRUE(is_utf8(display_path(text)));
    EXPECT_EQ(html(text).find('<'), std::string::npos);
  }
}

}  // namespace
}  // namespace skein::text
