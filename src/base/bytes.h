// Little-endian binary encoding of stored records: a writer that appends, a reader that never trusts its input.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace skein {

/// Appends values to a string.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value) { return raw(&value, 1); }
  ByteWriter& u32(std::uint32_t value) { return raw(&value, sizeof value); }
  ByteWriter& u64(std::uint64_t value) { return raw(&value, sizeof value); }
  ByteWriter& i64(std::int64_t value) { return raw(&value, sizeof value); }
  /// LEB128: 1 byte below 128.
  ByteWriter& varint(std::uint64_t value) {
    if (value >= 128) return long_varint(value);
    out_.push_back(static_cast<char>(value));
    return *this;
  }
  /// A length (varint) and the bytes.
  ByteWriter& text(std::string_view value) {
    varint(value.size());
    out_.append(value);
    return *this;
  }
  ByteWriter& digest(const Digest& value) { return raw(value.bytes.data(), value.bytes.size()); }

  /// Makes room, so that a record of about this size is one allocation.
  ByteWriter& reserve(std::size_t bytes) {
    out_.reserve(bytes);
    return *this;
  }
  [[nodiscard]] std::string_view view() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  void clear() { out_.clear(); }

 private:
  ByteWriter& long_varint(std::uint64_t value);
  ByteWriter& raw(const void* data, std::size_t size) {
    out_.append(static_cast<const char*>(data), size);
    return *this;
  }
  std::string out_;
};

/// Reads what a ByteWriter wrote. After the first read past the end every read gives zero or nothing and
/// `ok()` is false: check once, at the end of a record.
class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : data_(data) {}

  [[nodiscard]] std::uint8_t u8() { return number<std::uint8_t>(); }
  [[nodiscard]] std::uint32_t u32() { return number<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() { return number<std::uint64_t>(); }
  [[nodiscard]] std::int64_t i64() { return number<std::int64_t>(); }
  [[nodiscard]] std::uint64_t varint();
  /// A view into the input.
  [[nodiscard]] std::string_view text();
  [[nodiscard]] Digest digest();
  /// How many items of at least `item_bytes` follow: a varint that is refused when the rest is too short for
  /// it, so that a damaged count cannot make a caller reserve the machine's memory.
  [[nodiscard]] std::size_t count(std::size_t item_bytes = 1);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return data_.empty(); }
  [[nodiscard]] std::string_view rest() const { return data_; }
  /// Fails unless all reads were inside the input. `what` names the record.
  [[nodiscard]] Status finish(std::string_view what) const;

 private:
  template <class T>
  T number() {
    T value = 0;
    if (data_.size() < sizeof value) {
      ok_ = false;
      data_ = {};
      return 0;
    }
    std::memcpy(&value, data_.data(), sizeof value);
    data_.remove_prefix(sizeof value);
    return value;
  }

  std::string_view data_;
  bool ok_ = true;
};

}  // namespace skein
