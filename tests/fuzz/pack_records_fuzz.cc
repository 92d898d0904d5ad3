// Any bytes as a pack's records: no more memory than the bytes can stand for, and no crash.
#include <cstdint>
#include <cstdlib>

#include "store/pack_records.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::store;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto blob = decode_blob(bytes)) {
    const auto raw = unpack(blob->codec, blob->stored, blob->raw_bytes);
    if (raw && raw->size() != blob->raw_bytes) std::abort();
  }
  if (const auto result = decode_result(bytes)) {
    const auto again = decode_result(encode_result(*result));
    if (!again || again->blobs != result->blobs || again->payload != result->payload) std::abort();
  }
  const std::string encoded = encode_blob({}, bytes);
  const auto packed = decode_blob(encoded);
  if (!packed || unpack(packed->codec, packed->stored, packed->raw_bytes) != bytes) std::abort();
  return 0;
}
