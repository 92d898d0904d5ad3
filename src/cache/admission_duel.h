// Finds out which admission suits the look-ups of a shard: both are played on a sample of its keys, in caches as much
// smaller, and the one that saved more lately wins. Set dueling: Qureshi, Jaleel, Patt, Steely, Emer, "Adaptive
// insertion policies for high performance caching", ISCA 2007; on scaled samples of keys: Waldspurger, Saemundsson,
// Ahmad, Park, "Cache modeling and optimization using miniature simulations", USENIX ATC 2017.
#pragma once

#include "cache/memory_shard.h"

namespace skein::cache {

/// Not thread-safe.
class AdmissionDuel {
 public:
  static constexpr std::size_t kSample = 8;  ///< One key of so many is played.

  /// For a shard of `capacity` bytes.
  explicit AdmissionDuel(std::uint64_t capacity)
      : filtered_(Policy::worth, capacity / kSample, Admission::filtered),
        open_(Policy::worth, capacity / kSample, Admission::open) {}

  [[nodiscard]] static bool plays(std::size_t hash) { return ((hash >> 8) & (kSample - 1)) == 0; }
  /// Somebody looked for the entry of `node`; `plays(hash)`.
  void note(const MemoryShard::Node& node, std::size_t hash);
  [[nodiscard]] Admission winner() const { return winner_; }

 private:
  MemoryShard filtered_, open_;
  double saved_filtered_ = 0, saved_open_ = 0;  // What hits saved lately.
  std::uint32_t notes_ = 0;
  Admission winner_ = Admission::open;  // Until something else is known; nearly LRU's way.
};

}  // namespace skein::cache
