// A value as it lies on the shared tier: bound to its key and its team, so that what anybody else put there, or
// damaged, is not believed.
//
//   "skeincv1" | 32 bytes seal | u8 codec | varint raw size | varint age limit's second | stored bytes
//
// The seal is HMAC-SHA-256 of the rest and the key's name under the team's secret; without one, SHA-256, which finds
// damage and mix-ups but no forger.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace skein::cache {

/// `until`: not believed after it, whatever the server's own clock does with the key.
[[nodiscard]] std::string seal(std::string_view key_name, std::string_view secret, std::string_view raw,
                               std::optional<WallTime> until);
/// Errors: `data_corrupt` for anything but what `seal` made for this key under this secret; `timed_out` after `until`,
/// and when `until` lies farther ahead than `longest`: then a clock went back.
[[nodiscard]] Result<std::string> unseal(std::string_view key_name, std::string_view secret, std::string_view sealed,
                                         WallTime now, Micros longest);

}  // namespace skein::cache
