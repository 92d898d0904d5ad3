// How long calls took, as a histogram of fixed size whose quantiles are within an eighth of the truth.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/units.h"

namespace skein::cache {

/// Buckets of four for each doubling, from 1 ns to 18 minutes. Not thread-safe; copies add up.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 160;

  void record(Nanos took) { ++buckets_[bucket_of(took.count())]; }
  void add(std::size_t bucket, std::int64_t count) {
    if (bucket < kBuckets) buckets_[bucket] += count;
  }
  LatencyHistogram& operator+=(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
    return *this;
  }
  [[nodiscard]] std::int64_t count() const {
    std::int64_t all = 0;
    for (const auto one : buckets_) all += one;
    return all;
  }
  /// The duration below which the part `q` (0 to 1) of the calls lie; zero where there were none.
  [[nodiscard]] Nanos quantile(double q) const {
    const auto all = count();
    if (all == 0) return Nanos{};
    const auto rank = static_cast<std::int64_t>(q * static_cast<double>(all - 1));
    std::int64_t below = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      below += buckets_[i];
      if (below > rank) return Nanos(middle_of(i));
    }
    return Nanos(middle_of(kBuckets - 1));
  }
  [[nodiscard]] const std::array<std::int64_t, kBuckets>& buckets() const { return buckets_; }
  bool operator==(const LatencyHistogram&) const = default;

  [[nodiscard]] static std::size_t bucket_of(std::int64_t nanos) {
    const auto value = static_cast<std::uint64_t>(nanos < 1 ? 1 : nanos);
    const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;
    const std::size_t quarter = power < 2 ? 0 : static_cast<std::size_t>(value >> (power - 2)) & 3;
    const std::size_t bucket = power * 4 + quarter;
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }

 private:
  static std::int64_t middle_of(std::size_t bucket) {
    const std::int64_t base = std::int64_t{1} << (bucket / 4);
    return base + base * static_cast<std::int64_t>(bucket % 4) / 4 + base / 8;
  }
  std::array<std::int64_t, kBuckets> buckets_{};
};

}  // namespace skein::cache
