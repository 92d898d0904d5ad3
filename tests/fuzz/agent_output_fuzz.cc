// Whatever an agent prints, in whatever pieces, is read the same way.
#include <cstdint>
#include <string_view>

#include "agents/agent_output.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  if (size < 2) return 0;
  agents::OutputSpec spec;
  spec.format = static_cast<agents::OutputFormat>(data[0] % 3);
  if (spec.format == agents::OutputFormat::text) {
    spec.error = {"(?m)^error: (.*)$"};
    spec.cost_usd = {"\\$([0-9.]*)"};
  } else {
    spec.said = {"/a=1 /b", "/c/0"};
    spec.input_tokens = {"/n"};
    spec.cost_usd = {"/n"};
  }
  spec.sum = data[1] % 2 == 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = text.size() / 2;
  agents::AgentOutput whole(spec), pieces(spec);
  whole.add(text);
  whole.finish();
  pieces.add(text.substr(0, cut));
  pieces.add(text.substr(cut));
  pieces.finish();
  SKEIN_CHECK(whole.said() == pieces.said() && whole.error() == pieces.error());
  SKEIN_CHECK(whole.usage().input == pieces.usage().input && whole.usage().money == pieces.usage().money);
  SKEIN_CHECK(whole.usage().money.value >= 0);
  return 0;
}
