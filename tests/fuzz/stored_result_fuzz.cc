// Any bytes as a stored result: an error, or a result that is encoded and decoded without a change.
#include <cstdint>
#include <cstdlib>

#include "engine/result_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::engine;
  const auto result = decode_result({}, {}, {reinterpret_cast<const char*>(data), size});
  if (!result) return 0;
  const std::string bytes = encode(*result);
  const auto again = decode_result({}, {}, bytes);
  if (!again || encode(*again) != bytes) std::abort();
  return 0;
}
