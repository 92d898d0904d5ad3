#include "text/wrap.h"

#include <gtest/gtest.h>

#include "text/printable.h"

namespace skein::text {
namespace {

TEST(Wrap, BreaksBetweenWords) {
  EXPECT_EQ(wrap("one two three four", 9, ""), "one two\nthree\nfour\n");
  EXPECT_EQ(wrap("one two", 10, "# "), "# one two\n");
  EXPECT_EQ(wrap("", 10, ""), "");
}

TEST(Wrap, KeepsEmptyLinesAndExamples) {
  EXPECT_EQ(wrap("a\n\nb", 10, "# "), "# a\n#\n# b\n");
  EXPECT_EQ(wrap("a\n  skein docs --out a/long/path\nb", 10, ""), "a\n  skein docs --out a/long/path\nb\n");
}

TEST(Wrap, LetsALongWordStandAlone) { EXPECT_EQ(wrap("a abcdefghijkl b", 5, ""), "a\nabcdefghijkl\nb\n"); }

TEST(Wrap, CountsColumnsNotBytes) { EXPECT_EQ(columns_of("äöü…"), 4U); }

TEST(Printable, ShowsControlCharacters) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a\\x1b[31mb\\x0a");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");
  EXPECT_EQ(printable("äöü"), "äöü");
}

}  // namespace
}  // namespace skein::text
