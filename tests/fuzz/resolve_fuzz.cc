// Import targets and paths are any bytes. Lines: the language's rule, the file, the target, then the workspace's paths.
#include <cstdint>

#include "base/check.h"
#include "repo/resolve.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  while (!rest.empty() && lines.size() < 64) {
    const auto end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (lines.size() < 4) return 0;
  const std::span<const std::string_view> paths = std::span(lines).subspan(3);
  const skein::repo::PathIndex index(paths);
  for (const auto& language : skein::repo::builtin_languages().all()) {
    const skein::repo::Import import{.target = std::string(lines[2]), .names = {std::string(lines[0])}};
    for (const auto& path : skein::repo::resolve(*language, lines[1], import, index)) {
      SKEIN_CHECK(index.contains(path));
    }
  }
  return 0;
}
