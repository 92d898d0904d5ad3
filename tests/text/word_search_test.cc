#include "text/word_search.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"

namespace skein::text {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::vector<std::pair<std::size_t, std::uint32_t>> found_by(const WordSearch& search, std::string_view text) {
  std::vector<WordSearch::Hit> hits;
  search.find(text, hits);
  EXPECT_TRUE(std::ranges::is_sorted(hits, {}, &WordSearch::Hit::at));
  std::vector<std::pair<std::size_t, std::uint32_t>> places;
  for (const auto& hit : hits) {
    EXPECT_LE(hit.begin, hit.at);
    EXPECT_LE(hit.at, hit.begin + search.words()[hit.word].text.size() - 3);
    places.emplace_back(hit.begin, hit.word);
  }
  std::ranges::sort(places);
  return places;
}

std::vector<std::pair<std::size_t, std::uint32_t>> found_one_by_one(const WordSearch& search, std::string_view text) {
  std::vector<std::pair<std::size_t, std::uint32_t>> places;
  for (std::size_t at = 0; at < text.size(); ++at)
    for (std::uint32_t number = 0; number < search.words().size(); ++number) {
      const auto& word = search.words()[number];
      const std::string_view there = text.substr(at, word.text.size());
      if (word.any_case ? std::ranges::equal(there, word.text, {}, lower) : there == word.text)
        places.emplace_back(at, number);
    }
  return places;
}

std::string random_word(SeededRandom& random, std::string_view letters, std::size_t most) {
  std::string word;
  for (std::size_t size = 3 + random.below(most); word.size() < size;) word += letters[random.below(letters.size())];
  return word;
}

TEST(WordSearch, FindsEveryWordWhereverItStands) {
  SeededRandom random(3);
  for (int round = 0; round < 300; ++round) {
    const std::string_view letters =
        round % 2 == 0 ? "abAB:\t " : "abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789_-:/. \n";
    std::vector<WordSearch::Word> words;
    for (std::uint64_t i = random.below(round % 3 == 0 ? 300 : 20); i > 0; --i) {
      std::string word = random_word(random, letters, 9);
      const bool any_case = random.below(2) == 0;
      if (any_case) std::ranges::transform(word, word.begin(), lower);
      words.push_back({word, any_case});
    }
    std::string text;
    const std::size_t size = random.below(round % 10 == 0 ? 9000 : 400);
    while (text.size() < size) {
      if (!words.empty() && random.below(8) == 0)
        text += words[random.below(words.size())].text;
      else if (random.below(30) == 0)
        text += static_cast<char>(random.below(256));
      else
        text += letters[random.below(letters.size())];
    }
    const WordSearch best(words), plain(words, WordSearch::Instructions::plain);
    const auto expected = found_one_by_one(best, text);
    EXPECT_EQ(found_by(best, text), expected) << "round " << round;
    EXPECT_EQ(found_by(plain, text), expected) << "round " << round;
  }
}

TEST(WordSearch, FindsAWordAtEachPlaceOfALongText) {
  const WordSearch search({{"panic", true}, {"ok \t", false}});
  for (std::size_t at = 0; at < 300; ++at) {
    std::string text(305, '.');
    text.replace(at, 5, "PaNic");
    EXPECT_EQ(found_by(search, text), (std::vector<std::pair<std::size_t, std::uint32_t>>{{at, 0}}));
  }
}

TEST(WordSearch, FindsAShortWordWhateverFollowsIt) {
  const WordSearch search({{"err", true}, {"errors", false}});
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string(100, '.') + "err" + static_cast<char>(byte) + std::string(100, '.') + "Err";
    EXPECT_EQ(found_by(search, text), (std::vector<std::pair<std::size_t, std::uint32_t>>{{100, 0}, {204, 0}})) << byte;
  }
}

TEST(WordSearch, FindsNothingOfNoWordsAndInNoText) {
  EXPECT_TRUE(found_by(WordSearch({}), std::string(1000, 'a')).empty());
  EXPECT_TRUE(found_by(WordSearch({{"abc", false}}), "").empty());
  EXPECT_TRUE(found_by(WordSearch({{"abc", false}}), "ab").empty());
  EXPECT_EQ(found_by(WordSearch({{"abc", false}}), "abc").size(), 1U);
}

}  // namespace
}  // namespace skein::text
