#include "base/bytes.h"

#include <array>
#include <bit>

namespace skein {

static_assert(std::endian::native == std::endian::little, "stored records are little-endian");

ByteWriter& ByteWriter::long_varint(std::uint64_t value) {
  std::array<std::uint8_t, 10> raw_bytes;
  std::size_t size = 0;
  while (value >= 128) {
    raw_bytes[size++] = static_cast<std::uint8_t>(value | 128);
    value >>= 7;
  }
  raw_bytes[size++] = static_cast<std::uint8_t>(value);
  return raw(raw_bytes.data(), size);
}

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = u8();
    value |= static_cast<std::uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
  ok_ = false;
  data_ = {};
  return 0;
}

std::string_view ByteReader::text() {
  const std::uint64_t size = varint();
  if (size > data_.size()) {
    ok_ = false;
    data_ = {};
    return {};
  }
  const std::string_view value = data_.substr(0, size);
  data_.remove_prefix(size);
  return value;
}

Digest ByteReader::digest() {
  const auto value = Digest::from_bytes(data_.substr(0, 32));
  if (!value) {
    ok_ = false;
    data_ = {};
    return {};
  }
  data_.remove_prefix(32);
  return *value;
}

std::size_t ByteReader::count(std::size_t item_bytes) {
  const std::uint64_t value = varint();
  if (value > data_.size() / (item_bytes == 0 ? 1 : item_bytes)) {
    ok_ = false;
    data_ = {};
    return 0;
  }
  return value;
}

Status ByteReader::finish(std::string_view what) const {
  if (!ok_) return fail(Code::data_corrupt, "{} is cut short or damaged", what);
  return {};
}

}  // namespace skein
