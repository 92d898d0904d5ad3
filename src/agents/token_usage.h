// Tokens of one request to a model, by the kinds that have prices of their own.
#pragma once

#include "base/units.h"

namespace skein::agents {

struct TokenUsage {
  Tokens input{};             ///< Read anew: neither from a provider's cache nor into it.
  Tokens cached{};            ///< Read from the cache.
  Tokens cache_write{};       ///< Written to the cache.
  Tokens cache_write_hour{};  ///< Written to the cache for an hour.
  Tokens output{};            ///< With reasoning.
  Tokens reasoning{};         ///< Of the output.

  bool operator==(const TokenUsage&) const = default;
  TokenUsage& operator+=(const TokenUsage& other) {
    input += other.input;
    cached += other.cached;
    cache_write += other.cache_write;
    cache_write_hour += other.cache_write_hour;
    output += other.output;
    reasoning += other.reasoning;
    return *this;
  }
  [[nodiscard]] Tokens all_input() const { return input + cached + cache_write + cache_write_hour; }
  [[nodiscard]] Tokens total() const { return all_input() + output; }
};

}  // namespace skein::agents
