#include "repo/facts.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::repo {
namespace {

std::string any_text(Random& random) {
  std::string text(random.below(12), '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

std::uint32_t any_number(Random& random) { return static_cast<std::uint32_t>(random.next() >> random.below(64)); }

FileFacts any_facts(Random& random) {
  FileFacts facts;
  facts.language = any_text(random);
  facts.lines = any_number(random);
  facts.code_lines = any_number(random);
  facts.comment_lines = any_number(random);
  facts.parse_errors = any_number(random);
  facts.cut = random.chance(0.5);
  facts.entry_point = random.chance(0.5);
  facts.script = random.chance(0.5);
  facts.doc = any_text(random);
  facts.symbols.resize(random.below(6));
  for (std::uint32_t i = 0; i < facts.symbols.size(); ++i) {
    auto& symbol = facts.symbols[i];
    symbol.name = any_text(random);
    symbol.qualifier = any_text(random);
    symbol.kind = static_cast<SymbolKind>(random.below(15));
    symbol.visibility = static_cast<Visibility>(random.below(4));
    if (i > 0 && random.chance(0.5)) symbol.parent = static_cast<std::uint32_t>(random.below(i));
    symbol.line = any_number(random);
    symbol.end_line = any_number(random);
    symbol.signature = any_text(random);
    symbol.doc = any_text(random);
  }
  facts.imports.resize(random.below(4));
  for (auto& import : facts.imports) {
    import.target = any_text(random);
    for (std::uint64_t i = random.below(3); i > 0; --i) import.names.push_back(any_text(random));
    import.line = any_number(random);
    import.relative = random.chance(0.5);
  }
  facts.branches = any_number(random);
  std::set<std::string> names;
  for (auto i = random.below(8); i > 0; --i) names.insert(any_text(random));
  for (const auto& name : names) facts.names.push_back({name, any_number(random), any_number(random)});
  return facts;
}

TEST(Facts, SurviveARoundTrip) {
  SeededRandom random(1);
  for (int round = 0; round < 2000; ++round) {
    const FileFacts facts = any_facts(random);
    const auto back = decode_facts(encode(facts));
    ASSERT_TRUE(back) << back.error().to_string();
    ASSERT_EQ(*back, facts);
  }
}

TEST(Facts, RefuseEveryPrefixOfTheirStoredForm) {
  SeededRandom random(2);
  for (int round = 0; round < 50; ++round) {
    const std::string bytes = encode(any_facts(random));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto cut = decode_facts(std::string_view(bytes).substr(0, size));
      ASSERT_FALSE(cut);
      ASSERT_EQ(cut.error().code(), Code::data_corrupt);
    }
  }
}

TEST(Facts, GiveParentsBeforeMembersWhateverTheBytes) {
  SeededRandom random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = encode(any_facts(random));
    for (std::uint64_t i = 1 + random.below(4); i > 0; --i) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    const auto facts = decode_facts(bytes);
    if (!facts) continue;
    for (std::uint32_t i = 0; i < facts->symbols.size(); ++i) {
      const auto& symbol = facts->symbols[i];
      ASSERT_TRUE(symbol.parent == Symbol::kNoParent || symbol.parent < i);
      ASSERT_FALSE(to_string(symbol.kind).empty());
      (void)scope_of(*facts, symbol);
    }
  }
}

TEST(Facts, OfANewerFormatAreRefused) {
  std::string bytes = encode({});
  bytes[0] = 99;
  EXPECT_EQ(decode_facts(bytes).error().code(), Code::unsupported_version);
}

TEST(Facts, ScopeHoldsAllParentsAndTheWrittenQualifier) {
  FileFacts facts;
  facts.symbols.resize(3);
  facts.symbols[0].name = "outer";
  facts.symbols[1].name = "Inner";
  facts.symbols[1].parent = 0;
  facts.symbols[2].name = "f";
  facts.symbols[2].parent = 1;
  facts.symbols[2].qualifier = "a.B";
  EXPECT_EQ(scope_of(facts, facts.symbols[0]), "");
  EXPECT_EQ(scope_of(facts, facts.symbols[1]), "outer");
  EXPECT_EQ(scope_of(facts, facts.symbols[2]), "outer.Inner.a.B");
}

TEST(Facts, NamesOfKindsAndVisibilitiesReadBack) {
  for (int i = 0; i < 15; ++i) {
    const auto kind = static_cast<SymbolKind>(i);
    EXPECT_EQ(parse_symbol_kind(to_string(kind)), kind);
  }
  for (int i = 0; i < 4; ++i) {
    const auto visibility = static_cast<Visibility>(i);
    EXPECT_EQ(parse_visibility(to_string(visibility)), visibility);
  }
  EXPECT_EQ(parse_symbol_kind("no kind"), std::nullopt);
}

}  // namespace
}  // namespace skein::repo
