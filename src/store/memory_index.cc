#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "store/index.h"

namespace skein::store {
namespace {

class MemoryIndex final : public Index {
 public:
  Result<std::optional<Location>> find_blob(const Digest& digest) override {
    const std::scoped_lock lock(mutex_);
    const auto found = blobs_.find(digest);
    if (found == blobs_.end()) return std::optional<Location>{};
    return std::optional(found->second);
  }

  Result<std::vector<ResultEntry>> find_results(const Digest& declared) override {
    const std::scoped_lock lock(mutex_);
    const auto found = results_.find(declared);
    if (found == results_.end()) return std::vector<ResultEntry>{};
    return std::vector<ResultEntry>(found->second.rbegin(), found->second.rend());
  }

  void refresh() override {}

  Result<std::vector<ResultEntry>> all_results() override {
    const std::scoped_lock lock(mutex_);
    std::vector<ResultEntry> all;
    for (const auto& [declared, list] : results_) all.insert(all.end(), list.begin(), list.end());
    std::sort(all.begin(), all.end(), [](const ResultEntry& a, const ResultEntry& b) {
      return std::pair(a.location.pack, a.location.offset) < std::pair(b.location.pack, b.location.offset);
    });
    return all;
  }

  Status add(std::span<const BlobEntry> blobs, std::span<const ResultEntry> results, std::uint32_t pack,
             std::uint64_t indexed_to) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& entry : blobs) blobs_[entry.digest] = entry.location;
    for (const auto& entry : results) {
      auto& list = results_[entry.declared];
      std::erase_if(list, [&](const ResultEntry& old) { return old.key == entry.key; });
      list.push_back(entry);
      declared_of_[entry.key] = entry.declared;
    }
    indexed_to_[pack] = indexed_to;
    return {};
  }

  Status remove_blob(const Digest& digest) override {
    const std::scoped_lock lock(mutex_);
    blobs_.erase(digest);
    return {};
  }

  Status remove_result(const Digest& key) override {
    const std::scoped_lock lock(mutex_);
    const auto found = declared_of_.find(key);
    if (found == declared_of_.end()) return {};
    std::erase_if(results_[found->second], [&](const ResultEntry& entry) { return entry.key == key; });
    declared_of_.erase(found);
    return {};
  }

  Status remove_packs(std::span<const std::uint32_t> packs) override {
    const std::scoped_lock lock(mutex_);
    const std::unordered_set<std::uint32_t> gone(packs.begin(), packs.end());
    std::erase_if(blobs_, [&](const auto& entry) { return gone.contains(entry.second.pack); });
    for (auto& [declared, list] : results_)
      std::erase_if(list, [&](const ResultEntry& entry) {
        if (!gone.contains(entry.location.pack)) return false;
        declared_of_.erase(entry.key);
        return true;
      });
    for (const auto pack : gone) indexed_to_.erase(pack);
    return {};
  }

  Result<std::uint64_t> indexed_to(std::uint32_t pack) override {
    const std::scoped_lock lock(mutex_);
    const auto found = indexed_to_.find(pack);
    return found == indexed_to_.end() ? 0 : found->second;
  }

 private:
  std::mutex mutex_;  // Guards all below.
  std::unordered_map<Digest, Location> blobs_;
  std::unordered_map<Digest, std::vector<ResultEntry>> results_;
  std::unordered_map<Digest, Digest> declared_of_;
  std::unordered_map<std::uint32_t, std::uint64_t> indexed_to_;
};

}  // namespace

std::unique_ptr<Index> make_memory_index() { return std::make_unique<MemoryIndex>(); }

}  // namespace skein::store
