// The memory tier: bounded, in shards with a lock each, so that threads seldom meet. Entries that somebody reads or
// pinned are never evicted.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/short_lock.h"
#include "cache/memory_shard.h"
#include "cache/telemetry.h"

namespace skein::cache {

struct MemoryTierOptions {
  std::uint64_t capacity = std::uint64_t{1} << 30;  ///< Bytes, what the entries need beside their values included.
  Policy policy = Policy::worth;
  std::size_t shards = 0;  ///< A power of two; 0: one for each 4 MiB, at most 64. `lru` has one: its order is exact.
};

class MemoryTier final : public Cache {
 public:
  MemoryTier(const Clock& clock, MemoryTierOptions options);

  [[nodiscard]] std::string_view name() const override { return "memory"; }
  [[nodiscard]] CacheFound get(const CacheKey& key) override;
  /// REQUIRES that nobody changes the bytes. A dollar weighs as `kSecondsPerDollar` (contents.h).
  void put(const CacheKey& key, CacheValue value) override;
  /// As `get`, for marks that are no values: not counted.
  [[nodiscard]] CacheFound peek(const CacheKey& key) { return look_up(key, false); }
  void remove(const CacheKey& key) override;
  [[nodiscard]] CacheCounts counts() const override;

  /// Keeps an entry until as many `unpin`s. False: it is not there.
  bool pin(const CacheKey& key);
  void unpin(const CacheKey& key);
  void clear();
  /// Whether it counts, besides what is there. For measuring what counting costs.
  void set_counting(bool on) { telemetry_on_ = on; }

 private:
  struct alignas(128) Locked {
    Locked(Policy policy, std::uint64_t capacity) : shard(policy, capacity) {}
    mutable ShortMutex mutex;  // Guards the shard.
    MemoryShard shard;
  };
  [[nodiscard]] Locked& shard_of(std::size_t hash) const { return *shards_[(hash >> 20) & mask_]; }
  [[nodiscard]] CacheFound look_up(const CacheKey& key, bool counted = true);
  [[nodiscard]] std::int64_t now() const { return clock_.now().time_since_epoch().count(); }

  const Clock& clock_;
  bool telemetry_on_ = true;
  std::size_t mask_;
  std::vector<std::unique_ptr<Locked>> shards_;
  Telemetry telemetry_;
};

}  // namespace skein::cache
