// Finds out which admission suits the look-ups of a shard: all are played on a sample of its keys, in caches as much
// smaller, and the one that saved most lately wins. Set dueling: Qureshi, Jaleel, Patt, Steely, Emer, "Adaptive
// insertion policies for high performance caching", ISCA 2007; on scaled samples of keys: Waldspurger, Saemundsson,
// Ahmad, Park, "Cache modeling and optimization using miniature simulations", USENIX ATC 2017.
#pragma once

#include <array>

#include "cache/memory_shard.h"

namespace skein::cache {

/// Not thread-safe.
class AdmissionDuel {
 public:
  static constexpr std::size_t kSample = 8;  ///< One key of so many is played.

  /// For a shard of `capacity` bytes.
  explicit AdmissionDuel(std::uint64_t capacity)
      : players_{Player(capacity, Admission::recent), Player(capacity, Admission::open),
                 Player(capacity, Admission::filtered)} {}

  [[nodiscard]] static bool plays(std::size_t hash) { return ((hash >> 8) & (kSample - 1)) == 0; }
  /// Somebody looked for the entry of `node`; `plays(hash)`.
  void note(const MemoryShard::Node& node, std::size_t hash);
  [[nodiscard]] Admission winner() const { return players_[winner_].admission; }

 private:
  struct Player {
    Player(std::uint64_t capacity, Admission its) : admission(its), shard(Policy::worth, capacity / kSample, its) {}
    Admission admission;
    MemoryShard shard;
    double saved = 0;  ///< By hits, lately.
  };
  std::array<Player, 3> players_;
  std::size_t winner_ = 0;  // LRU's own order, until something else is known.
  std::uint32_t notes_ = 0;
};

}  // namespace skein::cache
