#include "cache/memory_shard.h"

#include <algorithm>
#include <bit>

#include "cache/admission_duel.h"
#include "cache/contents.h"

namespace skein::cache {
namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kGhostWays = 4;
/// Ghosts for each entry: the paper has one; longer memories find the working set again after a long scan.
constexpr std::size_t kGhosts = 4;
constexpr double kSmallPart = 0.1;

}  // namespace

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::worth:
      return "worth";
    case Policy::s3_fifo:
      return "s3-fifo";
    case Policy::lru:
      return "lru";
  }
  return "unknown";
}

std::optional<Policy> parse_policy(std::string_view name) {
  for (const auto policy : {Policy::worth, Policy::s3_fifo, Policy::lru})
    if (to_string(policy) == name) return policy;
  return std::nullopt;
}

MemoryShard::MemoryShard(Policy policy, std::uint64_t capacity, Admission admission)
    : policy_(policy),
      admission_(admission),
      capacity_(capacity),
      duel_(policy == Policy::worth && admission == Admission::learned ? std::make_unique<AdmissionDuel>(capacity)
                                                                       : nullptr),
      open_(policy == Policy::lru || (policy == Policy::worth && admission != Admission::filtered)),
      recent_(open_ && admission != Admission::open),
      mask_(kFirstSlots - 1),
      slots_(kFirstSlots) {}
MemoryShard::~MemoryShard() = default;
MemoryShard::MemoryShard(MemoryShard&&) noexcept = default;
MemoryShard& MemoryShard::operator=(MemoryShard&&) noexcept = default;

double MemoryShard::cost_of(const Node& node) {
  return static_cast<double>(node.cost_us) + static_cast<double>(node.money) * static_cast<double>(kSecondsPerDollar) +
         1;
}

void MemoryShard::note(const Node& node, std::size_t hash) {
  if (!AdmissionDuel::plays(hash)) return;
  duel_->note(node, hash);
  open_ = duel_->winner() != Admission::filtered;
  recent_ = duel_->winner() == Admission::recent;
}

void MemoryShard::unlink(std::uint32_t index) {
  Node& node = nodes_[index];
  Queue& queue = queues_[node.queue];
  (node.previous == kNone ? queue.head : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? queue.tail : nodes_[node.next].previous) = node.previous;
  queue.weight -= node.weight;
  --queue.entries;
}

void MemoryShard::push(std::uint8_t queue_number, std::uint32_t index) {
  Node& node = nodes_[index];
  Queue& queue = queues_[queue_number];
  node.queue = queue_number;
  node.previous = kNone;
  node.next = queue.head;
  (queue.head == kNone ? queue.tail : nodes_[queue.head].previous) = index;
  queue.head = index;
  queue.weight += node.weight;
  ++queue.entries;
}

void MemoryShard::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.node == kNone) continue;
    std::size_t at = std::hash<CacheKey>()(nodes_[slot.node].key) & mask_;
    while (slots_[at].node != kNone) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

bool MemoryShard::insert(Node node, std::size_t hash) {
  if (node.weight > capacity_) return false;
  while (used_ + node.weight > capacity_)
    if (!evict_one()) return false;
  if ((entries_ + 1) * 2 > slots_.size()) grow();
  if (duel_ != nullptr && evictions_ > 0) note(node, hash);
  std::uint8_t queue = kSmall;
  if (recent_ || take_ghost(hash) || open_) queue = kMain;
  node.worth = static_cast<float>(cost_of(node) / static_cast<double>(node.weight));
  used_ += node.weight;
  ++entries_;
  worth_sum_ += static_cast<double>(node.worth);
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(std::move(node));
  } else {
    index = free_.back();
    free_.pop_back();
    nodes_[index] = std::move(node);
  }
  push(queue, index);
  std::size_t at = hash & mask_;
  while (slots_[at].node != kNone) at = (at + 1) & mask_;
  slots_[at] = {tag_of(hash), index};
  return true;
}

void MemoryShard::drop(std::uint32_t index) {
  Node& node = nodes_[index];
  std::size_t hole = std::hash<CacheKey>()(node.key) & mask_;
  while (slots_[hole].node != index) hole = (hole + 1) & mask_;
  // Whoever was pushed on by the hole's owner moves up, so that no search ends too early.
  for (std::size_t at = (hole + 1) & mask_; slots_[at].node != kNone; at = (at + 1) & mask_) {
    const std::size_t home = std::hash<CacheKey>()(nodes_[slots_[at].node].key) & mask_;
    if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = Slot{};
  unlink(index);
  used_ -= node.weight;
  --entries_;
  worth_sum_ = entries_ == 0 ? 0 : worth_sum_ - static_cast<double>(node.worth);
  node = Node{};
  free_.push_back(index);
}

void MemoryShard::erase(const CacheKey& key, std::size_t hash) {
  if (const Node* node = find(key, hash)) drop(static_cast<std::uint32_t>(node - nodes_.data()));
}

void MemoryShard::clear() { *this = MemoryShard(policy_, capacity_, admission_); }

std::uint8_t MemoryShard::turns_of(const Node& node) const {
  if (policy_ != Policy::worth || entries_ == 0) return 0;
  const double mean = worth_sum_ / static_cast<double>(entries_);
  const auto worth = static_cast<double>(node.worth);
  return worth >= 4 * mean ? 2 : worth >= 2 * mean ? 1 : 0;
}

bool MemoryShard::evict_one() {
  if (recent_) return evict_oldest();
  if (open_) return (queues_[kSmall].entries > 0 && evict_small()) || evict_main();
  const bool small_is_full =
      static_cast<double>(queues_[kSmall].weight) >= kSmallPart * static_cast<double>(capacity_) ||
      queues_[kMain].entries == 0;
  return small_is_full ? evict_small() || evict_main() : evict_main() || evict_small();
}

bool MemoryShard::evict_oldest() {
  // What is left in the small queue was there before this order was chosen.
  for (const auto queue : {kSmall, kMain})
    for (auto index = queues_[queue].tail; index != kNone; index = nodes_[index].previous) {
      if (is_held(nodes_[index])) continue;
      drop(index);
      ++evictions_;
      return true;
    }
  return false;
}

bool MemoryShard::evict_small() {
  for (std::size_t left = queues_[kSmall].entries; left > 0; --left) {
    const std::uint32_t index = queues_[kSmall].tail;
    Node& node = nodes_[index];
    if (is_held(node)) {
      unlink(index);
      push(kSmall, index);
      continue;
    }
    if (node.hits > 1 || (node.hits == 1 && (turns_of(node) > 0 || open_))) {
      unlink(index);
      node.hits = 0;
      push(kMain, index);
      continue;
    }
    remember_ghost(std::hash<CacheKey>()(node.key));
    drop(index);
    ++evictions_;
    return true;
  }
  return false;
}

bool MemoryShard::evict_main() {
  // Each gets its turns once around; then all of them are used up.
  for (std::size_t left = queues_[kMain].entries * 6; left > 0; --left) {
    const std::uint32_t index = queues_[kMain].tail;
    Node& node = nodes_[index];
    const bool held = is_held(node);
    const bool has_hits = node.hits > 0;
    const bool has_turns = !held && !has_hits && node.turns < turns_of(node);
    if (!held && !has_hits && !has_turns) {
      drop(index);
      ++evictions_;
      return true;
    }
    if (!held && has_hits) --node.hits;
    if (has_turns) ++node.turns;
    unlink(index);
    push(kMain, index);
  }
  return false;
}

void MemoryShard::remember_ghost(std::size_t hash) {
  const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(entries_ * kGhosts, 256));
  if (ghosts_.size() < wanted) ghosts_.assign(wanted, {});  // What is forgotten is relearnt; it doubles seldom.
  Ghost* bucket = &ghosts_[(hash * kGhostWays) & (ghosts_.size() - 1)];
  Ghost* oldest = std::min_element(bucket, bucket + kGhostWays, [&](const Ghost& a, const Ghost& b) {
    if ((a.when == 0) != (b.when == 0)) return a.when == 0;
    return left_small_ - a.when > left_small_ - b.when;
  });
  if (++left_small_ == 0) ++left_small_;
  *oldest = {tag_of(hash), left_small_};
}

bool MemoryShard::take_ghost(std::size_t hash) {
  if (ghosts_.empty()) return false;
  Ghost* bucket = &ghosts_[(hash * kGhostWays) & (ghosts_.size() - 1)];
  for (Ghost* ghost = bucket; ghost != bucket + kGhostWays; ++ghost) {
    if (ghost->when == 0 || ghost->tag != tag_of(hash)) continue;
    const bool alive = left_small_ - ghost->when < std::max<std::size_t>(entries_ * kGhosts, 8);
    *ghost = {};
    return alive;
  }
  return false;
}

}  // namespace skein::cache
