// A change set from a damaged store: refused, or what it says again and nothing outside the workspace.
#include <cstdint>
#include <string_view>

#include "agents/change_set.h"
#include "base/check.h"
#include "engine/change_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto set = agents::decode_change_set(input)) {
    const auto again = agents::decode_change_set(agents::encode(*set));
    SKEIN_CHECK(again.has_value() && agents::encode(*again) == agents::encode(*set));
    for (const auto& change : set->changes) SKEIN_CHECK(!change.path.starts_with("/") && change.before != change.after);
  }
  if (const auto list = engine::decode_change_list(input)) {
    const auto again = engine::decode_change_list(engine::encode(*list));
    SKEIN_CHECK(again.has_value());
  }
  return 0;
}
