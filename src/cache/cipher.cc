#include "cache/cipher.h"

#include <dlfcn.h>
#include <sodium/core.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/randombytes.h>

#include <cstring>

#include "base/digest.h"

namespace skein::cache {
namespace {

constexpr const char* kSoname = "libsodium.so.23";
constexpr std::string_view kMagic = "skeincx1";
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

struct SodiumLibrary {
  decltype(&::sodium_init) init = nullptr;
  decltype(&::randombytes_buf) random = nullptr;
  decltype(&::crypto_aead_xchacha20poly1305_ietf_encrypt) encrypt = nullptr;
  decltype(&::crypto_aead_xchacha20poly1305_ietf_decrypt) decrypt = nullptr;

  /// Kept until the program ends; null where it is not installed. Thread-safe.
  static const SodiumLibrary* get() {
    static const SodiumLibrary* const kLibrary = [] {
      static SodiumLibrary library;
      return load(library) ? &library : nullptr;
    }();
    return kLibrary;
  }

 private:
  template <class Function>
  static bool take(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
  }
  static bool load(SodiumLibrary& sodium) {
    void* library = ::dlopen(kSoname, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) return false;
    const bool complete = take(library, "sodium_init", sodium.init) &&
                          take(library, "randombytes_buf", sodium.random) &&
                          take(library, "crypto_aead_xchacha20poly1305_ietf_encrypt", sodium.encrypt) &&
                          take(library, "crypto_aead_xchacha20poly1305_ietf_decrypt", sodium.decrypt);
    return complete && sodium.init() >= 0;
  }
};

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<Cipher> Cipher::make(std::string_view secret) {
  if (SodiumLibrary::get() == nullptr)
    return std::unexpected(Error(Code::unavailable, "values cannot be encrypted: libsodium is not installed")
                               .or_do("apt install libsodium23, or leave cache.encrypt off"));
  Cipher cipher;
  const Digest key = hmac_sha256(secret, "skein.cache.cipher/1");
  std::memcpy(cipher.key_.data(), key.bytes.data(), cipher.key_.size());
  return cipher;
}

std::string Cipher::encrypt(std::string_view name, std::string_view raw) const {
  const auto* sodium = SodiumLibrary::get();
  std::string sealed(kMagic.size() + kNonce + raw.size() + kTag, '\0');
  std::memcpy(sealed.data(), kMagic.data(), kMagic.size());
  auto* nonce = reinterpret_cast<unsigned char*>(sealed.data()) + kMagic.size();
  sodium->random(nonce, kNonce);
  unsigned long long size = 0;  // NOLINT: libsodium's type.
  sodium->encrypt(nonce + kNonce, &size, bytes_of(raw), raw.size(), bytes_of(name), name.size(), nullptr, nonce,
                  key_.data());
  sealed.resize(kMagic.size() + kNonce + static_cast<std::size_t>(size));
  return sealed;
}

Result<std::string> Cipher::decrypt(std::string_view name, std::string_view sealed) const {
  const auto* sodium = SodiumLibrary::get();
  if (!sealed.starts_with(kMagic) || sealed.size() < kMagic.size() + kNonce + kTag)
    return fail(Code::data_corrupt, "a value of the shared cache is not encrypted as skein does it");
  sealed.remove_prefix(kMagic.size());
  const auto* nonce = bytes_of(sealed);
  std::string raw(sealed.size() - kNonce - kTag, '\0');
  unsigned long long size = 0;  // NOLINT: libsodium's type.
  if (sodium->decrypt(reinterpret_cast<unsigned char*>(raw.data()), &size, nullptr, nonce + kNonce,
                      sealed.size() - kNonce, bytes_of(name), name.size(), nonce, key_.data()) != 0)
    return fail(Code::data_corrupt, "a value of the shared cache is damaged, or was encrypted under another key");
  raw.resize(static_cast<std::size_t>(size));
  return raw;
}

}  // namespace skein::cache
