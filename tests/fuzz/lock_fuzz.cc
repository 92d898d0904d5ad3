// Any bytes as a lock file of each kind: the first byte chooses.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "repo/lock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::string_view kPaths[] = {"package-lock.json", "yarn.lock",       "pnpm-lock.yaml",
                                                "Cargo.lock",        "Pipfile.lock",    "Gemfile.lock",
                                                "composer.lock",     "gradle.lockfile", "packages.lock.json"};
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto lock = skein::repo::parse_lock(kPaths[data[0] % std::size(kPaths)], text);
  (void)skein::repo::locked_version(lock, "a/b/package.json", {"a", "1", {}});
  return 0;
}
