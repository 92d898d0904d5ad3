#include "prose/claim.h"

#include <gtest/gtest.h>

namespace skein::prose {
namespace {

TEST(Claim, PathsLinesAndSymbolsOfCodeSpansAreRead) {
  const auto plain = path_in_code("src/engine/run.cc");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->path, "src/engine/run.cc");
  const auto lines = path_in_code("run.cc:10-20");
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->line, 10u);
  EXPECT_EQ(lines->last_line, 20u);
  EXPECT_EQ(lines->rest, ":10-20");
  const auto column = path_in_code("run.cc:10:4");
  ASSERT_TRUE(column);
  EXPECT_EQ(column->line, 10u);
  EXPECT_EQ(column->last_line, 0u);
  const auto symbol = path_in_code("src/app.py::Shop.open");
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->symbol, "open");
  const auto folder = path_in_code("src/engine/");
  ASSERT_TRUE(folder);
  EXPECT_TRUE(folder->folder);
  EXPECT_EQ(folder->path, "src/engine");
}

TEST(Claim, CommandsGlobsUrlsFlagsAndTemplatesAreNoPaths) {
  for (const auto* text :
       {"make -j2", "src/*.cc", "https://a.b/c.d", "--out/x", "{a,b}/c.py", "$HOME/a.py", "~/a.py", "/usr/lib/a.so",
        "<dir>/a.py", "a=b/c.d", "1.2", "12.5", "...", "a/...", "git@x:y/z.git", "x[0].y", "#include", "a|b", "3/4"})
    EXPECT_FALSE(path_in_code(text)) << text;
}

TEST(Claim, LinksToOtherPlacesAreNoPaths) {
  for (const auto* text : {"https://a.b/c", "mailto:a@b.c", "#", "//a.b/c", "{{ site.url }}/a", "data:image/png"})
    EXPECT_FALSE(path_in_link(text)) << text;
  const auto link = path_in_link("a%20b/c.md?raw=true#L3-L9");
  ASSERT_TRUE(link);
  EXPECT_EQ(link->path, "a b/c.md");
  EXPECT_EQ(link->line, 3u);
  EXPECT_EQ(link->last_line, 9u);
  const auto heading = path_in_link("#a%20b");
  ASSERT_TRUE(heading);
  EXPECT_EQ(heading->path, "");
  EXPECT_EQ(heading->anchor, "a b");
}

TEST(Claim, SymbolsAreReadWithTheirScopes) {
  const auto symbol = symbol_in_code("engine::Plan::check()");
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->scopes, (std::vector<std::string>{"engine", "Plan"}));
  EXPECT_EQ(symbol->name, "check");
  EXPECT_TRUE(symbol->call);
  for (const auto* text : {"a b", "f(x)", "1abc", "a->b", "-x", "a::", "x"}) EXPECT_FALSE(symbol_in_code(text)) << text;
}

TEST(Claim, PlaceholdersAreKnownByTheirParts) {
  for (const auto* path : {"path/to/run.cc", "src/foo.py", "NAME/page.md", "my-app/main.go"})
    EXPECT_TRUE(is_placeholder(path)) << path;
  for (const auto* path : {"src/run.cc", "README.md", "docs/LICENSE.txt"}) EXPECT_FALSE(is_placeholder(path)) << path;
}

TEST(Claim, EncodingATargetAndDecodingItGivesThePath) {
  for (const std::string path : {"a b/(c).md", "\xc3\xa4/x.md", "100%.md"})
    EXPECT_EQ(percent_decoded(percent_encoded(path)), path);
}

}  // namespace
}  // namespace skein::prose
