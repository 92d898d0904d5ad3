// What a store holds, entry by entry; which of it goes when room is wanted or something is no longer believed.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

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

/// Positions of entries to evict so that the rest takes at most `limit` bytes on disk: those whose cost a byte is the
/// smallest first, of equal ones the oldest. A dollar counts as `kSecondsPerDollar`.
[[nodiscard]] std::vector<bool> evicted(const std::vector<Entry>& entries, std::uint64_t limit);
inline constexpr std::int64_t kSecondsPerDollar = 3600;

/// True where an output, the log or a part of the key looks like a secret: such a result stays with its user.
[[nodiscard]] Result<bool> holds_secret(store::Store& store, const engine::StoredResult& result);

}  // namespace skein::cache
