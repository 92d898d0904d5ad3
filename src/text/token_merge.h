// Byte-pair merging of one piece: of all neighbours the two whose union has the lowest rank become one, until no union
// is a token. Short pieces by looking at all pairs each time, long ones with a heap over a linked list, O(n log n).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "text/token_tables.h"
#include "text/tokens.h"

namespace skein::text {

/// The ranks of one encoding, read in place.
class Vocabulary {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  /// `table` as the build made it, aligned to 8.
  explicit Vocabulary(const unsigned char* table);

  /// The rank of these bytes, or kNone. `hash` is hash_token of them.
  [[nodiscard]] std::uint32_t rank(const char* bytes, std::size_t size, std::uint64_t hash) const {
    if (size > longest_) return kNone;
    for (std::size_t slot = hash >> shift_;; slot = (slot + 1) & mask_) {
      const std::uint64_t entry = slots_[slot];
      if (entry == 0) return kNone;
      if (((entry ^ (hash << kRankBits)) & ~kRankMask) != 0) continue;
      const auto rank = static_cast<std::uint32_t>(entry & kRankMask) - 1;
      if (offsets_[rank + 1] - offsets_[rank] == size && std::memcmp(bytes_ + offsets_[rank], bytes, size) == 0)
        return rank;
    }
  }
  [[nodiscard]] std::uint32_t rank(std::string_view bytes) const {
    if (bytes.size() > longest_) return kNone;
    const std::uint64_t hash = hash_token(bytes.data(), bytes.size());
    const std::size_t bit = filter_bit(hash);
    if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) return kNone;
    return rank(bytes.data(), bytes.size(), hash);
  }
  /// The rank of two bytes, the same as of the text of both.
  [[nodiscard]] std::uint32_t pair_rank(const char* bytes) const {
    return pairs_[static_cast<unsigned char>(bytes[0]) | static_cast<unsigned char>(bytes[1]) << 8U];
  }
  /// Its bytes; empty for a rank that is none.
  [[nodiscard]] std::string_view bytes(std::uint32_t rank) const;

 private:
  const std::uint64_t* slots_;
  const std::uint64_t* filter_;
  const std::uint32_t* pairs_;
  const std::uint32_t* offsets_;
  const char* bytes_;
  std::uint32_t tokens_, longest_;
  int shift_;
  std::size_t mask_;
};

/// The tables of the two encodings.
[[nodiscard]] const Vocabulary& o200k_vocabulary();
[[nodiscard]] const Vocabulary& cl100k_vocabulary();

/// Merges pieces; keeps its memory from one to the next.
class PieceMerger {
 public:
  explicit PieceMerger(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  /// How many tokens the piece becomes (it is not empty and shorter than 4 GiB); `tokens` gets their ranks where given.
  std::size_t merge(std::string_view piece, std::vector<std::uint32_t>* tokens);

 private:
  struct Part {
    std::uint32_t begin = 0;
    std::uint32_t rank = 0;  // Of its union with the next part.
  };
  struct Pair {
    std::uint32_t rank = 0, begin = 0;
  };
  std::size_t merge_short(std::string_view piece, std::vector<std::uint32_t>* tokens);
  std::size_t merge_long(std::string_view piece, std::vector<std::uint32_t>* tokens);

  const Vocabulary& vocabulary_;
  std::vector<Part> parts_;
  std::vector<Pair> heap_;
  std::vector<std::uint32_t> next_, before_, ranks_;
};

}  // namespace skein::text
