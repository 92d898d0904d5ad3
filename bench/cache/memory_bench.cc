// A hit of the memory tier beside the least that could do the job: an unordered_map, a list and a mutex. Both give a
// shared value under a 32-byte key; they take turns, and the best of each counts.
#include <algorithm>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "bench/harness/bench.h"
#include "fmt/format.h"
#include "tests/support/cache_traces.h"

namespace {

using namespace skein;

class BareLru {
 public:
  explicit BareLru(std::size_t most) : most_(most) {}
  cache::CacheBytes get(const Digest& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }
  void put(const Digest& key, cache::CacheBytes bytes) {
    const std::scoped_lock lock(mutex_);
    order_.emplace_front(key, std::move(bytes));
    entries_[key] = order_.begin();
    if (entries_.size() <= most_) return;
    entries_.erase(order_.back().first);
    order_.pop_back();
  }

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::list<std::pair<Digest, cache::CacheBytes>> order_;
  std::unordered_map<Digest, std::list<std::pair<Digest, cache::CacheBytes>>::iterator> entries_;
};

std::vector<cache::CacheKey> keys_of(std::size_t count) {
  SeededRandom random(3);
  std::vector<cache::CacheKey> keys(count);
  for (auto& key : keys)
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint64_t bits = random.next();
      std::memcpy(key.digest.bytes.data() + 8 * i, &bits, sizeof bits);
    }
  return keys;
}

/// The order of look-ups: all keys, as chance has it.
std::vector<std::uint32_t> order_of(std::size_t keys, std::size_t length, std::uint64_t seed) {
  SeededRandom random(seed);
  std::vector<std::uint32_t> order(length);
  for (auto& one : order) one = static_cast<std::uint32_t>(random.below(keys));
  return order;
}

template <class Get>
double nanos_per_hit(const std::vector<std::uint32_t>& order, const Get& get) {
  return bench::seconds([&] {
           for (const auto at : order) bench::keep(get(at));
         }) *
         1e9 / static_cast<double>(order.size());
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  const SystemClock clock;
  constexpr std::size_t kLength = 400'000;
  for (const std::size_t count : {std::size_t{1'000}, std::size_t{100'000}}) {
    const auto keys = keys_of(count);
    BareLru bare(count);
    cache::MemoryTier tier(clock, {.capacity = std::uint64_t{1} << 30});
    for (const auto& key : keys) {
      const std::string value(64, 'v');
      bare.put(key.digest, std::make_shared<const std::string>(value));
      tier.put(key, {std::make_shared<const std::string>(value), Micros(100)});
    }
    const auto order = order_of(count, kLength, 5);
    std::vector<double> ours, theirs;
    for (int round = 0; round < 15; ++round) {
      theirs.push_back(nanos_per_hit(order, [&](auto at) { return bare.get(keys[at].digest); }));
      ours.push_back(nanos_per_hit(order, [&](auto at) { return tier.get(keys[at]); }));
    }
    // What counting costs: short passes in turn with and without it, so that both meet the same quiet moments.
    const auto some = order_of(count, kLength / 10, 6);
    std::vector<double> counted, uncounted;
    for (int round = 0; round < 80; ++round) {
      tier.set_counting(round % 2 == 0);
      (round % 2 == 0 ? counted : uncounted).push_back(nanos_per_hit(some, [&](auto at) {
        return tier.get(keys[at]);
      }));
    }
    tier.set_counting(true);
    const double best = *std::ranges::min_element(ours);
    const double best_bare = *std::ranges::min_element(theirs);
    const std::string name = fmt::format("cache.memory.hit.{}", count);
    report.peer(name, best_bare, "ns", "unordered_map + list + mutex, exact LRU");
    report.note(name, best, "ns");
    report.figure(name + ".to_bare", best / best_bare, "x", bench::Op::at_most, 1.5);
    report.figure(name + ".telemetry", *std::ranges::min_element(counted) - *std::ranges::min_element(uncounted), "ns",
                  bench::Op::at_most, 5);
    if (count == 1'000) continue;
    const auto one = order_of(count, kLength * 4, 11);
    const auto two = order_of(count, kLength * 4, 12);
    const auto run = [&](const auto& which) {
      for (const auto at : which) bench::keep(tier.get(keys[at]));
    };
    std::vector<double> alone, both;
    for (int round = 0; round < 7; ++round) {
      alone.push_back(bench::seconds([&] { run(one), run(two); }));
      both.push_back(bench::seconds([&] {
        std::jthread other([&] { run(two); });
        run(one);
      }));
    }
    report.two_cores("cache.memory.two_threads", *std::ranges::min_element(alone), *std::ranges::min_element(both),
                     0.85);
  }
  return report.finish();
}
