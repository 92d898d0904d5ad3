// The tables that counting tokens works on, as the build's own program writes them (cmake/token_tables) and the binary
// embeds them: read in place, nothing is made at start-up. Native byte order, since they are made for one machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace skein::text {

/// What the pre-tokenisers ask of a character, as bits.
namespace character {
inline constexpr std::uint8_t kUpper = 1;   ///< Lu, Lt, Lm, Lo, M: may stand in a word's first part.
inline constexpr std::uint8_t kLower = 2;   ///< Ll, Lm, Lo, M: may stand in its second.
inline constexpr std::uint8_t kLetter = 4;  ///< L.
inline constexpr std::uint8_t kNumber = 8;  ///< N.
inline constexpr std::uint8_t kSpace = 16;  ///< ECMAScript's \s.
inline constexpr std::uint8_t kBreak = 32;  ///< CR and LF.
}  // namespace character

inline constexpr std::uint32_t kCharacters = 0x110000;

/// Classes of characters in two steps: `blocks[first[code >> 8] << 8 | (code & 255)]`. The file holds `first`, then the
/// blocks.
inline constexpr std::size_t kClassBlocks = kCharacters >> 8;

/// The file of an encoding: this, `slots` times u64, `tokens + 1` times u32 (where each token's bytes begin), the
/// bytes.
struct TokenTableHead {
  std::uint32_t version = 1;
  std::uint32_t tokens = 0;
  std::uint32_t slot_bits = 0;
  std::uint32_t longest = 0;  ///< Bytes of the longest token.
};

/// A slot of the open-addressed table: 44 bits of the hash, then rank + 1 in 20 bits; 0 is free. The first look is at
/// the hash's highest bits.
inline constexpr int kRankBits = 20;
inline constexpr std::uint64_t kRankMask = (std::uint64_t{1} << kRankBits) - 1;

/// Most unions of neighbours are no token: a bit for each hash of a token says so without a look at the table.
inline constexpr std::size_t kFilterBits = std::size_t{1} << 21;
[[nodiscard]] inline std::size_t filter_bit(std::uint64_t hash) { return (hash >> 22) & (kFilterBits - 1); }

/// 64 well mixed bits of a token's bytes: products of 64 x 64 bits folded, as in wyhash.
[[nodiscard]] inline std::uint64_t hash_token(const char* bytes, std::size_t size) {
  constexpr std::uint64_t kA = 0x9e3779b97f4a7c15U, kB = 0xd1b54a32d192ed03U;
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const auto load64 = [](const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  const auto load32 = [](const char* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return std::uint64_t{value};
  };
  std::uint64_t seed = kB ^ (size * kA);
  const char* at = bytes;
  std::size_t left = size;
  for (; left > 16; left -= 16, at += 16) seed = fold(load64(at) ^ kA, load64(at + 8) ^ seed);
  std::uint64_t a = 0, b = 0;
  if (left >= 8) {
    a = load64(at);
    b = load64(at + left - 8);
  } else if (left >= 4) {
    a = load32(at);
    b = load32(at + left - 4);
  } else if (left > 0) {
    a = static_cast<std::uint64_t>(static_cast<unsigned char>(at[0])) << 16 |
        static_cast<std::uint64_t>(static_cast<unsigned char>(at[left / 2])) << 8 |
        static_cast<unsigned char>(at[left - 1]);
  }
  return fold(fold(a ^ kA, b ^ seed), seed ^ kB);
}

}  // namespace skein::text
