// Numbers in the files that count what the cache does, a line an event: other hands may have been at them.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace skein::cache {

/// Far above what anybody counts, and low enough that the lines of a file can be added up.
inline constexpr std::int64_t kMostCounted = std::int64_t{1} << 48;

/// False for what is no whole number from 0 to kMostCounted.
[[nodiscard]] inline bool read_counted(std::string_view word, std::int64_t& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && value >= 0 && value <= kMostCounted;
}

}  // namespace skein::cache
