// How often each template occurs: a table for one purpose, since it is asked at every line of a log.
#pragma once

#include <cstdint>
#include <vector>

namespace skein::summary {

/// Open addressing, linear probing, at most half full. Keys are hashes, and never 0.
class TemplateCounts {
 public:
  /// Further templates are not counted.
  static constexpr std::size_t kMost = 200'000;

  /// Counts so many more; true where these are the first of it that are counted.
  bool add(std::uint64_t like, std::uint64_t times = 1) {
    Slot& slot = slots_[place_of(like)];
    if (slot.like == like) {
      slot.times += times;
      return false;
    }
    if (used_ >= kMost) return false;
    slot = {like, times};
    if (++used_ * 2 > slots_.size()) grow();
    return true;
  }
  /// 1 for one that is not counted.
  [[nodiscard]] std::uint64_t times(std::uint64_t like) const {
    const Slot& slot = slots_[place_of(like)];
    return slot.like == like ? slot.times : 1;
  }
  /// In no order.
  [[nodiscard]] std::vector<std::uint64_t> all() const {
    std::vector<std::uint64_t> likes;
    for (const Slot& slot : slots_)
      if (slot.like != 0) likes.push_back(slot.like);
    return likes;
  }

 private:
  struct Slot {
    std::uint64_t like = 0;
    std::uint64_t times = 0;
  };
  [[nodiscard]] std::size_t place_of(std::uint64_t like) const {
    std::size_t at = (like ^ like >> 32U) & (slots_.size() - 1);
    while (slots_[at].like != 0 && slots_[at].like != like) at = (at + 1) & (slots_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.like != 0) slots_[place_of(slot.like)] = slot;
  }

  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  std::size_t used_ = 0;
};

}  // namespace skein::summary
