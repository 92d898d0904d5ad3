// How stored bytes are packed: as they are, or by zstd where that saves something.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::store {

enum class Codec : std::uint8_t { none = 0, zstd = 1 };

struct Packed {
  Codec codec = Codec::none;
  std::string bytes;  ///< Empty when codec is none: the input is the stored form.
};

/// zstd level 1 for inputs of 256 bytes and more that shrink by an eighth at least.
[[nodiscard]] Packed pack(std::string_view raw);

/// Errors: `data_corrupt` when the bytes do not unpack to exactly `raw_bytes`.
[[nodiscard]] Result<std::string> unpack(Codec codec, std::string_view stored, std::uint64_t raw_bytes);

}  // namespace skein::store
