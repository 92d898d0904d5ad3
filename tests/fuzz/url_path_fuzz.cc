// Targets of requests: whatever is decoded stays in the folder.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "net/url_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto path = decode_path(text)) {
    SKEIN_CHECK(!path->starts_with('/') && path->find('\0') == std::string::npos);
    const auto framed = "/" + *path + "/";
    SKEIN_CHECK(framed.find("/../") == std::string::npos && framed.find("/./") == std::string::npos);
  }
  static_cast<void>(query_value(text, "page"));
  static_cast<void>(is_loopback_host(text, 80));
  return 0;
}
