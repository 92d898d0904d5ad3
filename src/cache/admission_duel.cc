#include "cache/admission_duel.h"

namespace skein::cache {
namespace {

/// After so many look-ups what was seen before counts half.
constexpr std::uint32_t kHalfLife = 4096;
/// The loser has to be better by so much: near a tie nothing changes.
constexpr double kClearly = 1.01;

/// True where it was there.
bool play(MemoryShard& shard, const MemoryShard::Node& node, std::size_t hash) {
  if (auto* found = shard.find(node.key, hash)) {
    shard.hit(*found, hash);
    return true;
  }
  MemoryShard::Node copy;
  copy.key = node.key;
  copy.weight = node.weight;
  copy.cost_us = node.cost_us;
  copy.money = node.money;
  shard.insert(std::move(copy), hash);
  return false;
}

}  // namespace

void AdmissionDuel::note(const MemoryShard::Node& node, std::size_t hash) {
  const double cost = MemoryShard::cost_of(node);
  if (play(filtered_, node, hash)) saved_filtered_ += cost;
  if (play(open_, node, hash)) saved_open_ += cost;
  if (++notes_ % kHalfLife == 0) {
    saved_filtered_ /= 2;
    saved_open_ /= 2;
  }
  const bool open =
      winner_ == Admission::open ? saved_open_ * kClearly >= saved_filtered_ : saved_open_ > saved_filtered_ * kClearly;
  winner_ = open ? Admission::open : Admission::filtered;
}

}  // namespace skein::cache
