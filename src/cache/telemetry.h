// Counting that costs a few nanoseconds: each thread adds to numbers of its own, and whoever asks adds them up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "cache/cache.h"
#include "cache/latency.h"

namespace skein::cache {

/// A small number that this thread alone has while it lives; `kShared` where 63 others live.
[[nodiscard]] std::size_t thread_number();

/// One tier's numbers.
class Telemetry {
 public:
  static constexpr std::size_t kThreads = 64;  ///< The last is shared by all that are too many.
  enum Number : std::uint8_t {
    hits,
    absent,
    expired,
    negative,
    damaged,
    unavailable,
    puts,
    refused,
    removed,
    saved_us,
    saved_money,
    kNumbers
  };
  /// One call of this many is timed.
  static constexpr std::uint64_t kSampleOf = 256;

  void add(Number number, std::int64_t value = 1) {
    const std::size_t thread = thread_number();
    auto& cell = threads_[thread].numbers[number];
    if (thread == kThreads - 1)
      cell.fetch_add(value, std::memory_order_relaxed);
    else  // Nobody else writes here: no locked instruction.
      cell.store(cell.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }
  /// A hit, and what it saved.
  void add_hit(std::int64_t micros, std::int64_t money) {
    const std::size_t thread = thread_number();
    if (thread == kThreads - 1) {
      add(hits), add(saved_us, micros), add(saved_money, money);
      return;
    }
    auto& mine = threads_[thread].numbers;
    const auto plus = [](std::atomic<std::int64_t>& cell, std::int64_t value) {
      cell.store(cell.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    };
    plus(mine[hits], 1);
    if (micros != 0) plus(mine[saved_us], micros);
    if (money != 0) plus(mine[saved_money], money);
  }
  /// Whether the next call is one of those that are timed.
  [[nodiscard]] bool samples() {
    auto& mine = threads_[thread_number()].calls;
    const auto now = mine.load(std::memory_order_relaxed) + 1;
    mine.store(now, std::memory_order_relaxed);
    return now % kSampleOf == 0;
  }
  void record_get(Nanos took) {
    get_[LatencyHistogram::bucket_of(took.count())].fetch_add(1, std::memory_order_relaxed);
  }
  void record_put(Nanos took) {
    put_[LatencyHistogram::bucket_of(took.count())].fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::int64_t sum(Number number) const {
    std::int64_t all = 0;
    for (const auto& thread : threads_) all += thread.numbers[number].load(std::memory_order_relaxed);
    return all;
  }
  [[nodiscard]] LatencyHistogram get() const { return gathered(get_); }
  [[nodiscard]] LatencyHistogram put() const { return gathered(put_); }

 private:
  using Buckets = std::array<std::atomic<std::int64_t>, LatencyHistogram::kBuckets>;
  static LatencyHistogram gathered(const Buckets& buckets) {
    LatencyHistogram all;
    for (std::size_t i = 0; i < buckets.size(); ++i) all.add(i, buckets[i].load(std::memory_order_relaxed));
    return all;
  }
  struct alignas(128) Thread {
    std::array<std::atomic<std::int64_t>, kNumbers> numbers{};
    std::atomic<std::uint64_t> calls{0};
  };
  std::array<Thread, kThreads> threads_{};
  Buckets get_{};
  Buckets put_{};
};

/// What a tier's numbers add up to; `entries`, `bytes` and `evictions` are the tier's own to fill in.
[[nodiscard]] CacheCounts counts_of(const Telemetry& telemetry);

}  // namespace skein::cache
