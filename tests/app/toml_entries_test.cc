#include "app/toml_entries.h"

#include <gtest/gtest.h>

namespace skein::app {
namespace {

TEST(TomlEntries, GivesDottedKeysWithTheirLines) {
  const auto entries = parse_toml(
      "[docs]\nout = \"site\"\n\n[engine]\njobs = 3\nkeep_going = true\n[a.b]\nc = [1, \"x\"]\n", "skein.toml");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].key, "docs.out");
  EXPECT_EQ((*entries)[0].value, "site");
  EXPECT_EQ((*entries)[0].line, 2);
  EXPECT_EQ((*entries)[1].key, "engine.jobs");
  EXPECT_EQ((*entries)[1].line, 5);
  EXPECT_EQ((*entries)[2].value, true);
  EXPECT_EQ((*entries)[3].key, "a.b.c");
  EXPECT_EQ((*entries)[3].value.dump(), "[1,\"x\"]");
}

TEST(TomlEntries, KeepsTheNameOfAnEmptySection) {
  const auto entries = parse_toml("[dosc]\n", "skein.toml");
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ((*entries)[0].key, "dosc");
  EXPECT_TRUE((*entries)[0].value.is_null());
}

TEST(TomlEntries, NamesThePlaceOfAMistake) {
  const auto entries = parse_toml("[docs]\nout = \n", "skein.toml");
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().code(), Code::invalid_argument);
  ASSERT_FALSE(entries.error().context().empty());
  EXPECT_TRUE(entries.error().context()[0].starts_with("skein.toml:2:")) << entries.error().context()[0];
}

TEST(TomlEntries, SurvivesWhatTheLibraryAssertsAgainst) {
  for (const std::string_view text : {"[=]", "[", "[[", "[a", "=", "a", "a.", "[]", "a = [", "a = {", "a = '", "[=]\n"})
    EXPECT_FALSE(parse_toml(text, "x")) << text;
}

TEST(TomlEntries, SurvivesLettersWhereWhiteSpaceCouldStand) {
  // Every letter below U+10000 that is no ASCII, before a key.
  for (unsigned point = 0xa0; point < 0x10000; point += point < 0x3000 ? 1 : 7) {
    if (point >= 0xd800 && point < 0xe000) continue;
    std::string text;
    if (point < 0x800)
      text = {static_cast<char>(0xc0U | point >> 6U), static_cast<char>(0x80U | (point & 0x3fU))};
    else
      text = {static_cast<char>(0xe0U | point >> 12U), static_cast<char>(0x80U | (point >> 6U & 0x3fU)),
              static_cast<char>(0x80U | (point & 0x3fU))};
    static_cast<void>(parse_toml(text + " = 1\n", "x"));
    static_cast<void>(parse_toml("a = " + text, "x"));
    const auto inside = parse_toml("a = \"" + text + "\"\n", "x");
    ASSERT_TRUE(inside) << point;
    EXPECT_EQ((*inside)[0].value, text);
  }
}

TEST(TomlEntries, RefusesWhatIsTooLargeOrTooDeep) {
  EXPECT_FALSE(parse_toml(std::string(2'000'000, '#'), "x"));
  EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '['), "x"));
  EXPECT_FALSE(parse_toml("a = " + std::string(100'000, '{'), "x"));
  EXPECT_FALSE(parse_toml(std::string("a = \"\xff\xfe\""), "x"));
}

}  // namespace
}  // namespace skein::app
