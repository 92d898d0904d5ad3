// Any bytes as a manifest of each kind and as a README: the first byte chooses.
#include <array>
#include <cstdint>
#include <string_view>

#include "repo/manifest.h"
#include "repo/readme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<std::string_view, 9> kPaths = {"package.json",     "pyproject.toml", "setup.cfg",
                                                             "requirements.txt", "Cargo.toml",     "go.mod",
                                                             "CMakeLists.txt",   "Makefile",       "Dockerfile"};
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 10 == 9)
    (void)skein::repo::read_readme(text);
  else
    (void)skein::repo::parse_manifest(kPaths[data[0] % 10], text);
  return 0;
}
