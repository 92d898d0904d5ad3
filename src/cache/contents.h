// What a store holds, entry by entry; which of it goes when room is wanted or something is no longer believed.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "cache/namespaces.h"
#include "engine/result_store.h"
#include "store/store.h"

namespace skein::cache {

/// A result and its blobs.
struct Entry {
  Digest declared;
  Digest key;
  std::string agent;  ///< With its version: "repo.facts@1.0".
  std::string step;
  std::string run;  ///< Which made it; names begin with the time.
  std::vector<Digest> inputs;
  std::vector<Digest> outputs;
  std::string source;  ///< StoredResult::source.
  WallTime made{};
  Micros cost{};  ///< What it took to make.
  MicroDollars money{};
  std::uint64_t bytes = 0;         ///< Of its blobs, unpacked. A blob of several entries counts for the first.
  std::uint64_t stored_bytes = 0;  ///< On disk, with the record.
};

/// The newest first. Errors: of the store.
[[nodiscard]] Result<std::vector<Entry>> list_entries(store::Store& store);

/// Positions of entries that go when `going` go: they, and all that stands on what they made, as long as no other entry
/// that stays made the same.
[[nodiscard]] std::vector<bool> with_dependents(const std::vector<Entry>& entries,
                                                const std::function<bool(const Entry&)>& going);

/// When a result was made; the epoch where nobody knows.
[[nodiscard]] WallTime made_at(const engine::StoredResult& result);

/// Positions of entries older than their namespaces allow.
[[nodiscard]] std::vector<bool> too_old(const std::vector<Entry>& entries, const std::vector<Namespace>& namespaces,
                                        WallTime now);
/// Positions of entries to evict so that no namespace takes more than its share of `limit`; chosen as `evicted` does.
[[nodiscard]] std::vector<bool> over_share(const std::vector<Entry>& entries, const std::vector<Namespace>& namespaces,
                                           std::uint64_t limit);

/// Positions of entries to evict so that the rest takes at most `limit` bytes on disk: those whose cost a byte is the
/// smallest first, of equal ones the oldest. A dollar counts as `kSecondsPerDollar`.
[[nodiscard]] std::vector<bool> evicted(const std::vector<Entry>& entries, std::uint64_t limit);
inline constexpr std::int64_t kSecondsPerDollar = 3600;

/// True where an output, the log or a part of the key looks like a secret: such a result stays with its user.
[[nodiscard]] Result<bool> holds_secret(store::Store& store, const engine::StoredResult& result);
[[nodiscard]] Result<bool> holds_secret(engine::ResultStore& results, const engine::StoredResult& result);

}  // namespace skein::cache
