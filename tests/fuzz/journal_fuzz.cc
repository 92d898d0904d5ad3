// Any bytes as a journal's record: decoding ends with an error or a record that is encoded and decoded without a
// change.
#include <cstdint>
#include <cstdlib>

#include "engine/journal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::engine;
  if (size == 0) return 0;
  const auto record = decode_record(data[0] % 8, {reinterpret_cast<const char*>(data + 1), size - 1});
  if (!record || !*record) return 0;
  const std::string bytes = encode(**record);
  const auto again = decode_record(type_of(**record), bytes);
  if (!again || !*again || encode(**again) != bytes) std::abort();
  return 0;
}
