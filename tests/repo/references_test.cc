#include "repo/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "repo/extract.h"

namespace skein::repo {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

FileFacts facts_of(const char* language, std::string_view text) {
  auto facts = extract(*builtin_languages().by_id(language), text);
  EXPECT_TRUE(facts);
  return facts ? std::move(*facts) : FileFacts();
}

TEST(References, ASymbolIsUsedWhereAnImporterNamesIt) {
  const auto shapes = facts_of("python", "class Circle:\n    def area(self): pass\n\ndef unused(): pass\n");
  const auto app = facts_of("python", "from shapes import Circle\n\nprint(Circle().area())\nCircle()\n");
  const auto test = facts_of("python", "import shapes\nshapes.Circle()\n");
  const std::vector<NameUser> users = {{"app.py", app.names}, {"test.py", test.names}};
  const auto found = symbol_users(shapes, users);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(shapes.symbols[found[0].symbol].name, "Circle");
  EXPECT_THAT(found[0].uses, ElementsAre(SymbolUse{"app.py", 1, 3}, SymbolUse{"test.py", 2, 1}));
  EXPECT_EQ(shapes.symbols[found[1].symbol].name, "area");
  EXPECT_EQ(found[1].files, 1U);
}

TEST(References, NamesInCommentsAndStringsAndPrivateSymbolsAreNoUses) {
  const auto header = facts_of("cpp", "class Pump {\n public:\n  void start();\n private:\n  void prime();\n};\n");
  const auto user = facts_of("cpp", "// start\nconst char* text = \"start\";\nvoid prime();\n");
  const std::vector<NameUser> users = {{"a.cc", user.names}};
  EXPECT_THAT(symbol_users(header, users), IsEmpty());
}

TEST(References, ShowsTheFirstUsersAndCountsAll) {
  FileFacts facts;
  facts.symbols.push_back({.name = "f", .kind = SymbolKind::function});
  const std::vector<NameUse> names = {{"f", 3, 1}};
  std::vector<std::string> paths;
  for (int i = 100; i < 150; ++i) paths.push_back(std::to_string(i));
  std::vector<NameUser> users;
  for (const auto& path : paths) users.push_back({path, names});
  const auto found = symbol_users(facts, users);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].files, 50U);
  EXPECT_EQ(found[0].uses.size(), SymbolUsers::kShown);
  EXPECT_EQ(found[0].uses[0].path, "100");
}

}  // namespace
}  // namespace skein::repo
