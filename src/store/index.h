// Where stored things lie. The index is derived: it can be dropped at any time and made again from the packs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace skein::store {

/// A record in a pack.
struct Location {
  std::uint32_t pack = 0;
  std::uint64_t offset = 0;
  std::uint32_t payload_bytes = 0;

  bool operator==(const Location&) const = default;
};

struct BlobEntry {
  Digest digest;
  Location location;
};

/// A step's result: found by its declared key, named by its complete one.
struct ResultEntry {
  Digest declared;
  Digest key;
  Location location;
};

/// Thread-safe. Look-ups (`find_…`) may share one view of the index, which `refresh`, every other call and a look-up
/// that finds no result bring up to date: a transaction for each would cost more than the look-up.
class Index {
 public:
  virtual ~Index() = default;
  [[nodiscard]] virtual Result<std::optional<Location>> find_blob(const Digest& digest) = 0;
  /// Lets the next look-up see what other processes did, and holds them up no longer. Cheap.
  virtual void refresh() = 0;
  /// All results with this declared key, the newest first.
  [[nodiscard]] virtual Result<std::vector<ResultEntry>> find_results(const Digest& declared) = 0;
  /// Every result, in the order of packs and offsets.
  [[nodiscard]] virtual Result<std::vector<ResultEntry>> all_results() = 0;
  /// Adds entries (in place of older ones with the same names) and notes that `pack` is indexed up to `indexed_to`,
  /// in one transaction.
  virtual Status add(std::span<const BlobEntry> blobs, std::span<const ResultEntry> results, std::uint32_t pack,
                     std::uint64_t indexed_to) = 0;
  /// Drops a blob, or a result by its complete key; fine where it is not there.
  virtual Status remove_blob(const Digest& digest) = 0;
  virtual Status remove_result(const Digest& key) = 0;
  /// Drops everything that lies in `packs`, and what is known of them, in one transaction.
  virtual Status remove_packs(std::span<const std::uint32_t> packs) = 0;
  /// Offset up to which a pack's records are in the index; 0 for an unknown pack.
  [[nodiscard]] virtual Result<std::uint64_t> indexed_to(std::uint32_t pack) = 0;
};

/// An index in SQLite (WAL). `file` may be missing. A damaged one is an error `data_corrupt`: remove it and open again.
[[nodiscard]] Result<std::unique_ptr<Index>> open_sqlite_index(const std::string& file);
/// An index that lives as long as the object: for simulations and for folders that cannot hold SQLite.
[[nodiscard]] std::unique_ptr<Index> make_memory_index();

}  // namespace skein::store
