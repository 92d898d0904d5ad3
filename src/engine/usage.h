// What a step or a run took.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace skein::engine {

/// How the cache answered for a step.
enum class CacheResult : std::uint8_t {
  none,  ///< Not asked: effectful, or the cache is off.
  hit,
  miss,
};

/// Sums are per field, but for `peak_memory`, which is the largest.
struct Usage {
  Micros wall{};
  Micros user_cpu{};
  Micros system_cpu{};
  Micros queued{};      ///< From ready to started.
  Bytes peak_memory{};  ///< Of a foreign process; for builtin steps the growth of ours is not told apart.
  Bytes bytes_read{};
  Bytes bytes_written{};
  std::int64_t reads = 0;  ///< Operations.
  std::int64_t writes = 0;
  Bytes network_received{};  ///< Where skein itself moved it.
  Bytes network_sent{};
  Tokens input_tokens{};
  Tokens cached_tokens{};  ///< Of the input, read from a provider's cache.
  Tokens output_tokens{};
  Tokens reasoning_tokens{};  ///< Of the output.
  MicroDollars money{};
  CacheResult cache = CacheResult::none;  ///< Of a step; not summed.

  Usage& operator+=(const Usage& other) {
    wall += other.wall;
    user_cpu += other.user_cpu;
    system_cpu += other.system_cpu;
    queued += other.queued;
    if (other.peak_memory > peak_memory) peak_memory = other.peak_memory;
    bytes_read += other.bytes_read;
    bytes_written += other.bytes_written;
    reads += other.reads;
    writes += other.writes;
    network_received += other.network_received;
    network_sent += other.network_sent;
    input_tokens += other.input_tokens;
    cached_tokens += other.cached_tokens;
    output_tokens += other.output_tokens;
    reasoning_tokens += other.reasoning_tokens;
    money += other.money;
    return *this;
  }
};

}  // namespace skein::engine
