// The low-level SHA256_* calls are used on purpose: they need no provider look-up and no initialisation of the
// library, which would cost a millisecond at start-up.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <array>
#include <cstdint>
#include <new>

#include <openssl/sha.h>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

namespace skein {
namespace {

static_assert(sizeof(SHA256_CTX) <= 128);

/// Of each character; -1 for those that are no digits. A table, since manifests hold digests by the ten thousand.
constexpr std::array<std::int8_t, 256> kHexValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) values[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
  return values;
}();

int hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

SHA256_CTX* context(std::array<std::byte, 128>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

std::string Digest::hex() const {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(64, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = kDigits[bytes[i] >> 4];
    text[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return text;
}

std::optional<Digest> Digest::parse(std::string_view hex) {
  if (hex.size() != 64) return std::nullopt;
  Digest digest;
  int all = 0;  // Negative when one of them is.
  for (std::size_t i = 0; i < 32; ++i) {
    const int value = hex_value(hex[2 * i]) * 16 | hex_value(hex[2 * i + 1]);
    all |= value;
    digest.bytes[i] = static_cast<std::uint8_t>(value);
  }
  if (all < 0) return std::nullopt;
  return digest;
}

std::optional<Digest> Digest::from_bytes(std::string_view raw) {
  if (raw.size() != 32) return std::nullopt;
  Digest digest;
  std::memcpy(digest.bytes.data(), raw.data(), 32);
  return digest;
}

Digest sha256(std::string_view data) {
  Digest digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, data.data(), data.size());
  SHA256_Final(digest.bytes.data(), &context);
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  // RFC 2104 over SHA-256's 64-byte blocks.
  std::array<char, 64> block{};
  if (key.size() > block.size()) {
    const Digest folded = sha256(key);
    std::memcpy(block.data(), folded.bytes.data(), 32);
  } else {
    std::memcpy(block.data(), key.data(), key.size());
  }
  std::array<char, 64> inner = block;
  std::array<char, 64> outer = block;
  for (auto& c : inner) c = static_cast<char>(c ^ 0x36);
  for (auto& c : outer) c = static_cast<char>(c ^ 0x5c);
  const Digest first = Hasher().bytes({inner.data(), 64}).bytes(data).finish();
  return Hasher().bytes({outer.data(), 64}).bytes(first.view()).finish();
}

Hasher::Hasher() { SHA256_Init(new (state_.data()) SHA256_CTX); }

Hasher& Hasher::bytes(std::string_view data) {
  SHA256_Update(context(state_), data.data(), data.size());
  return *this;
}

Hasher& Hasher::field(std::string_view data) { return number(data.size()).bytes(data); }

Hasher& Hasher::number(std::uint64_t value) {
  std::array<char, 8> raw{};
  for (auto& c : raw) {
    c = static_cast<char>(value & 255);
    value >>= 8;
  }
  return bytes({raw.data(), raw.size()});
}

Digest Hasher::finish() {
  Digest digest;
  SHA256_Final(digest.bytes.data(), context(state_));
  return digest;
}

std::uint64_t checksum64(std::string_view data, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

}  // namespace skein
