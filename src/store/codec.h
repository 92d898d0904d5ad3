// How stored bytes are packed: as they are, or by zstd where that saves something.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::store {

/// The last three are read alike; they say how hard it was tried, so that nothing is packed twice the same way.
enum class Codec : std::uint8_t { none = 0, zstd = 1, zstd_warm = 2, zstd_cold = 3 };

/// How bytes are kept, by how soon they are likely to be wanted: as they are; quickly packed; packed again when they
/// are weeks old; packed as small as it gets when they are a year old. Stored nowhere: the codec is.
enum class Packing : std::uint8_t { plain, hot, warm, cold };
[[nodiscard]] std::string_view to_string(Packing packing);
/// The packing that a codec came from.
[[nodiscard]] Packing packing_of(Codec codec);

struct Packed {
  Codec codec = Codec::none;
  std::string bytes;  ///< Empty when codec is none: the input is the stored form.
};

/// zstd for inputs of 256 bytes and more that shrink by an eighth at least: level -1 (a fifth larger than level 1, in
/// little more than half the time), warm 9, cold 19.
[[nodiscard]] Packed pack(std::string_view raw, Packing packing = Packing::hot);

/// Errors: `data_corrupt` when the bytes do not unpack to exactly `raw_bytes`.
[[nodiscard]] Result<std::string> unpack(Codec codec, std::string_view stored, std::uint64_t raw_bytes);

}  // namespace skein::store
