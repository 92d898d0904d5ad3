// The store: blobs by digest and results by key, packed into append-only files, found through an index that can
// always be made again. The front door of the room.
//
//   DIR/packs/000001.pack   record log of kind `pack`: blobs, and results that name blobs written before them
//   DIR/index.db            derived; removed and rebuilt when damaged
//   DIR/quarantine/         damaged bytes, set aside for people (quarantine.h)
//
// Order on the disk: a group's blobs and results are synced together, then the caller writes its journal, and the
// index follows. A crash loses at most what no `flush` had returned for.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file_lock.h"
#include "base/file_system.h"
#include "store/codec.h"
#include "store/index.h"
#include "store/record_log.h"

namespace skein::store {

struct StoreOptions {
  std::uint64_t pack_bytes = std::uint64_t{256} << 20;   ///< A pack is closed when it is larger.
  std::uint64_t buffer_bytes = std::uint64_t{2} << 20;   ///< Buffered puts above this are handed to the system.
  std::uint64_t recent_bytes = std::uint64_t{16} << 20;  ///< Blobs kept in memory because they were just put.
  /// False only under simulation: no other process uses the folder, so no locks and no SQLite.
  bool shared = true;
};

/// A step's result as the store sees it. `payload` is the engine's.
struct ResultRecord {
  Digest declared;            ///< Of the declared parts of the key.
  Digest key;                 ///< The complete key: unique.
  std::vector<Digest> blobs;  ///< All blobs that the payload names; they were put before.
  std::string payload;
};

struct StoreStats {
  std::uint64_t packs = 0;
  std::uint64_t pack_bytes = 0;  ///< On disk.
  std::uint64_t blobs = 0;       ///< Records read; only `verify` and `gc` fill this and what follows.
  std::uint64_t results = 0;
  std::uint64_t raw_bytes = 0;  ///< Of all blobs, unpacked.
  std::uint64_t damaged = 0;    ///< Records or bytes that failed their check.
  std::uint64_t repacked = 0;   ///< Blobs that a gc packed smaller, because nothing has used them for long.
};

/// What a gc keeps, and how.
struct GcWish {
  std::function<bool(const Digest& declared)> keep;  ///< Results that stay, with the blobs that they name.
  std::vector<Digest> roots{};                       ///< Blobs that stay whoever names them.
  /// How the blobs of a result are kept from now on; a blob of several as the soonest wanted. Empty: as they are.
  std::function<Packing(const Digest& declared)> packing{};
  bool only_count = false;  ///< What would be left; nothing is changed.
};

/// Thread-safe. Several processes may use one folder: each writes packs of its own and sees the others' results after
/// their flush.
class Store {
 public:
  /// Opens or makes the store in `folder`. What a crash left in packs and not in the index is indexed. `notes` gets a
  /// line for whatever was rebuilt or cut off.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(FileSystem& files, std::string folder, StoreOptions options,
                                                           std::vector<std::string>* notes = nullptr);
  ~Store();

  /// Keeps `bytes` under their digest, once. Durable after `flush`. `digest` must be sha256(bytes).
  Status put_blob(const Digest& digest, std::string_view bytes, Packing packing = Packing::hot);
  [[nodiscard]] Result<Digest> put_blob(std::string_view bytes);
  /// Errors: `not_found`; `data_corrupt`, and then the blob is forgotten, so that it can be put again.
  [[nodiscard]] Result<std::string> get_blob(const Digest& digest);
  [[nodiscard]] Result<bool> has_blob(const Digest& digest);
  struct BlobSize {
    std::uint64_t raw = 0;
    std::uint64_t stored = 0;
  };
  /// Errors: as `get_blob`.
  [[nodiscard]] Result<BlobSize> blob_size(const Digest& digest);

  /// Keeps a result. REQUIRES its blobs to be put before.
  Status put_result(const ResultRecord& record);
  /// All results with this declared key, newest first; damaged ones are left out and forgotten.
  [[nodiscard]] Result<std::vector<ResultRecord>> find_results(const Digest& declared);
  /// Forgets a result, for instance because one of its blobs is damaged.
  Status forget_result(const Digest& key);

  /// Gives every result that is indexed, the newest first (of one process; packs of others are in the order in which
  /// they were begun), until `visit` returns false. Damaged ones are left out and forgotten. About 3 us a result.
  Status for_each_result(const std::function<bool(const ResultRecord&)>& visit);

  /// Returns when everything put before the call is durable and indexed.
  Status flush();

  /// Reads every record and checks it, blobs by their digest; damaged ones are forgotten in the index.
  [[nodiscard]] Result<StoreStats> verify();
  /// Keeps what `wish` names; rewrites packs. Gives what is left. Errors: `unavailable` while another process writes to
  /// this store.
  [[nodiscard]] Result<StoreStats> gc(const GcWish& wish);
  [[nodiscard]] Result<StoreStats> gc(const std::function<bool(const Digest& declared)>& keep,
                                      const std::vector<Digest>& roots, bool only_count = false);
  [[nodiscard]] Result<StoreStats> stats();
  /// Damaged records that this object met and set aside.
  [[nodiscard]] std::uint64_t quarantined() const { return quarantined_.load(); }

 private:
  struct OpenPack {
    std::uint32_t number = 0;
    std::optional<FileLock> lock;
    RecordLogWriter log;
  };

  Store(FileSystem& files, std::string folder, StoreOptions options);
  Status open_index(std::vector<std::string>* notes);
  Status index_tails(std::vector<std::string>* notes);
  Status index_pack(std::uint32_t number, std::uint64_t from, std::vector<std::string>* notes);
  [[nodiscard]] Result<std::vector<std::uint32_t>> pack_numbers() const;
  [[nodiscard]] std::string pack_path(std::uint32_t number) const;
  Status ensure_pack();                                                             // REQUIRES mutex_.
  Status take_pack(std::uint32_t number, bool is_new);                              // REQUIRES mutex_.
  [[nodiscard]] Result<std::string> read(const Location& location);                 // Takes mutex_.
  [[nodiscard]] Result<std::shared_ptr<const File>> reader_of(std::uint32_t pack);  // REQUIRES mutex_.
  [[nodiscard]] Result<ResultRecord> read_result(const ResultEntry& entry);
  /// Whether what a record behind damage says is so: a blob by its digest, a result by the index.
  [[nodiscard]] bool is_vouched_for(std::uint32_t pack, const Record& record);
  void quarantine(std::uint32_t pack, std::uint64_t from, std::uint64_t to);
  void quarantine(const Location& location);
  Status write_if_full();                                       // REQUIRES mutex_.
  void remember(const Digest& digest, std::string_view bytes);  // REQUIRES mutex_.

  FileSystem& files_;
  std::string folder_;
  StoreOptions options_;
  std::unique_ptr<Index> index_;
  std::atomic<std::uint64_t> quarantined_ = 0;

  std::mutex flush_mutex_;  // One flush at a time; taken before mutex_. Only its holder may close pack_.
  std::mutex mutex_;        // Guards all below.
  std::optional<OpenPack> pack_;
  std::unordered_map<Digest, Location> new_blobs_;                    // Put, not yet in the index.
  std::unordered_map<Digest, std::vector<ResultEntry>> new_results_;  // The same, by declared key.
  // Shared by readers that run while a gc drops them. Read, not mapped: each look into a mapped pack brings 64 KiB of
  // it into the process, which made a fifth of what a large run took.
  std::map<std::uint32_t, std::shared_ptr<const File>> readers_;
  std::unordered_map<Digest, std::shared_ptr<const std::string>> recent_;
  std::deque<Digest> recent_order_;
  std::uint64_t recent_size_ = 0;
};

}  // namespace skein::store
