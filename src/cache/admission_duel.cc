#include "cache/admission_duel.h"

namespace skein::cache {
namespace {

/// After so many look-ups what was seen before counts half.
constexpr std::uint32_t kHalfLife = 4096;
/// A loser has to be better by so much: near a tie nothing changes.
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
  ++notes_;
  std::size_t best = winner_;
  for (std::size_t i = 0; i < players_.size(); ++i) {
    Player& player = players_[i];
    if (play(player.shard, node, hash)) player.saved += cost;
    if (notes_ % kHalfLife == 0) player.saved /= 2;
    if (player.saved > players_[best].saved) best = i;
  }
  if (players_[best].saved > players_[winner_].saved * kClearly) winner_ = best;
}

}  // namespace skein::cache
