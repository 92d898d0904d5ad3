#include "text/tokens.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/scratch_tree.h"
#include "text/token_merge.h"

namespace skein::text {
namespace {

using Ranks = std::vector<std::uint32_t>;
constexpr TokenEncoding kBoth[] = {TokenEncoding::o200k_base, TokenEncoding::cl100k_base};

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// Code, prose and nonsense of many scripts, some on the borders of what the patterns tell apart.
std::string corpus_line(SeededRandom& random) {
  static const std::vector<std::string> kWords{"int ",
                                               "camelCase",
                                               "HTTPServer",
                                               "don't",
                                               "I'LL",
                                               "we'Ve",
                                               "'s",
                                               "'S ",
                                               "x'd",
                                               "  ",
                                               "\t",
                                               "\r",
                                               "    ",
                                               "1234567",
                                               "3.14",
                                               "==",
                                               "!==/",
                                               "//",
                                               "/* */",
                                               "://",
                                               "(){}",
                                               "#include",
                                               " <a>",
                                               "\\n",
                                               "__",
                                               "über",
                                               "Straße",
                                               "naïve",
                                               "ÉCOLE",
                                               "привет",
                                               "МОСКВА",
                                               "Ελλάδα",
                                               "こんにちは",
                                               "カタカナ",
                                               "漢字",
                                               "中文字",
                                               "한국어",
                                               "العربية",
                                               "עברית",
                                               "हिन्दी",
                                               "ไทย",
                                               "Việt",
                                               "e\u0301",
                                               "\u0301",
                                               "🙂",
                                               "👩‍👩‍👧",
                                               "🇩🇪",
                                               "Ǆǅǆ",
                                               "ªº",
                                               "٣٤٥",
                                               "½",
                                               "Ⅷ",
                                               "\u00a0",
                                               "\u2003",
                                               "\u3000",
                                               "\ufeff",
                                               "\u0085",
                                               "\u2028",
                                               "\u200b",
                                               "…",
                                               "aaaaaaa",
                                               "AAAAaaaa",
                                               "<|endoftext|>",
                                               "0x7fffe3b0",
                                               "==>",
                                               "─────",
                                               "├──",
                                               "ﬁ",
                                               "ʰʷ",
                                               "ᾳ"};
  static constexpr std::pair<std::uint32_t, std::uint32_t> kBlocks[] = {
      {0x20, 0x7f},     {0xa0, 0x180},    {0x370, 0x378},     {0x400, 0x480},    {0x5d0, 0x5eb},   {0x620, 0x660},
      {0x904, 0x93a},   {0xe01, 0xe3b},   {0x3041, 0x3097},   {0x4e00, 0x5000},  {0xac00, 0xad00}, {0x300, 0x340},
      {0x2000, 0x2030}, {0x2190, 0x2200}, {0x1f300, 0x1f340}, {0x10400, 0x10450}};
  std::string line;
  for (std::uint64_t left = random.below(24); left > 0; --left) {
    if (random.below(4) != 0) {
      line += kWords[random.below(kWords.size())];
      if (random.below(3) == 0) line += ' ';
      continue;
    }
    const auto& block = kBlocks[random.below(std::size(kBlocks))];
    for (std::uint64_t i = 1 + random.below(5); i > 0; --i)
      append_utf8(line, block.first + static_cast<std::uint32_t>(random.below(block.second - block.first)));
  }
  return line;
}

/// Ranks by the definition, the slow way: of all neighbours always the lowest union, the leftmost of equal ones.
Ranks merged_by_definition(const Vocabulary& vocabulary, std::string_view piece) {
  std::vector<std::string> parts;
  for (const char c : piece) parts.emplace_back(1, c);
  while (true) {
    std::size_t best = parts.size();
    std::uint32_t lowest = Vocabulary::kNone;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
      if (const auto rank = vocabulary.rank(parts[i] + parts[i + 1]); rank < lowest) {
        lowest = rank;
        best = i;
      }
    if (best == parts.size()) break;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  Ranks ranks;
  for (const auto& part : parts) ranks.push_back(vocabulary.rank(part));
  return ranks;
}

TEST(Tokens, AreThoseThatArePublishedForKnownTexts) {
  EXPECT_EQ(encode_tokens("hello world"), (Ranks{24912, 2375}));
  EXPECT_EQ(encode_tokens("hello world", TokenEncoding::cl100k_base), (Ranks{15339, 1917}));
  EXPECT_EQ(count_tokens("").value, 0);
  EXPECT_EQ(encode_tokens("tiktoken is great!", TokenEncoding::cl100k_base), (Ranks{83, 1609, 5963, 374, 2294, 0}));
}

TEST(Tokens, EqualThoseOfGptTokenizerOnEveryLineOfManyScripts) {
  // ./check installs node, whose gpt-tokenizer is the peer; a build by hand may go without.
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "node is not here: nothing was compared";
  test::ScratchTree scratch;
  SeededRandom random(20);
  std::vector<std::string> lines;
  std::string text;
  for (int i = 0; i < 6000; ++i) {
    lines.push_back(corpus_line(random));
    text += (i > 0 ? "\n" : "") + lines.back();
  }
  scratch.write("corpus.txt", text);
  for (const auto encoding : kBoth) {
    const std::string name = encoding == TokenEncoding::o200k_base ? "o200k_base" : "cl100k_base";
    const std::string command = "node '" SKEIN_SOURCE_DIR "/bench/text/tokens_gpt_tokenizer.mjs' " + name + " '" +
                                scratch.path("corpus.txt") + "' ids >'" + scratch.path(name) + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    std::string mine;
    for (const auto& line : lines) {
      const auto ranks = encode_tokens(line, encoding);
      EXPECT_EQ(static_cast<std::int64_t>(ranks.size()), count_tokens(line, encoding).value);
      for (std::size_t i = 0; i < ranks.size(); ++i) mine += (i > 0 ? "," : "") + std::to_string(ranks[i]);
      mine += '\n';
    }
    std::istringstream expected(scratch.read(name)), got(mine);
    std::string theirs, ours;
    for (std::size_t i = 0; std::getline(expected, theirs) && std::getline(got, ours); ++i)
      ASSERT_EQ(ours, theirs) << name << ", line " << i << ": " << lines[i];
    EXPECT_EQ(std::ranges::count(mine, '\n'), static_cast<std::ptrdiff_t>(lines.size()));
  }
}

TEST(Tokens, OfAnyBytesDecodeToTheText) {
  SeededRandom random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text = corpus_line(random);
    for (const auto encoding : kBoth) EXPECT_EQ(decode_tokens(encode_tokens(text, encoding), encoding), text);
  }
}

TEST(Tokens, TakeWhatIsNoUtf8AsTheReplacementCharacter) {
  const auto same = [](std::string_view bad, std::string_view good) {
    EXPECT_EQ(encode_tokens(bad), encode_tokens(good)) << good;
  };
  same(
      "a\xff"
      "b",
      "a\ufffdb");
  same("\xe2\x82", "\ufffd");  // The beginning of a sequence counts once,
  same("\xe2\x82(", "\ufffd(");
  same("\xf0\x9f\x98", "\ufffd");
  same("\xc0\x80", "\ufffd\ufffd");  // what never begins one counts by the byte.
  same("\xed\xa0\x80", "\ufffd\ufffd\ufffd");
  same("\x80\x80 x", "\ufffd\ufffd x");
}

TEST(Tokens, MergeLongPiecesAsShortOnes) {
  SeededRandom random(3);
  for (int round = 0; round < 60; ++round) {
    std::string piece;  // Letters only: one piece of o200k_base, whose lengths straddle both ways to merge.
    const auto size = 60 + random.below(160);
    const auto letters = 1 + random.below(12);
    while (piece.size() < size) piece += static_cast<char>('a' + random.below(letters));
    const auto ranks = encode_tokens(piece);
    EXPECT_EQ(decode_tokens(ranks), piece);
    EXPECT_EQ(ranks, merged_by_definition(o200k_vocabulary(), piece)) << piece;
  }
}

TEST(Tokens, TakeNoMoreThanLinearithmicTimeForOneLetterRepeated) {
  const auto seconds = [](std::size_t size) {
    const std::string text(size, 'a');
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(count_tokens(text).value, static_cast<std::int64_t>(size / 8));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  };
  seconds(50'000);
  double small = 1, large = 1;
  for (int i = 0; i < 3; ++i) {
    small = std::min(small, seconds(50'000));
    large = std::min(large, seconds(800'000));
  }
  // 16 times the text: 16 times the time, a little more for the logarithm and the caches; quadratic would be 256 times.
  EXPECT_LT(large, 100 * small);
}

TEST(Tokens, OfAWholeTextAreCountedWithAndWithoutMemoryOfItsPieces) {
  SeededRandom random(11);
  std::string text;
  while (text.size() < 200'000) text += corpus_line(random) + "\n";
  for (const auto encoding : kBoth)
    EXPECT_EQ(count_tokens(text, encoding).value, static_cast<std::int64_t>(encode_tokens(text, encoding).size()));
}

TEST(Tokens, OfOtherModelsAreEstimatedWithARange) {
  const auto estimate = estimate_tokens("an error in src/a.cc:12: expected ';'\n");
  EXPECT_GT(estimate.tokens.value, 0);
  EXPECT_LE(estimate.least, estimate.tokens);
  EXPECT_GE(estimate.most, estimate.tokens);
  EXPECT_EQ(estimate_tokens("").most.value, 0);
}

}  // namespace
}  // namespace skein::text
