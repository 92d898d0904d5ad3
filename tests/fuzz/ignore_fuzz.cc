// Any bytes as ignore rules, asked about any path.
#include <cstdint>
#include <string_view>

#include "repo/ignore.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\xff');  // Rules before it, a path behind.
  const auto rules = skein::repo::IgnoreRules::parse(text.substr(0, cut));
  const std::string_view path = cut == text.npos ? "a/b.c" : text.substr(cut + 1);
  (void)rules.match(path, false);
  (void)rules.match(path, true);
  return 0;
}
