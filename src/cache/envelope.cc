#include "cache/envelope.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "store/codec.h"

namespace skein::cache {
namespace {

constexpr std::string_view kMagic = "skeincv1";
constexpr std::size_t kBody = kMagic.size() + 32;

Digest seal_of(std::string_view key_name, std::string_view secret, std::string_view body) {
  Hasher hasher;
  hasher.field(kMagic).field(key_name).field(body);
  const Digest digest = hasher.finish();
  return secret.empty() ? digest : hmac_sha256(secret, digest.view());
}

std::uint64_t second_of(WallTime at) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

}  // namespace

std::string seal(std::string_view key_name, std::string_view secret, std::string_view raw,
                 std::optional<WallTime> until) {
  const store::Packed packed = store::pack(raw);
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(packed.codec)).varint(raw.size()).varint(until ? second_of(*until) : 0);
  std::string body = writer.take();
  body.append(packed.codec == store::Codec::none ? raw : std::string_view(packed.bytes));
  std::string sealed(kMagic);
  sealed.append(seal_of(key_name, secret, body).view()).append(body);
  return sealed;
}

Result<std::string> unseal(std::string_view key_name, std::string_view secret, std::string_view sealed, WallTime now,
                           Micros longest) {
  if (sealed.size() < kBody || !sealed.starts_with(kMagic))
    return fail(Code::data_corrupt, "a value of the shared cache is not skein's");
  const auto body = sealed.substr(kBody);
  if (seal_of(key_name, secret, body).view() != sealed.substr(kMagic.size(), 32))
    return fail(Code::data_corrupt, "a value of the shared cache is damaged, or was not put there for this key");
  ByteReader reader(body);
  const auto codec = static_cast<store::Codec>(reader.u8());
  const auto raw_bytes = reader.varint();
  const auto until = reader.varint();
  const auto stored = reader.rest();
  SKEIN_DO(reader.finish("a value of the shared cache"));
  if (until != 0 && (second_of(now) >= until || until > second_of(now + longest) + 1))
    return fail(Code::timed_out, "a value of the shared cache is too old");
  return store::unpack(codec, stored, raw_bytes);
}

}  // namespace skein::cache
