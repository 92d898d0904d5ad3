// Identity and checksums. SHA-256 names content (keys, blobs); XXH3 only guards stored bytes against damage.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skein {

/// A SHA-256 value. The default one, all zero bytes, means "none".
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Digest&) const = default;
  [[nodiscard]] bool is_none() const { return *this == Digest{}; }
  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;
  /// The first `digits` of `hex()`, for people.
  [[nodiscard]] std::string short_hex(std::size_t digits = 12) const { return hex().substr(0, digits); }
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  /// The digest of 64 hexadecimal digits; nothing for any other text.
  [[nodiscard]] static std::optional<Digest> parse(std::string_view hex);
  /// Takes 32 raw bytes; nothing for any other length.
  [[nodiscard]] static std::optional<Digest> from_bytes(std::string_view raw);
};

/// SHA-256 of `data`. 0.15 us for 64 bytes, about 1.2 GB/s.
[[nodiscard]] Digest sha256(std::string_view data);

/// HMAC-SHA-256, for what must not be guessed from its digest.
[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view data);

/// SHA-256 over pieces. Use `field` for tuples: it adds a length, so ("ab","c") and ("a","bc") differ.
class Hasher {
 public:
  Hasher();
  Hasher& bytes(std::string_view data);
  Hasher& field(std::string_view data);
  Hasher& field(const Digest& digest) { return bytes(digest.view()); }
  Hasher& number(std::uint64_t value);
  /// The digest of all so far; the hasher may not be used afterwards.
  [[nodiscard]] Digest finish();

 private:
  alignas(8) std::array<std::byte, 128> state_;  // Holds a SHA256_CTX; checked in digest.cc.
};

/// XXH3-64 of `data`, for damage, not for identity.
[[nodiscard]] std::uint64_t checksum64(std::string_view data, std::uint64_t seed = 0);

}  // namespace skein

template <>
struct std::hash<skein::Digest> {
  std::size_t operator()(const skein::Digest& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof value);  // SHA-256 is uniform already.
    return value;
  }
};
