// Sizes and durations as people write them. KB = 1,000 bytes, KiB = 1,024.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace skein::text {

/// "10KB", "1.5 GiB", "200 MB", "4096" (bytes). Errors: `invalid_argument` for anything else, negative or too large.
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text);
/// "5s", "1.5h", "250ms", "20us", "2d", "10m" (minutes). Errors: `invalid_argument`, also for a bare number but 0.
[[nodiscard]] Result<Micros> parse_duration(std::string_view text);

/// "0 B", "999 B", "1.5 KB", "200 MB": three digits, units of 1,000.
[[nodiscard]] std::string format_bytes(Bytes bytes);
/// "250 ms", "1.50 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string format_duration(Micros duration);
/// "12,345".
[[nodiscard]] std::string format_count(std::int64_t count);
/// "$12.50", "$0.0042", "$0.000003": two places, or as many as show the first two digits that are not 0.
[[nodiscard]] std::string format_money(MicroDollars money);

}  // namespace skein::text
