// Stored facts are read back from disk: any bytes must give facts or an error.
#include <cstdint>

#include "base/check.h"
#include "repo/facts.h"
#include "repo/symbols_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto facts = skein::repo::decode_facts({reinterpret_cast<const char*>(data), size});
  if (!facts) return 0;
  const auto again = skein::repo::decode_facts(skein::repo::encode(*facts));
  SKEIN_CHECK(again && *again == *facts);
  std::string out;
  skein::repo::append_symbols_json(out, "path", *facts);
  return 0;
}
