// Stored histories are read back from disk, and authors' names are anybody's: any bytes must give one or an error.
#include <cstdint>

#include "base/check.h"
#include "repo/author_name.h"
#include "repo/history.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::repo;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string name = clean_author_name(bytes);
  SKEIN_CHECK(!name.empty() && name.size() <= 100 && clean_author_name(name) == name);
  if (const auto history = decode_history(bytes)) {
    const auto again = decode_history(encode(*history));
    SKEIN_CHECK(again && *again == *history);
  }
  const auto log = decode_history_log(bytes, "");
  if (!log) return 0;
  const auto again = decode_history_log(encode(*log, ""), "");
  SKEIN_CHECK(again && *again == *log);
  (void)summarize_history(*log, {});
  return 0;
}
