// A tier: somewhere values are remembered under keys for a while. The front door of the room; memory_tier.h is the
// nearest one, shared_tier.h the farthest, and tiered_results.h puts them behind the engine's ResultStore.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"
#include "cache/latency.h"

namespace skein::cache {

/// `space` keeps namespaces apart: equal digests of two spaces are two keys.
struct CacheKey {
  Digest digest;
  std::uint32_t space = 0;

  bool operator==(const CacheKey&) const = default;
};

/// Bytes that are remembered. Shared, since an evicted value lives on with whoever reads it.
using CacheBytes = std::shared_ptr<const std::string>;

struct CacheValue {
  CacheBytes bytes;             ///< Null: a negative entry, "known not to be there".
  Micros cost{};                ///< What it took to make,
  MicroDollars money{};         ///< and what that cost.
  std::optional<Micros> ttl{};  ///< Not used after this long; none: until it is evicted or removed.
};

/// Why nothing was found.
enum class MissReason : std::uint8_t { absent, expired, negative, damaged, unavailable };
[[nodiscard]] std::string_view to_string(MissReason reason);

struct CacheFound {
  CacheBytes bytes;  ///< Null: not found.
  MissReason reason = MissReason::absent;

  explicit operator bool() const { return bytes != nullptr; }
};

/// Sums since the tier was made.
struct CacheCounts {
  std::int64_t hits = 0;
  std::int64_t misses = 0;  ///< All of the reasons below together.
  std::int64_t expired = 0;
  std::int64_t negative = 0;
  std::int64_t damaged = 0;
  std::int64_t unavailable = 0;
  std::int64_t puts = 0;
  std::int64_t refused = 0;  ///< Puts that found no room: larger than a shard, or all else in use.
  std::int64_t evictions = 0;
  std::int64_t removed = 0;
  std::int64_t entries = 0;  ///< Now.
  std::int64_t bytes = 0;    ///< Now, with the tier's own needs.
  Micros saved{};            ///< What the hits would have taken to make.
  MicroDollars money_saved{};
  LatencyHistogram get;  ///< A sample.
  LatencyHistogram put;
};

/// Thread-safe.
class Cache {
 public:
  virtual ~Cache() = default;
  /// "memory", "shared".
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// A tier that fails is a miss; it says so through its observer, once.
  [[nodiscard]] virtual CacheFound get(const CacheKey& key) = 0;
  /// Keeps `value` in place of an older one. What is not kept for want of room is no error.
  virtual void put(const CacheKey& key, CacheValue value) = 0;
  virtual void remove(const CacheKey& key) = 0;
  [[nodiscard]] virtual CacheCounts counts() const = 0;
};

}  // namespace skein::cache

template <>
struct std::hash<skein::cache::CacheKey> {
  std::size_t operator()(const skein::cache::CacheKey& key) const noexcept {
    return std::hash<skein::Digest>()(key.digest) ^ (std::size_t{key.space} * 0x9e3779b97f4a7c15ULL);
  }
};
