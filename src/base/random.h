// Chance is injected: jitter, ids and simulations take a Random.
#pragma once

#include <cstdint>

namespace skein {

/// A source of random 64-bit numbers. Not thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;

  /// Uniform in [0, bound); 0 for a bound of 0. The bias below 2^-32 does not matter here.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  /// Uniform in [0, 1).
  [[nodiscard]] double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// True with probability `p`.
  [[nodiscard]] bool chance(double p) { return unit() < p; }
};

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed on every machine.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  [[nodiscard]] std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

/// The system's source (getrandom).
class SystemRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;
};

}  // namespace skein
