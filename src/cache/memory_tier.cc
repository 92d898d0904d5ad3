#include "cache/memory_tier.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

namespace skein::cache {
namespace {

constexpr std::uint64_t kBytesPerShard = std::uint64_t{4} << 20;
constexpr std::uint64_t kMostShards = 64;

std::size_t shards_for(const MemoryTierOptions& options) {
  if (options.policy == Policy::lru) return 1;
  if (options.shards > 0) return options.shards;
  return std::bit_floor(std::clamp<std::uint64_t>(options.capacity / kBytesPerShard, 1, kMostShards));
}

std::uint32_t saturated(std::int64_t value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

std::string_view to_string(MissReason reason) {
  switch (reason) {
    case MissReason::absent:
      return "absent";
    case MissReason::expired:
      return "expired";
    case MissReason::negative:
      return "negative";
    case MissReason::damaged:
      return "damaged";
    case MissReason::unavailable:
      return "unavailable";
  }
  return "unknown";
}

MemoryTier::MemoryTier(const Clock& clock, MemoryTierOptions options) : clock_(clock), mask_(shards_for(options) - 1) {
  SKEIN_CHECK(std::has_single_bit(mask_ + 1));
  for (std::size_t i = 0; i <= mask_; ++i)
    shards_.push_back(std::make_unique<Locked>(options.policy, options.capacity / (mask_ + 1)));
}

CacheFound MemoryTier::get(const CacheKey& key) {
  if (!telemetry_on_ || !telemetry_.samples()) return look_up(key);
  const auto start = std::chrono::steady_clock::now();
  auto found = look_up(key);
  telemetry_.record_get(std::chrono::steady_clock::now() - start);
  return found;
}

CacheFound MemoryTier::look_up(const CacheKey& key, bool counted) {
  const std::size_t hash = std::hash<CacheKey>()(key);
  Locked& locked = shard_of(hash);
  CacheFound found;
  std::int64_t micros = 0;
  std::int64_t money = 0;
  {
    const std::scoped_lock lock(locked.mutex);
    auto* node = locked.shard.find(key, hash);
    if (node != nullptr && node->ages) {
      // A clock that went back would let an entry live for longer than it may: what is younger than now is gone too.
      const auto at = now();
      if (at >= node->expires || at < node->made) {
        locked.shard.erase(key, hash);
        node = nullptr;
        found.reason = MissReason::expired;
      }
    }
    if (node != nullptr) {
      locked.shard.hit(*node, hash);
      found.bytes = node->bytes;
      if (found.bytes == nullptr) found.reason = MissReason::negative;
      micros = node->cost_us;
      money = node->money;
    }
  }
  if (!telemetry_on_ || !counted) return found;
  if (found) {
    telemetry_.add_hit(micros, money);
  } else {
    telemetry_.add(found.reason == MissReason::expired    ? Telemetry::expired
                   : found.reason == MissReason::negative ? Telemetry::negative
                                                          : Telemetry::absent);
  }
  return found;
}

void MemoryTier::put(const CacheKey& key, CacheValue value) {
  const bool timed = telemetry_on_ && telemetry_.samples();
  const auto start = timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
  MemoryShard::Node node;
  node.key = key;
  node.weight = MemoryShard::kEntryBytes + (value.bytes == nullptr ? 0 : value.bytes->size());
  node.cost_us = saturated(value.cost.count());
  node.money = saturated(value.money.value);
  node.bytes = std::move(value.bytes);
  if (value.ttl) {
    node.ages = true;
    node.made = now();
    node.expires = node.made + std::chrono::duration_cast<Nanos>(*value.ttl).count();
  }
  const std::size_t hash = std::hash<CacheKey>()(key);
  Locked& locked = shard_of(hash);
  bool kept = false;
  {
    const std::scoped_lock lock(locked.mutex);
    std::uint32_t pins = 0;
    if (const auto* old = locked.shard.find(key, hash)) {
      pins = old->pins;
      locked.shard.erase(key, hash);
    }
    node.pins = pins;
    kept = locked.shard.insert(std::move(node), hash);
  }
  if (!telemetry_on_) return;
  telemetry_.add(kept ? Telemetry::puts : Telemetry::refused);
  if (timed) telemetry_.record_put(std::chrono::steady_clock::now() - start);
}

void MemoryTier::remove(const CacheKey& key) {
  const std::size_t hash = std::hash<CacheKey>()(key);
  Locked& locked = shard_of(hash);
  const std::scoped_lock lock(locked.mutex);
  if (locked.shard.find(key, hash) == nullptr) return;
  locked.shard.erase(key, hash);
  telemetry_.add(Telemetry::removed);
}

bool MemoryTier::pin(const CacheKey& key) {
  const std::size_t hash = std::hash<CacheKey>()(key);
  Locked& locked = shard_of(hash);
  const std::scoped_lock lock(locked.mutex);
  auto* node = locked.shard.find(key, hash);
  if (node == nullptr) return false;
  ++node->pins;
  return true;
}

void MemoryTier::unpin(const CacheKey& key) {
  const std::size_t hash = std::hash<CacheKey>()(key);
  Locked& locked = shard_of(hash);
  const std::scoped_lock lock(locked.mutex);
  if (auto* node = locked.shard.find(key, hash); node != nullptr && node->pins > 0) --node->pins;
}

void MemoryTier::clear() {
  for (const auto& locked : shards_) {
    const std::scoped_lock lock(locked->mutex);
    locked->shard.clear();
  }
}

CacheCounts MemoryTier::counts() const {
  CacheCounts counts = counts_of(telemetry_);
  for (const auto& locked : shards_) {
    const std::scoped_lock lock(locked->mutex);
    counts.entries += static_cast<std::int64_t>(locked->shard.entries());
    counts.bytes += static_cast<std::int64_t>(locked->shard.used());
    counts.evictions += locked->shard.evictions();
  }
  return counts;
}

}  // namespace skein::cache
