#include "text/toml.h"

#include <string>

#include <gtest/gtest.h>

namespace skein::text {
namespace {

TEST(Toml, LettersOfAnyScriptAreKeysValuesAndPartsOfTables) {
  const auto document = parse_toml("\"größe\" = \"naïve\"\n[\"таблица\".\"b\"]\nlist = [\"語\", {\"é\" = \"ﬂ\"}]\n");
  ASSERT_TRUE(document) << document.error().reason;
  EXPECT_EQ((*document)["größe"].value_or(std::string()), "naïve");
  const auto list = (*document)["таблица"]["b"]["list"];
  EXPECT_EQ(list[0].value_or(std::string()), "語");
  EXPECT_EQ(list[1]["é"].value_or(std::string()), "ﬂ");
  EXPECT_EQ(document->size(), 2u);
}

TEST(Toml, AKeyThatWasRenamedKeepsItsPlace) {
  const auto document = parse_toml("a = 1\n\n\"ö\" = 2\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->find("ö")->first.source().begin.line, 3u);
}

// toml++ holds it for impossible that this letter stands here: undefined behaviour, which a fuzzer found.
TEST(Toml, ALetterWhereWhiteSpaceCouldBeIsAFault) {
  const auto document = parse_toml("\xc8\xb6");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 1u);
  EXPECT_NE(document.error().reason, "");
}

TEST(Toml, AFaultNamesThePlaceAndTheOriginalLetters) {
  const auto document = parse_toml("ok = 1\nö = = 2\n");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().line, 2u);
  EXPECT_EQ(document.error().reason.find("\xf3\xb0"), std::string::npos) << document.error().reason;
}

TEST(Toml, BytesThatAreNoTextAreAFault) {
  EXPECT_FALSE(parse_toml("a = \"\xff\"\n"));
  EXPECT_FALSE(parse_toml("[=]"));
}

}  // namespace
}  // namespace skein::text
