// The shared tier: what a team remembers together, on a Redis server. It never fails a run, and holds it up no longer
// than its breaker says; what it gives is checked before it is believed.
//
//   PREFIX:b:SPACE:DIGEST   a value (envelope.h)
//   PREFIX:r:DECLARED       hash: complete key -> result
//   PREFIX:l:DECLARED       who is just making it: a lease
#pragma once

#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "cache/breaker.h"
#include "cache/cache_observer.h"
#include "cache/cipher.h"
#include "cache/envelope.h"
#include "cache/redis_connection.h"
#include "cache/telemetry.h"
#include "engine/result_store.h"

namespace skein::cache {

struct SharedTierOptions {
  SharedAddress address;
  std::string prefix = "skein";  ///< Of the team: keys of two prefixes never meet.
  std::string secret;  ///< Seals values; all of a team have the same. Empty: anybody who can write is believed.
  std::optional<Cipher> cipher{};  ///< Encrypts values; none: they are only sealed.
  Millis time_limit{50};           ///< Of one wait.
  BreakerPolicy breaker{};
  Micros ttl = std::chrono::hours(24 * 7);          ///< Values are not used after it.
  std::uint64_t largest = std::uint64_t{16} << 20;  ///< Larger values are not shared.
};

/// Thread-safe.
class SharedTier final : public Cache {
 public:
  /// Connects when it is first asked. `observer` may be null; all outlive it.
  SharedTier(const Clock& clock, SharedTierOptions options, CacheObserver* observer);

  [[nodiscard]] std::string_view name() const override { return "shared"; }
  [[nodiscard]] CacheFound get(const CacheKey& key) override;
  void put(const CacheKey& key, CacheValue value) override;
  void remove(const CacheKey& key) override;
  [[nodiscard]] CacheCounts counts() const override;

  /// A result and the bytes of its blobs, in their order, the log's last.
  struct Whole {
    engine::StoredResult result;
    std::vector<std::string> blobs;
  };
  /// All results with this declared digest that are whole and true to their keys. Two waits.
  [[nodiscard]] std::vector<Whole> find(const Digest& declared);
  /// Puts results with their blobs, all in one wait. False: it is not reachable now.
  bool put_all(const std::vector<Whole>& results);

  /// Takes the right to make `declared` for the team, for `length`. False: somebody has it. Also true where the tier is
  /// not reachable: then everybody makes it.
  [[nodiscard]] bool lease(const Digest& declared, const std::string& token, Millis length);
  /// Keeps it for `length` from now on, if it is still ours.
  void renew(const Digest& declared, const std::string& token, Millis length);
  /// Gives it back, if it is still ours.
  void release(const Digest& declared, const std::string& token);
  [[nodiscard]] bool is_reachable() { return breaker_.lets_through(); }

 private:
  [[nodiscard]] Result<std::vector<RedisReply>> call(std::vector<RedisConnection::Command> commands);
  [[nodiscard]] std::string blob_name(const CacheKey& key) const;
  [[nodiscard]] std::string result_name(const Digest& declared) const;
  [[nodiscard]] std::string lease_name(const Digest& declared) const;
  [[nodiscard]] Result<std::string> opened(std::string_view name, const std::string& sealed);
  [[nodiscard]] std::string closed(std::string_view name, std::string_view raw, WallTime until) const;
  /// What was found and made a hit pays for the time that was waited.
  void paid(Nanos worth);
  void note(const std::string& cause, const std::string& line);

  const Clock& clock_;
  SharedTierOptions options_;
  CacheObserver* observer_;
  Breaker breaker_;
  Telemetry telemetry_;
  std::mutex mutex_;  // Guards what is below.
  RedisConnection connection_;
  std::unordered_set<std::string> noted_;
};

}  // namespace skein::cache
