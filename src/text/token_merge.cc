#include "text/token_merge.h"

#include <algorithm>

#include "base/check.h"

extern "C" const unsigned char skein_tokens_o200k_base[];
extern "C" const unsigned char skein_tokens_cl100k_base[];

namespace skein::text {
namespace {

constexpr std::size_t kShortPiece = 96;  // Bytes up to which looking at all pairs is the faster way.

}  // namespace

Vocabulary::Vocabulary(const unsigned char* table) {
  TokenTableHead head;
  std::memcpy(&head, table, sizeof head);
  SKEIN_CHECK(head.version == TokenTableHead{}.version);
  slots_ = reinterpret_cast<const std::uint64_t*>(table + sizeof head);
  filter_ = slots_ + (std::size_t{1} << head.slot_bits);
  pairs_ = reinterpret_cast<const std::uint32_t*>(filter_ + kFilterBits / 64);
  offsets_ = pairs_ + (std::size_t{1} << 16);
  bytes_ = reinterpret_cast<const char*>(offsets_ + head.tokens + 1);
  tokens_ = head.tokens;
  longest_ = head.longest;
  shift_ = 64 - static_cast<int>(head.slot_bits);
  mask_ = (std::size_t{1} << head.slot_bits) - 1;
}

std::string_view Vocabulary::bytes(std::uint32_t rank) const {
  if (rank >= tokens_) return {};
  return {bytes_ + offsets_[rank], offsets_[rank + 1] - offsets_[rank]};
}

const Vocabulary& o200k_vocabulary() {
  static const Vocabulary vocabulary(skein_tokens_o200k_base);
  return vocabulary;
}

const Vocabulary& cl100k_vocabulary() {
  static const Vocabulary vocabulary(skein_tokens_cl100k_base);
  return vocabulary;
}

std::size_t PieceMerger::merge(std::string_view piece, std::vector<std::uint32_t>* tokens) {
  return piece.size() <= kShortPiece ? merge_short(piece, tokens) : merge_long(piece, tokens);
}

std::size_t PieceMerger::merge_short(std::string_view piece, std::vector<std::uint32_t>* tokens) {
  const auto size = static_cast<std::uint32_t>(piece.size());
  parts_.resize(size + 1);
  for (std::uint32_t i = 0; i < size; ++i)
    parts_[i] = {i, i + 1 < size ? vocabulary_.pair_rank(piece.data() + i) : Vocabulary::kNone};
  parts_[size] = {size, Vocabulary::kNone};
  std::size_t count = size;
  const auto pair_rank = [&](std::size_t i) {
    if (i + 2 > count) return Vocabulary::kNone;
    return vocabulary_.rank(piece.substr(parts_[i].begin, parts_[i + 2].begin - parts_[i].begin));
  };
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i)
      if (parts_[i].rank < parts_[best].rank) best = i;
    if (parts_[best].rank == Vocabulary::kNone) break;
    // The next part goes; its end becomes ours.
    std::copy(parts_.begin() + static_cast<std::ptrdiff_t>(best) + 2,
              parts_.begin() + static_cast<std::ptrdiff_t>(count) + 1,
              parts_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    --count;
    parts_[best].rank = pair_rank(best);
    if (best > 0) parts_[best - 1].rank = pair_rank(best - 1);
  }
  if (tokens != nullptr)
    for (std::size_t i = 0; i < count; ++i)
      tokens->push_back(vocabulary_.rank(piece.substr(parts_[i].begin, parts_[i + 1].begin - parts_[i].begin)));
  return count;
}

std::size_t PieceMerger::merge_long(std::string_view piece, std::vector<std::uint32_t>* tokens) {
  const auto size = static_cast<std::uint32_t>(piece.size());
  next_.resize(size + 1);
  before_.resize(size + 1);
  ranks_.assign(size + 1, Vocabulary::kNone);
  heap_.clear();
  // The smallest rank first, of equal ones the leftmost.
  const auto later = [](const Pair& a, const Pair& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.begin > b.begin;
  };
  const auto look = [&](std::uint32_t begin) {
    const std::uint32_t second = next_[begin];
    ranks_[begin] = second >= size ? Vocabulary::kNone : vocabulary_.rank(piece.substr(begin, next_[second] - begin));
    return ranks_[begin] != Vocabulary::kNone;
  };
  for (std::uint32_t i = 0; i <= size; ++i) {
    next_[i] = i + 1;
    before_[i] = i == 0 ? size : i - 1;
  }
  for (std::uint32_t i = 0; i < size; ++i)
    if (look(i)) heap_.push_back({ranks_[i], i});
  std::ranges::make_heap(heap_, later);
  const auto push = [&](std::uint32_t begin) {
    if (!look(begin)) return;
    heap_.push_back({ranks_[begin], begin});
    std::ranges::push_heap(heap_, later);
  };
  std::size_t count = size;
  while (!heap_.empty()) {
    const Pair pair = heap_.front();
    std::ranges::pop_heap(heap_, later);
    heap_.pop_back();
    // Entries of pairs that are no more stay in the heap until they come up.
    if (ranks_[pair.begin] != pair.rank) continue;
    const std::uint32_t gone = next_[pair.begin];
    ranks_[gone] = Vocabulary::kNone;
    next_[pair.begin] = next_[gone];
    before_[next_[gone]] = pair.begin;
    --count;
    push(pair.begin);
    if (before_[pair.begin] != size) push(before_[pair.begin]);
  }
  if (tokens != nullptr)
    for (std::uint32_t at = 0; at < size; at = next_[at])
      tokens->push_back(vocabulary_.rank(piece.substr(at, next_[at] - at)));
  return count;
}

}  // namespace skein::text
