// Any text is a plan whose steps come after what they stand on, or is refused with a reason.
#include <cstdint>
#include <string_view>

#include "agents/team_plan.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  const auto plan = agents::parse_team_plan(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
  if (!plan) {
    SKEIN_CHECK(plan.error().message().starts_with("fuzz.toml"));
    return 0;
  }
  for (std::size_t i = 0; i < plan->steps.size(); ++i)
    for (const std::size_t before : plan->directly_after[i]) SKEIN_CHECK(before < i);
  SKEIN_CHECK(!agents::outlook_of(*plan).critical_path.empty());
  return 0;
}
