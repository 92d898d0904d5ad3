#include "docs/stale.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "docs/links.h"
#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

TEST(Stale, PagesOfChangedCodeAreNamedWithTheReason) {
  test::ScratchTree tree;
  tree.write("src/a.py", "x = 1\n");
  tree.write("src/b.py", "y = 1\n");
  tree.write("lib/c.py", "z = 1\n");
  SiteMaker maker(tree.root());
  EXPECT_EQ(maker.stale().error().code(), Code::not_found);
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(maker.stale().value().empty());
  tree.write("src/a.py", "x = 2\n");
  tree.remove("src/b.py");
  tree.write("lib/d.py", "w = 1\n");
  const auto stale = maker.stale();
  ASSERT_TRUE(stale) << stale.error().to_string();
  const auto why = [&](std::string_view page) {
    const auto* found = find_stale(*stale, page);
    return found == nullptr ? std::string("-") : found->why;
  };
  EXPECT_EQ(why(file_page("src/a.py")), "src/a.py was changed after this page was made");
  EXPECT_EQ(why(file_page("src/b.py", PageForm::markdown)), "src/b.py was removed after this page was made");
  EXPECT_EQ(why(file_page("lib/c.py")), "-");
  EXPECT_EQ(why(file_page("lib/d.py")), "-") << "there is no such page yet";
  EXPECT_EQ(why(module_page("lib")), "lib/d.py was added after this page was made");
  EXPECT_NE(why(module_page("src")), "-");
  EXPECT_NE(why(kOverviewHtml), "-");
  // Everything that is marked is what a comparison finds, too.
  const auto difference = maker.compare();
  ASSERT_TRUE(difference);
  for (const auto& page : *stale) {
    const bool known = std::ranges::find(difference->stale, page.page) != difference->stale.end() ||
                       std::ranges::find(difference->surplus, page.page) != difference->surplus.end();
    EXPECT_TRUE(known) << page.page;
  }
  ASSERT_TRUE(maker.make());
  EXPECT_TRUE(maker.stale().value().empty());
}

TEST(Stale, AMarkStandsAtTheBeginningOfThePageAndIsEscaped) {
  const std::string html = "<body>\n<main id=\"content\" tabindex=\"-1\">\n<h1>x</h1></main>";
  const auto marked = mark_stale("files/a.html", html, "<b>.py was changed");
  EXPECT_TRUE(marked.contains("tabindex=\"-1\">\n<p class=\"note\" role=\"note\">Stale: &lt;b&gt;.py was changed. Run"))
      << marked;
  EXPECT_EQ(mark_stale("files/a.html", "<p>no page of ours</p>", "x"), "<p>no page of ours</p>");
  EXPECT_TRUE(mark_stale("files/a.md", "# a\n", "a.py was changed").starts_with("Note: stale: a.py was changed. Run"));
}

}  // namespace
}  // namespace skein::docs
