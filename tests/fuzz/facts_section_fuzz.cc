// The section of facts in a file of anybody's, and commands out of CI files: any bytes give a fixed point, or an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "prose/ci_commands.h"
#include "prose/marked_section.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::prose;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& command : ci_commands(text))
    SKEIN_CHECK(!command.empty() && command.find('\n') == std::string::npos);
  if (const auto once = with_section(text, "a\nb\n")) {
    const auto twice = with_section(*once, "a\nb\n");
    SKEIN_CHECK(twice && *twice == *once);
  }
  return 0;
}
