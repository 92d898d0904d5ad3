// Amounts whose mix-up would hurt, each a type of its own.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace skein {

using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;
using Nanos = std::chrono::nanoseconds;

/// A counted amount. `Tag` keeps bytes, tokens and money apart.
template <class Tag>
struct Amount {
  std::int64_t value = 0;

  constexpr auto operator<=>(const Amount&) const = default;
  constexpr Amount& operator+=(Amount other) { return value += other.value, *this; }
  constexpr Amount& operator-=(Amount other) { return value -= other.value, *this; }
  friend constexpr Amount operator+(Amount a, Amount b) { return {a.value + b.value}; }
  friend constexpr Amount operator-(Amount a, Amount b) { return {a.value - b.value}; }
};

using Bytes = Amount<struct BytesTag>;                ///< 8-bit bytes.
using Tokens = Amount<struct TokensTag>;              ///< A model's tokens.
using MicroDollars = Amount<struct MicroDollarsTag>;  ///< Millionths of a US dollar.

}  // namespace skein
