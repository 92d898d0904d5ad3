// Sequences of look-ups for comparing policies of eviction, and what a policy makes of them. Deterministic.
#pragma once

#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "cache/memory_tier.h"

namespace skein::test {

/// One look-up: a miss makes the value, and puts it.
struct Access {
  std::uint64_t key = 0;
  std::uint32_t bytes = 1024;
  std::int64_t cost_us = 100;
};

struct Trace {
  std::string name;
  std::vector<Access> accesses;
};

/// The size and cost of a key are its own and follow from its number: sizes 256 B to 16 KiB, costs 20 us to 80 ms, both
/// log-uniform; `equal`: all alike.
inline Access access_of(std::uint64_t key, bool equal) {
  if (equal) return {key, 1024, 100};
  SeededRandom random(key * 7919 + 17);
  Access access{key};
  access.bytes = static_cast<std::uint32_t>(256.0 * std::pow(64.0, random.unit()));
  access.cost_us = static_cast<std::int64_t>(20.0 * std::pow(4000.0, random.unit()));
  return access;
}

/// Numbers with P(n) ~ 1 / (n + 1)^skew, by a table of sums.
class Zipf {
 public:
  Zipf(std::size_t keys, double skew) {
    double sum = 0;
    for (std::size_t i = 0; i < keys; ++i) sums_.push_back(sum += 1 / std::pow(static_cast<double>(i + 1), skew));
  }
  std::uint64_t next(Random& random) const {
    const double at = random.unit() * sums_.back();
    return static_cast<std::uint64_t>(std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

/// A few keys often, many seldom.
inline Trace zipf_trace(std::size_t length, std::size_t keys, double skew, bool equal, std::uint64_t seed) {
  SeededRandom random(seed);
  const Zipf zipf(keys, skew);
  Trace trace{equal ? "zipf_equal" : "zipf", {}};
  for (std::size_t i = 0; i < length; ++i) trace.accesses.push_back(access_of(zipf.next(random), equal));
  return trace;
}

/// Short visits to a Zipf set, and after each a long scan over keys that are seen once, as a backup makes it.
inline Trace scan_trace(std::size_t length, std::size_t keys, bool equal, std::uint64_t seed) {
  SeededRandom random(seed);
  const Zipf zipf(keys / 10, 0.5);
  Trace trace{equal ? "scan_equal" : "scan", {}};
  std::uint64_t next = 1'000'000'000;
  while (trace.accesses.size() < length) {
    for (std::size_t i = 0; i < keys / 20; ++i) trace.accesses.push_back(access_of(zipf.next(random), equal));
    for (std::size_t i = 0; i < keys / 4; ++i) trace.accesses.push_back(access_of(next++, equal));
  }
  return trace;
}

/// Round and round over a set that is larger than the cache.
inline Trace loop_trace(std::size_t length, std::size_t keys, bool equal) {
  Trace trace{equal ? "loop_equal" : "loop", {}};
  for (std::size_t i = 0; i < length; ++i) trace.accesses.push_back(access_of(i % keys, equal));
  return trace;
}

/// Short visits to a Zipf set, between them in turn a scan and one round of a loop; at half time the set moves on.
inline Trace mixed_trace(std::size_t length, std::size_t keys, bool equal, std::uint64_t seed) {
  SeededRandom random(seed);
  const Zipf zipf(keys / 10, 0.5);
  Trace trace{equal ? "mixed_equal" : "mixed", {}};
  std::uint64_t next = 2'000'000'000;
  for (std::uint64_t phase = 0; trace.accesses.size() < length; ++phase) {
    const std::uint64_t moved = trace.accesses.size() * 2 < length ? 0 : keys / 20;
    for (std::size_t i = 0; i < keys / 20; ++i) trace.accesses.push_back(access_of(zipf.next(random) + moved, equal));
    for (std::size_t i = 0; i < keys / 4; ++i)
      trace.accesses.push_back(access_of(phase % 2 == 0 ? next++ : 3'000'000'000 + i, equal));
  }
  return trace;
}

/// Run after run over a set of which each run replaces the oldest third, as edits do.
inline Trace drift_trace(std::size_t length, std::size_t set) {
  Trace trace{"drift", {}};
  for (std::uint64_t first = 4'000'000'000; trace.accesses.size() < length; first += set / 3)
    for (std::uint64_t key = first; key < first + set; ++key) trace.accesses.push_back(access_of(key, false));
  return trace;
}

struct TraceOutcome {
  double hit_ratio = 0;
  double saved_ratio = 0;  ///< Of the cost of all look-ups, what hits saved.
};

/// Plays a trace on a tier that holds the part `part` of the bytes of all keys that are asked for more than once.
inline TraceOutcome play(const Trace& trace, cache::Policy policy, double part) {
  std::unordered_map<std::uint64_t, int> seen;
  double all_bytes = 0;
  for (const auto& access : trace.accesses)
    if (++seen[access.key] == 2) all_bytes += static_cast<double>(access.bytes + cache::MemoryShard::kEntryBytes);
  const SimClock clock;
  cache::MemoryTier tier(clock,
                         {.capacity = static_cast<std::uint64_t>(all_bytes * part), .policy = policy, .shards = 1});
  TraceOutcome outcome;
  double all_cost = 0;
  for (const auto& access : trace.accesses) {
    cache::CacheKey key;
    SeededRandom random(access.key);
    const std::uint64_t bits = random.next();
    std::memcpy(key.digest.bytes.data(), &bits, sizeof bits);
    all_cost += static_cast<double>(access.cost_us);
    if (tier.get(key)) {
      outcome.hit_ratio += 1;
      outcome.saved_ratio += static_cast<double>(access.cost_us);
    } else {
      tier.put(key, {std::make_shared<const std::string>(access.bytes, 'x'), Micros(access.cost_us)});
    }
  }
  outcome.hit_ratio /= static_cast<double>(trace.accesses.size());
  outcome.saved_ratio /= all_cost;
  return outcome;
}

/// All of them, `keys` large.
inline std::vector<Trace> made_traces(std::size_t keys, std::uint64_t seed) {
  const std::size_t length = keys * 20;
  std::vector<Trace> traces;
  for (const bool equal : {true, false}) {
    traces.push_back(zipf_trace(length, keys, 1.0, equal, seed));
    traces.push_back(scan_trace(length, keys, equal, seed));
    traces.push_back(loop_trace(length, keys, equal));
    traces.push_back(mixed_trace(length, keys, equal, seed));
  }
  return traces;
}

}  // namespace skein::test
