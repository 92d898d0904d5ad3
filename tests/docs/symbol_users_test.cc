#include "docs/symbol_users.h"

#include <gtest/gtest.h>

#include "docs/site_maker_support.h"

namespace skein::docs {
namespace {

using repo::Symbol;
using repo::SymbolKind;

Symbol symbol(std::string name, SymbolKind kind, repo::Visibility visibility = repo::Visibility::public_) {
  Symbol made;
  made.name = std::move(name);
  made.kind = kind;
  made.visibility = visibility;
  return made;
}

repo::FileFacts sample() {
  repo::FileFacts facts;
  facts.symbols = {symbol("Order", SymbolKind::class_), symbol("total", SymbolKind::method),
                   symbol("price", SymbolKind::field), symbol("_sum", SymbolKind::function, repo::Visibility::private_),
                   symbol("total", SymbolKind::function)};
  facts.names = {{"Order", 1, 1}, {"helper", 4, 2}, {"total", 2, 3}};
  return facts;
}

TEST(SymbolUsers, MarksHoldWhatIsDefinedForOthersAndWhatIsUsedBeyondThat) {
  const auto marks = marks_of(sample());
  EXPECT_EQ(marks.defined, (std::vector<std::string>{"Order", "total"}));
  // "Order" occurs only where it is defined, "total" once more than it is defined.
  std::vector<std::uint32_t> used{mark_of("helper"), mark_of("total")};
  std::ranges::sort(used);
  EXPECT_EQ(marks.used, used);
}

TEST(SymbolUsers, RecordsComeBackAndShorterOnesAreErrors) {
  const auto marks = encode(marks_of(sample()));
  ASSERT_TRUE(decode_marks(marks));
  EXPECT_EQ(*decode_marks(marks), marks_of(sample()));
  const std::vector<NameUsers> users{{"Order", 12, {"a.py", "b.py"}}, {"total", 1, {"b.py"}}};
  const auto bytes = encode(std::span<const NameUsers>(users));
  ASSERT_TRUE(decode_name_users(bytes));
  EXPECT_EQ(*decode_name_users(bytes), users);
  const std::vector<std::vector<std::uint32_t>> lists{{1, 2}, {}, {0}};
  const auto numbers = encode_numbers(lists);
  ASSERT_TRUE(decode_numbers(numbers));
  EXPECT_EQ(*decode_numbers(numbers), lists);
  EXPECT_FALSE(decode_numbers(encode_numbers(std::vector<std::vector<std::uint32_t>>{{1}})));
  for (std::size_t size = 0; size < marks.size(); ++size) EXPECT_FALSE(decode_marks(marks.substr(0, size)));
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_name_users(bytes.substr(0, size)));
  for (std::size_t size = 0; size < numbers.size(); ++size) EXPECT_FALSE(decode_numbers(numbers.substr(0, size)));
}

TEST(SymbolUsers, AreCountedWholeAndNamedUpToALimit) {
  FileMarks defining;
  defining.defined = {"f", "g"};
  std::vector<FileMarks> marks(9);
  std::vector<std::string_view> paths(9, "a.py");
  std::vector<std::uint32_t> users;
  for (std::uint32_t i = 0; i < 8; ++i) {
    marks[i].used = {mark_of("f")};
    users.push_back(i);
  }
  marks[8].used = {mark_of("g")};  // Imports nothing of this.
  const auto found = users_of_names(defining, users, marks, paths);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "f");
  EXPECT_EQ(found[0].total, 8U);
  EXPECT_EQ(found[0].files.size(), NameUsers::kShownFiles);
}

TEST(SymbolUsers, APageNamesSoManyFilesAndCountsTheRest) {
  repo::FileFacts facts;
  std::vector<NameUsers> users;
  for (int i = 1000; i < 1300; ++i) {
    facts.symbols.push_back(symbol("f" + std::to_string(i), SymbolKind::function));
    users.push_back({facts.symbols.back().name, 7, {"a", "b", "c", "d", "e"}});
  }
  const auto uses = symbol_uses(facts, users);
  ASSERT_EQ(uses.size(), 300U);
  std::size_t links = 0;
  for (const auto& use : uses) links += use.files.size();
  EXPECT_EQ(links, kPageLinks);
  EXPECT_EQ(uses.back().total, 7U);
  EXPECT_TRUE(uses.back().files.empty());
}

TEST(SymbolUsers, AUseThatComesOrGoesChangesThePageOfWhatItUses) {
  test::ScratchTree tree;
  tree.write("lib/__init__.py", "");
  tree.write("lib/price.py", "def total(x):\n    return x\n\n\ndef unused():\n    return 1\n");
  tree.write("app.py", "from lib.price import total\nprint(total(3))\n");
  tree.write("other.py", "print('nothing')\n");
  SiteMaker maker(tree.root());
  ASSERT_TRUE(maker.make());
  const std::string page = "files/lib/price.py.md";
  EXPECT_TRUE(maker.pages().at(page).contains("Used by 1 file: `app.py`\n")) << maker.pages().at(page);
  EXPECT_TRUE(maker.pages().at("modules/lib/index.json").contains("\"used_symbols\""));
  const auto html = maker.pages().at("files/lib/price.py.html");
  EXPECT_TRUE(html.contains("Used by <a href=\"../app.py.html\">app.py</a></p>")) << html;
  const auto other = maker.pages().at("files/other.py.html");

  tree.write("app.py", "from lib.price import total\nfrom lib.price import unused\nprint(total(3), unused())\n");
  ASSERT_TRUE(maker.make());
  const auto both = maker.pages().at(page);
  EXPECT_NE(both.find("Used by 1 file: `app.py`"), both.rfind("Used by 1 file: `app.py`")) << both;
  EXPECT_EQ(maker.pages().at("files/other.py.html"), other);
  SiteMaker clean(tree.root());
  ASSERT_TRUE(clean.make());
  EXPECT_EQ(clean.pages().at(page), both);

  tree.write("app.py", "import lib.price\n");
  ASSERT_TRUE(maker.make());
  EXPECT_FALSE(maker.pages().at(page).contains("Used by 1 file:")) << maker.pages().at(page);
}

}  // namespace
}  // namespace skein::docs
