// Any text is a manifest or is refused with a reason.
#include <cstdint>
#include <string>
#include <string_view>

#include "agents/manifest.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  // What is needed stands first, so that the rest is looked at.
  const std::string text =
      "id = \"a\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"process\"\ncommand = [\"x\"]\n" +
      std::string(reinterpret_cast<const char*>(data), size);
  const auto agent = agents::parse_manifest(text, "fuzz.toml");
  if (agent) {
    SKEIN_CHECK(agent->result_version() == "1.0" && agent->tries >= 1 && agent->time_limit.count() > 0);
  } else {
    SKEIN_CHECK(agent.error().message().starts_with("fuzz.toml"));
  }
  return 0;
}
