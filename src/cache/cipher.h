// Encryption of values on a server that others can read: XChaCha20-Poly1305 of libsodium, loaded when first used.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skein::cache {

/// Thread-safe. Copies are alike.
class Cipher {
 public:
  /// `secret`: any text; the key is derived from it. Errors: `unavailable` where libsodium is not installed.
  [[nodiscard]] static Result<Cipher> make(std::string_view secret);

  /// A random nonce before the encrypted bytes; `name` is bound to them, so that they are no other name's.
  [[nodiscard]] std::string encrypt(std::string_view name, std::string_view raw) const;
  /// Errors: `data_corrupt` for what was not encrypted under this key and name.
  [[nodiscard]] Result<std::string> decrypt(std::string_view name, std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> key_{};
};

}  // namespace skein::cache
