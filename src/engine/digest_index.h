// Which of a growing list of things stand under a digest: a flat table of small numbers, for look-ups at the rate of
// inline steps.
#pragma once

#include <cstring>
#include <vector>

#include "base/digest.h"

namespace skein::engine {

/// Digest -> positions in a list that the owner keeps; several positions may stand under one digest. Linear probing
/// over at most half full slots; a slot keeps 32 bits of the digest, so that growing and nearly every look-up that
/// finds nothing touch no digest elsewhere. Nothing is removed: the owner marks what is gone. At most 2^32 - 1
/// positions.
class DigestIndex {
 public:
  void add(const Digest& digest, std::uint32_t position) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    place({tag_of(digest), position + 1});
    ++used_;
  }

  /// Calls `visit(position)` for all that were added under a digest that looks like this one, in the order in which
  /// they were added: the owner compares whole digests.
  template <typename Visit>
  void each_candidate(const Digest& digest, Visit&& visit) const {
    if (slots_.empty()) return;
    const std::uint32_t tag = tag_of(digest);
    for (std::size_t at = tag & mask(); slots_[at].position_plus_1 != 0; at = (at + 1) & mask())
      if (slots_[at].tag == tag) visit(slots_[at].position_plus_1 - 1);
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t position_plus_1 = 0;  // 0: free.
  };
  static constexpr std::size_t kFirstSlots = 64;

  static std::uint32_t tag_of(const Digest& digest) {
    std::uint32_t tag;
    std::memcpy(&tag, digest.bytes.data(), sizeof tag);
    return tag;
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  void place(Slot slot) {
    std::size_t at = slot.tag & mask();
    while (slots_[at].position_plus_1 != 0) at = (at + 1) & mask();
    slots_[at] = slot;
  }
  void grow() {
    std::vector<Slot> before(slots_.empty() ? kFirstSlots : 2 * slots_.size());
    before.swap(slots_);
    // Positions of one digest keep their order: a run of occupied slots is walked from its beginning.
    std::size_t start = 0;
    while (start < before.size() && before[start].position_plus_1 != 0) ++start;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const Slot& slot = before[(start + i) % before.size()];
      if (slot.position_plus_1 != 0) place(slot);
    }
  }

  std::vector<Slot> slots_;  // A power of two.
  std::size_t used_ = 0;
};

}  // namespace skein::engine
