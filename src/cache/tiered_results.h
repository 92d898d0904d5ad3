// The tiers behind the engine's ResultStore: memory, the workspace's disk, and what a team shares. Look-ups go from the
// nearest to the farthest, and what a farther tier had is kept by the nearer ones; the engine cannot tell.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cache/cache_observer.h"
#include "cache/memory_tier.h"
#include "cache/namespaces.h"
#include "cache/shared_tier.h"
#include "cache/tier_counts.h"
#include "engine/store_results.h"

namespace skein::cache {

/// When the shared tier gets what was made.
enum class SharedWrites : std::uint8_t {
  back,     ///< With the group in which it becomes durable here: off the path of steps.
  through,  ///< Before the step counts as done.
  none,     ///< Never: this one only reads.
};

struct TieredOptions {
  SharedWrites writes = SharedWrites::back;
  std::string flights{};  ///< Folder of the locks that keep a value from being made twice at once; empty: none.
  Micros negative_ttl =
      std::chrono::seconds(30);         ///< What the shared tier did not have is not asked for again so long.
  engine::ResultStore* user = nullptr;  ///< The results of all workspaces of this user; null: no such tier.
  /// How what is remembered is kept, and the clock by which it ages. Null: nothing ages, all goes everywhere.
  const std::vector<Namespace>* namespaces = nullptr;
  const Clock* clock = nullptr;
};

/// Thread-safe. A disk that is full or fails does not end the run: from then on results live in memory alone, and the
/// observer is told once.
class TieredResults final : public engine::ResultStore {
 public:
  /// `memory`, `shared` and `observer` may be null; all outlive it, and so does what the options name.
  TieredResults(engine::ResultStore& disk, MemoryTier* memory, SharedTier* shared, CacheObserver* observer,
                TieredOptions options);

  [[nodiscard]] Result<std::vector<engine::StoredResult>> find(const Digest& declared) override;
  Status put(const engine::StoredResult& result) override;
  Status forget(const Digest& key) override;
  [[nodiscard]] Result<Digest> put_blob(std::string_view bytes) override;
  [[nodiscard]] Result<Digest> put_output(std::string_view agent, std::string_view bytes) override;
  [[nodiscard]] Result<std::string> get_blob(const Digest& digest) override;
  Status flush() override;
  [[nodiscard]] std::unique_ptr<engine::Claim> claim(const Digest& declared, std::stop_token stop) override;

  /// Results that a farther tier gave.
  [[nodiscard]] std::int64_t promoted() const { return promoted_.load(); }
  /// Of the workspace's disk and of the user's, by their names.
  [[nodiscard]] TierCounts counts() const;

 private:
  /// A tier on disk and what it counted.
  struct Disk {
    engine::ResultStore* store = nullptr;
    Telemetry counted{};
    [[nodiscard]] Result<std::vector<engine::StoredResult>> find(const Digest& declared);
    [[nodiscard]] Result<std::string> get_blob(const Digest& digest);
    [[nodiscard]] CacheCounts counts() const;
  };
  [[nodiscard]] const Namespace* namespace_for(std::string_view agent) const {
    return options_.namespaces == nullptr ? nullptr : namespace_of(*options_.namespaces, agent);
  }
  [[nodiscard]] bool promote(const SharedTier::Whole& whole);
  [[nodiscard]] Result<std::vector<engine::StoredResult>> find_near(const Digest& declared);
  [[nodiscard]] bool take_from_user(const Digest& declared, std::vector<engine::StoredResult>& near);
  /// Takes out what is too old for its namespace, and what is from the future: a clock went back.
  void drop_expired(std::vector<engine::StoredResult>& results);
  [[nodiscard]] SharedTier::Whole whole(const engine::StoredResult& result);
  void keep_for_user(const std::vector<engine::StoredResult>& results);
  void share(const std::vector<engine::StoredResult>& results);
  /// How long a copy of a blob may be used from memory.
  void note_owner(const engine::StoredResult& result);
  [[nodiscard]] std::optional<Micros> memory_ttl_of(const Digest& blob) const;
  /// Notes a read of `blob`; true if the one before is remembered.
  [[nodiscard]] bool was_read(const Digest& blob);
  /// Goes on without the disk if that is what `error` asks for.
  [[nodiscard]] bool lose_disk(const Error& error);

  Disk disk_;
  Disk user_;
  MemoryTier* memory_;
  SharedTier* shared_;
  CacheObserver* observer_;
  TieredOptions options_;
  std::atomic<std::int64_t> promoted_ = 0;
  std::atomic<bool> disk_lost_ = false;
  engine::MemoryResults instead_;  // Of the disk, once that is lost; and of namespaces that live in memory alone.
  std::atomic<bool> brief_used_ = false;
  // A lossy table by digest: 48 bits of it and the position of its namespace. Collisions cost a shorter life in memory.
  std::vector<std::atomic<std::uint64_t>> owners_;
  std::optional<Micros> shortest_memory_ttl_;
  // A lossy table by digest: 32 bits of the blob that was read last. A large run reads most blobs once; an entry of the
  // memory tier for each would take more than the blobs that are worth keeping.
  std::vector<std::atomic<std::uint32_t>> read_once_;
  std::mutex mutex_;  // Guards what is below.
  std::vector<engine::StoredResult> unshared_;
  std::vector<engine::StoredResult> unkept_;  // By the user's tier.
};

}  // namespace skein::cache
