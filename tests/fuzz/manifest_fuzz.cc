// Any bytes as a manifest of each kind and as a README: the first byte chooses.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "repo/manifest.h"
#include "repo/readme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::string_view kPaths[] = {"package.json",     "pyproject.toml", "setup.cfg",
                                                "requirements.txt", "Cargo.toml",     "go.mod",
                                                "CMakeLists.txt",   "Makefile",       "Dockerfile",
                                                "pom.xml",          "build.gradle",   "libs.versions.toml",
                                                "Gemfile",          "a.gemspec",      "Rakefile",
                                                "composer.json",    "a.csproj",       "packages.config",
                                                "compose.yml",      ".gitlab-ci.yml", ".github/workflows/a.yml"};
  constexpr std::size_t kCount = std::size(kPaths);
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % (kCount + 1) == kCount)
    (void)skein::repo::read_readme(text);
  else
    (void)skein::repo::parse_manifest(kPaths[data[0] % (kCount + 1)], text,
                                      [&](const std::string&) { return std::optional(std::string(text)); });
  return 0;
}
