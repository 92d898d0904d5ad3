#include "docs/doc_text.h"

#include <gtest/gtest.h>

#include "docs/symbol_tree.h"

namespace skein::docs {
namespace {

using enum DocBlockKind;
using Blocks = std::vector<DocBlock>;

TEST(DocText, JoinsLinesToParagraphs) {
  EXPECT_EQ(doc_blocks("One.\nTwo.\n\nThree.\n"), (Blocks{{paragraph, "One.\nTwo."}, {paragraph, "Three."}}));
  EXPECT_TRUE(doc_blocks(" \n\n").empty());
}

TEST(DocText, TakesTheCommonIndentationOfADocstringAway) {
  EXPECT_EQ(doc_blocks("One.\n\n    Two.\n    Three.\n"), (Blocks{{paragraph, "One."}, {paragraph, "Two.\nThree."}}));
}

TEST(DocText, KeepsIndentedFencedAndInteractivePartsAsTheyAre) {
  EXPECT_EQ(doc_blocks("See::\n\n    a\n      b\n\n    c\n\nEnd"),
            (Blocks{{paragraph, "See:"}, {preformatted, "a\n  b\n\nc\n"}, {paragraph, "End"}}));
  EXPECT_EQ(doc_blocks("x\n```py\n1\n```\ny"), (Blocks{{paragraph, "x"}, {preformatted, "1\n"}, {paragraph, "y"}}));
  EXPECT_EQ(doc_blocks("x\n\n>>> 1\n1\n\ny"),
            (Blocks{{paragraph, "x"}, {preformatted, ">>> 1\n1\n"}, {paragraph, "y"}}));
  EXPECT_EQ(doc_blocks("```\nnever closed"), (Blocks{{preformatted, "never closed\n"}}));
}

TEST(DocText, FindsListsAndFields) {
  EXPECT_EQ(
      doc_blocks("- a\n  b\n- c\n1. d\n:param x: e\n@return f"),
      (Blocks{
          {list_item, "a\nb"}, {list_item, "c"}, {step, "d"}, {list_item, ":param x: e"}, {list_item, "@return f"}}));
}

TEST(DocText, TakesLinesWithNamesForAListWhereThereAreSome) {
  EXPECT_EQ(doc_blocks("Has:\n\nmsg: a\npos: b\n"),
            (Blocks{{paragraph, "Has:"}, {list_item, "msg: a"}, {list_item, "pos: b"}}));
  EXPECT_EQ(doc_blocks("Note: one sentence\nof two lines."),
            (Blocks{{paragraph, "Note: one sentence\nof two lines."}}));
}

TEST(DocText, SummarisesByTheFirstSentence) {
  EXPECT_EQ(doc_summary("Reads it.  Then writes it."), "Reads it.");
  EXPECT_EQ(doc_summary("\n  Two\n  lines\n\nMore"), "Two lines");
  EXPECT_EQ(doc_summary("Takes e.g. a file. More"), "Takes e.g. a file.");
  EXPECT_EQ(doc_summary("one two three four", 9), "one two\u2026");
  EXPECT_EQ(doc_summary("\xc3\xa4\xc3\xa4\xc3\xa4", 3), "\xc3\xa4\u2026");
  EXPECT_EQ(doc_summary("***\n"), "");
}

TEST(SymbolTree, GivesEachSymbolAnAnchorOfItsOwn) {
  const auto symbol = [](std::string name, std::uint32_t parent) {
    repo::Symbol s;
    s.name = std::move(name);
    s.kind = repo::SymbolKind::function;
    s.parent = parent;
    return s;
  };
  const auto none = repo::Symbol::kNoParent;
  const std::vector<repo::Symbol> symbols = {symbol("f", none),    symbol("f", none),       symbol("g", 0),
                                             symbol("f--2", none), symbol("imports", none), symbol("operator<", none),
                                             symbol("h", 99)};
  const SymbolTree tree(symbols);
  EXPECT_EQ(tree.node(0).anchor, "f");
  EXPECT_EQ(tree.node(1).anchor, "f--2");
  EXPECT_EQ(tree.node(2).anchor, "f.g");
  EXPECT_EQ(tree.node(3).anchor, "f--2--2");
  EXPECT_EQ(tree.node(4).anchor, "imports--2");
  EXPECT_EQ(tree.node(5).anchor, "operator~3c");
  EXPECT_EQ(tree.node(6).depth, 1) << "a wrong parent is none";
}

TEST(SymbolTree, ShowsWhatANamespaceHoldsBesideIt) {
  std::vector<repo::Symbol> symbols(4);
  symbols[0].name = "boost";
  symbols[1].name = "asio";
  symbols[1].parent = 0;
  symbols[2].name = "socket";
  symbols[2].parent = 1;
  symbols[2].kind = repo::SymbolKind::class_;
  symbols[3].name = "close";
  symbols[3].parent = 2;
  symbols[3].kind = repo::SymbolKind::method;
  const SymbolTree tree(symbols);
  EXPECT_EQ(tree.node(0).next, 1U);
  EXPECT_EQ(tree.node(1).next, 2U);
  EXPECT_EQ(tree.node(2).depth, 1);
  EXPECT_EQ(tree.node(2).anchor, "boost.asio.socket");
  EXPECT_EQ(tree.node(3).anchor, "boost.asio.socket.close");
  EXPECT_EQ(tree.node(2).first_child, 3U);
  EXPECT_TRUE(tree.node(1).compact);
}

}  // namespace
}  // namespace skein::docs
