#include "cache/telemetry.h"

#include <bit>

namespace skein::cache {
namespace {

// Bit n: number n is taken. The last number is never in it.
std::atomic<std::uint64_t> taken{0};

/// A thread's number, given back when the thread ends.
struct Owned {
  std::size_t number = Telemetry::kThreads - 1;
  Owned() {
    auto before = taken.load();
    for (;;) {
      const auto free = static_cast<std::size_t>(std::countr_one(before));
      if (free >= Telemetry::kThreads - 1) return;
      if (!taken.compare_exchange_weak(before, before | (std::uint64_t{1} << free))) continue;
      number = free;
      return;
    }
  }
  ~Owned() {
    if (number < Telemetry::kThreads - 1) taken.fetch_and(~(std::uint64_t{1} << number));
  }
};

}  // namespace

std::size_t thread_number() {
  // A plain number beside the owner: it is read on every call, and needs no check whether it was made.
  thread_local std::size_t number = Telemetry::kThreads;
  if (number == Telemetry::kThreads) [[unlikely]] {
    thread_local const Owned owned;
    number = owned.number;
  }
  return number;
}

CacheCounts counts_of(const Telemetry& telemetry) {
  CacheCounts counts;
  counts.hits = telemetry.sum(Telemetry::hits);
  counts.expired = telemetry.sum(Telemetry::expired);
  counts.negative = telemetry.sum(Telemetry::negative);
  counts.damaged = telemetry.sum(Telemetry::damaged);
  counts.unavailable = telemetry.sum(Telemetry::unavailable);
  counts.misses =
      telemetry.sum(Telemetry::absent) + counts.expired + counts.negative + counts.damaged + counts.unavailable;
  counts.puts = telemetry.sum(Telemetry::puts);
  counts.refused = telemetry.sum(Telemetry::refused);
  counts.removed = telemetry.sum(Telemetry::removed);
  counts.saved = Micros(telemetry.sum(Telemetry::saved_us));
  counts.money_saved = {telemetry.sum(Telemetry::saved_money)};
  counts.get = telemetry.get();
  counts.put = telemetry.put();
  return counts;
}

}  // namespace skein::cache
