#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string>

#include "base/digest.h"

namespace skein {
namespace {

TEST(Checksum, OfPiecesIsThatOfAllOfThemTogether) {
  std::string bytes;
  for (int i = 0; i < 5'000; ++i) bytes += static_cast<char>(i * i >> 3);
  for (const std::size_t size : {0u, 1u, 16u, 240u, 241u, 1'024u, 5'000u})
    for (const std::size_t piece : {1u, 7u, 300u, 5'000u}) {
      const auto whole = std::string_view(bytes).substr(0, size);
      Checksum sum;
      for (std::size_t at = 0; at < size; at += piece) sum.add(whole.substr(at, piece));
      EXPECT_EQ(sum.add("").value(), checksum64(whole)) << size << " by " << piece;
    }
}

}  // namespace
}  // namespace skein
