// One shard of the memory tier: a table of entries and the queues that say which goes next. Not thread-safe; the tier
// locks it.
//
// Policies:
//   lru       one queue; a hit moves an entry to its head.
//   s3_fifo   Yang, Zhang, Qiu, Yue, Rashmi: "FIFO queues are all you need for cache eviction", SOSP 2023. New entries
//             pass a small queue (a tenth); who was hit twice there, or comes back soon after it left (the ghost list),
//             goes to the main queue, where each hit buys one more turn, three at most.
//   worth     the same queues, where turns are also bought by what an entry costs to make again for each byte that it
//             takes: twice the mean of what is there buys a turn, four times two (GDSF's idea: Cherkasova, HPL-98-69),
//             and what is worth that leaves the small queue to the main one after one hit. Where new entries come back
//             after more than the small queue holds (run after run over a set that changes slowly), the filter of the
//             small queue is in the way: then they go to the main queue at once. Where neither turns nor filter pay, it
//             is one queue as with lru. Which is best is found out by playing all three on a sample
//             (admission_duel.h).
#pragma once

#include <memory>
#include <vector>

#include "cache/cache.h"

namespace skein::cache {

enum class Policy : std::uint8_t { worth, s3_fifo, lru };
[[nodiscard]] std::string_view to_string(Policy policy);
[[nodiscard]] std::optional<Policy> parse_policy(std::string_view name);

/// Where new entries begin: in the small queue, in the main queue, in the main queue whose order is that of the last
/// use, or where it saved most lately.
enum class Admission : std::uint8_t { filtered, open, recent, learned };

class AdmissionDuel;

class MemoryShard {
 public:
  static constexpr std::uint64_t kEntryBytes = 208;  ///< What an entry takes beside its bytes.
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// What a hit touches is one line of the processor's cache, and that is the first.
  struct alignas(64) Node {
    CacheKey key;
    std::uint8_t queue = 0;
    std::uint8_t hits = 0;   ///< Since it was put or last given a turn, at most 3.
    std::uint8_t turns = 0;  ///< Given for its worth since its last hit.
    bool ages = false;
    CacheBytes bytes;
    std::uint32_t cost_us = 0;  ///< What a hit saves; what does not fit is as large as can be.
    std::uint32_t money = 0;    ///< In micro-dollars.

    std::int64_t made = 0;  ///< Nanoseconds of the tier's clock; this and `expires` are set where it ages.
    std::int64_t expires = 0;
    std::uint64_t weight = 0;
    float worth = 0;  ///< Cost for each byte.
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;
    std::uint32_t pins = 0;
  };

  /// `admission` matters to `worth` alone.
  MemoryShard(Policy policy, std::uint64_t capacity, Admission admission = Admission::learned);
  ~MemoryShard();
  MemoryShard(MemoryShard&&) noexcept;
  MemoryShard& operator=(MemoryShard&&) noexcept;

  /// The entry of `key`, or null; not counted as a hit.
  [[nodiscard]] Node* find(const CacheKey& key, std::size_t hash) {
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.node == kNone) return nullptr;
      if (slot.tag == tag_of(hash) && nodes_[slot.node].key == key) return &nodes_[slot.node];
    }
  }
  /// Notes a hit.
  void hit(Node& node, std::size_t hash) {
    if (duel_ != nullptr && evictions_ > 0) note(node, hash);  // Before that all is kept anyway.
    if (recent_) {
      const auto index = static_cast<std::uint32_t>(&node - nodes_.data());
      if (queues_[kMain].head == index) return;
      unlink(index);
      push(kMain, index);
    } else if (node.hits < 3) {  // Else nothing is written: hot entries stay in every processor's cache.
      ++node.hits;
      node.turns = 0;
    }
  }
  /// Makes room and adds `node`, whose key is not there. False: there is no room; nothing changed but what was evicted.
  bool insert(Node node, std::size_t hash);
  void erase(const CacheKey& key, std::size_t hash);
  void clear();

  /// What a hit saves: microseconds, and money as the time that it stands for.
  [[nodiscard]] static double cost_of(const Node& node);

  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::size_t entries() const { return entries_; }
  [[nodiscard]] std::int64_t evictions() const { return evictions_; }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t node = kNone;
  };
  struct Queue {
    std::uint32_t head = kNone;  ///< The newest.
    std::uint32_t tail = kNone;
    std::uint64_t weight = 0;
    std::size_t entries = 0;
  };
  struct Ghost {
    std::uint32_t tag = 0;
    std::uint32_t when = 0;  ///< 0: empty.
  };
  static constexpr std::uint8_t kSmall = 0;
  static constexpr std::uint8_t kMain = 1;

  [[nodiscard]] static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  void note(const Node& node, std::size_t hash);
  void unlink(std::uint32_t index);
  void push(std::uint8_t queue, std::uint32_t index);
  void drop(std::uint32_t index);
  void grow();
  [[nodiscard]] bool evict_one();
  [[nodiscard]] bool evict_oldest();
  [[nodiscard]] bool evict_small();
  [[nodiscard]] bool evict_main();
  [[nodiscard]] bool is_held(const Node& node) const { return node.pins > 0 || node.bytes.use_count() > 1; }
  [[nodiscard]] std::uint8_t turns_of(const Node& node) const;
  void remember_ghost(std::size_t hash);
  [[nodiscard]] bool take_ghost(std::size_t hash);

  Policy policy_;
  Admission admission_;
  std::uint64_t capacity_;
  std::unique_ptr<AdmissionDuel> duel_;  // Where the admission is learned.
  bool open_;                            // New entries go to the main queue,
  bool recent_;                          // and whatever is used to its head; the oldest goes.
  std::uint64_t used_ = 0;
  std::size_t entries_ = 0;
  std::int64_t evictions_ = 0;
  double worth_sum_ = 0;  // Of what is there.
  std::size_t mask_;
  std::vector<Slot> slots_;  // Open addressing, at most half full.
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> free_;
  Queue queues_[2];
  std::vector<Ghost> ghosts_;     // Buckets of four; one is alive while fewer left the small queue since than kGhosts
                                  // times what is there.
  std::uint32_t left_small_ = 0;  // Wraps; ghosts are compared by difference.
};

}  // namespace skein::cache
