// The records of a pack: blobs and results, and how they are laid out.
#pragma once

#include "base/bytes.h"
#include "store/codec.h"
#include "store/store.h"

namespace skein::store {

enum class PackRecord : std::uint32_t { blob = 1, result = 2 };

/// digest | u8 codec | varint raw size | stored bytes
struct BlobRecord {
  Digest digest;
  Codec codec = Codec::none;
  std::uint64_t raw_bytes = 0;
  std::string_view stored;
};

[[nodiscard]] inline std::string encode_blob(const Digest& digest, std::string_view raw,
                                             Packing packing = Packing::hot) {
  const Packed packed = pack(raw, packing);
  ByteWriter writer;
  writer.digest(digest).u8(static_cast<std::uint8_t>(packed.codec)).varint(raw.size());
  std::string bytes = writer.take();
  return bytes.append(packed.codec == Codec::none ? raw : std::string_view(packed.bytes));
}

[[nodiscard]] inline Result<BlobRecord> decode_blob(std::string_view payload) {
  ByteReader reader(payload);
  BlobRecord record;
  record.digest = reader.digest();
  record.codec = static_cast<Codec>(reader.u8());
  record.raw_bytes = reader.varint();
  record.stored = reader.rest();
  SKEIN_DO(reader.finish("a stored blob"));
  return record;
}

[[nodiscard]] inline std::string encode_result(const ResultRecord& record) {
  ByteWriter writer;
  writer.digest(record.declared).digest(record.key).varint(record.blobs.size());
  for (const auto& blob : record.blobs) writer.digest(blob);
  writer.text(record.payload);
  return writer.take();
}

[[nodiscard]] inline Result<ResultRecord> decode_result(std::string_view payload) {
  ByteReader reader(payload);
  ResultRecord record;
  record.declared = reader.digest();
  record.key = reader.digest();
  record.blobs.resize(reader.count(32));
  for (auto& blob : record.blobs) blob = reader.digest();
  record.payload = reader.text();
  SKEIN_DO(reader.finish("a stored result"));
  return record;
}

}  // namespace skein::store
