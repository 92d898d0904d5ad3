#include "repo/word_scan.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "repo/extract.h"
#include "repo/rules.h"

namespace skein::repo {
namespace {

FileFacts facts_of(const char* language, std::string_view text) {
  auto facts = extract(*builtin_languages().by_id(language), text);
  EXPECT_TRUE(facts);
  return facts ? std::move(*facts) : FileFacts();
}

std::string names(const FileFacts& facts) {
  std::string out;
  for (const auto& use : facts.names)
    out += use.name + ":" + std::to_string(use.line) + "x" + std::to_string(use.count) + " ";
  return out;
}

TEST(WordScan, FindsNamesInsideFunctionsWithTheirFirstLine) {
  EXPECT_EQ(names(facts_of("python", "import os\n\ndef go(path):\n    return os.join(path, 'no')  # neither\n")),
            "def:3x1 go:3x1 import:1x1 join:4x1 os:1x2 path:3x2 return:4x1 ");
}

TEST(WordScan, LeavesOutStringsThatSpanLines) {
  const auto facts = facts_of("python", "x1 = \"\"\"\nhidden\n\"\"\"\nseen = x1\n");
  EXPECT_EQ(names(facts), "seen:4x1 x1:1x2 ");
}

TEST(WordScan, AQuoteOfAnotherMeaningHidesNothing) {
  EXPECT_EQ(names(facts_of("rust", "fn pick<'a>(item: &'a str) -> &'a str { item }\n")),
            "fn:1x1 item:1x2 pick:1x1 str:1x2 ");
  EXPECT_EQ(names(facts_of("cpp", "int count = 1'000'000; char mark = 'x'; int other;\n")),
            "char:1x1 count:1x1 int:1x2 mark:1x1 other:1x1 ");
}

TEST(WordScan, CountsDecisions) {
  EXPECT_EQ(facts_of("c", "int f(int a) { if (a && a > 2 || !a) return a ? 1 : 2; while (a) { } /* if */ return 0; }\n")
                .branches,
            5U);
  EXPECT_EQ(
      facts_of("python",
               "def f(a):\n    if a and not a:\n        pass\n    elif a:\n        pass\n    x = [b for b in a if b]\n")
          .branches,
      5U);
  EXPECT_EQ(facts_of("go", "package a\nfunc f() { for { select { case <-c: } } }\n").branches, 2U);
  EXPECT_EQ(facts_of("shell", "if true && false; then echo 'if'; fi\n").branches, 2U);
}

TEST(WordScan, EveryLanguageWithAGrammarSaysWhatADecisionIs) {
  for (const auto& language : builtin_languages().all()) {
    if (!language->has_grammar()) continue;
    ASSERT_TRUE(language->rules());
    EXPECT_FALSE(language->rules()->words.branches.empty()) << language->id();
  }
}

TEST(WordScan, KeepsTheFirstNamesWhereThereAreTooMany) {
  const WordRules rules;
  EXPECT_EQ(scan_words("aa bb cc aa", {}, rules, 2).names.size(), 2U);
}

TEST(WordScan, TellsALineForEveryNameOfAnyBytes) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    std::string text(random.below(400), ' ');
    constexpr std::string_view kBytes = "ab_1\"' \n\\/*#(&|?";
    for (char& c : text) c = kBytes[random.below(kBytes.size())];
    const auto facts = facts_of("cpp", text);
    for (const auto& use : facts.names) {
      EXPECT_GE(use.line, 1U);
      EXPECT_LE(use.line, facts.lines);
      EXPECT_TRUE(text.contains(use.name));
    }
    const auto again = decode_facts(encode(facts));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, facts);
  }
}

}  // namespace
}  // namespace skein::repo
