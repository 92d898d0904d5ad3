#include "repo/parse_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace skein::repo {
namespace {

struct Piece {
  char* bytes;
  std::size_t size;
  char mark;
};

void fill(const Piece& piece) { std::memset(piece.bytes, piece.mark, piece.size); }

bool is_whole(const Piece& piece) {
  for (std::size_t i = 0; i < piece.size; ++i)
    if (piece.bytes[i] != piece.mark) return false;
  return true;
}

TEST(ParseMemory, KeepsEveryPieceWholeOverTakingResizingAndFreeing) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<Piece> pieces;
    for (int step = 0; step < 5'000; ++step) {
      const std::size_t size = random() % 8 == 0 ? random() % 5'000 : random() % 200;
      const auto mark = static_cast<char>(random() % 256);
      if (pieces.empty() || random() % 3 == 0) {
        pieces.push_back({static_cast<char*>(take_parse_memory(size)), size, mark});
        fill(pieces.back());
        continue;
      }
      auto& piece = pieces[random() % pieces.size()];
      ASSERT_TRUE(is_whole(piece)) << "seed " << seed << ", step " << step;
      if (random() % 2 == 0) {
        piece.bytes = static_cast<char*>(resize_parse_memory(piece.bytes, size));
        const Piece kept{piece.bytes, std::min(size, piece.size), piece.mark};
        ASSERT_TRUE(is_whole(kept)) << "seed " << seed << ", step " << step;
        piece = {piece.bytes, size, mark};
        fill(piece);
      } else {
        free_parse_memory(piece.bytes);
        piece = pieces.back();
        pieces.pop_back();
      }
    }
    for (const auto& piece : pieces) {
      ASSERT_TRUE(is_whole(piece)) << "seed " << seed;
      free_parse_memory(piece.bytes);
    }
  }
}

TEST(ParseMemory, IsGivenBackWhenNothingOfItIsInUse) {
  std::thread([] {
    void* first = take_parse_memory(100);
    void* second = take_parse_memory(100);
    EXPECT_GT(parse_memory_held(), 0U);
    free_parse_memory(first);
    EXPECT_FALSE(release_parse_memory());
    EXPECT_GT(parse_memory_held(), 0U);
    free_parse_memory(second);
    EXPECT_TRUE(release_parse_memory());
    EXPECT_EQ(parse_memory_held(), 0U);
    free_parse_memory(take_parse_memory(100));
  }).join();
}

TEST(ParseMemory, UsesAFreedPieceAgain) {
  void* first = take_parse_memory(40);
  free_parse_memory(first);
  void* second = take_parse_memory(33);
  EXPECT_EQ(first, second);
  free_parse_memory(second);
}

TEST(ParseMemory, OutlivesItsThreadWhileAPieceIsInUseElsewhere) {
  Piece piece{};
  std::thread([&] {
    piece = {static_cast<char*>(take_parse_memory(60)), 60, 'x'};
    fill(piece);
  }).join();
  EXPECT_TRUE(is_whole(piece));
  std::thread([&] {
    void* own = take_parse_memory(60);
    free_parse_memory(piece.bytes);  // Of a thread that is gone.
    EXPECT_FALSE(release_parse_memory());
    free_parse_memory(own);
    EXPECT_TRUE(release_parse_memory());
  }).join();
}

}  // namespace
}  // namespace skein::repo
