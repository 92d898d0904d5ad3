#include "prose/markdown_spans.h"

#include <gtest/gtest.h>

namespace skein::prose {
namespace {

TEST(MarkdownSpans, CodeSpansAndLinksHaveTheirPlaceInTheSource) {
  const std::string text = "# A\n\nSee `src/a.cc:12` and [the map](docs/map.md#L3), ![x](pic.png).\n";
  const auto spans = read_spans(text);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].kind, SpanKind::code);
  for (const auto& span : spans) EXPECT_EQ(text.substr(span.offset, span.size), span.text);
  EXPECT_EQ(spans[1].text, "docs/map.md#L3");
  EXPECT_EQ(spans[1].label, "the map");
  EXPECT_EQ(spans[2].text, "pic.png");
  const auto place = place_of(text, spans[0].offset);
  EXPECT_EQ(place.line, 3u);
  EXPECT_EQ(place.column, 6u);
}

TEST(MarkdownSpans, CodeBlocksAndRawHtmlClaimNothing) {
  EXPECT_TRUE(read_spans("```\n`src/a.cc`\n```\n\n    `src/b.cc`\n\n<p>`src/c.cc`</p>\n").empty());
}

TEST(MarkdownSpans, QuotesListsAndTablesKeepTheirPlaces) {
  const std::string text = "> - x `a/b.c`\n>   y\n\n| h |\n| - |\n| `c/d.e` |\n";
  const auto spans = read_spans(text);
  ASSERT_EQ(spans.size(), 2u);
  for (const auto& span : spans) EXPECT_EQ(text.substr(span.offset, span.size), span.text);
}

TEST(MarkdownSpans, AReferenceIsOnePlaceHoweverOftenItIsUsed) {
  const auto spans = read_spans("[a][r] and [b][r]\n\n[r]: src/a.cc\n");
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].text, "src/a.cc");
}

TEST(MarkdownSpans, ALabelThatIsOneCodeSpanIsKnown) {
  const auto spans = read_spans("[`run`](a.cc#L3) [run](b.cc)");
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_TRUE(spans[1].code_label);
  EXPECT_FALSE(spans[2].code_label);
}

TEST(MarkdownSpans, WhatIsSwitchedOffGivesNothing) {
  const auto spans = read_spans(
      "`a/b.c` <!-- skein-lint-ignore -->\n\n`k/e.ep`\n\n<!-- skein-lint-off -->\n`c/d.e`\n<!-- skein-lint-on -->\n\n"
      "`k/ep.t`\n");
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].text, "k/e.ep");
  EXPECT_EQ(spans[1].text, "k/ep.t");
}

}  // namespace
}  // namespace skein::prose
