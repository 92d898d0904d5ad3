// A stream gives what the whole text gives, whatever the bytes and wherever they are cut.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 64;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  skein::text::SecretStream stream;
  std::string out;
  std::vector<skein::text::SecretSpan> spans;
  for (std::size_t at = 0; at < text.size(); at += step) stream.feed(text.substr(at, step), out, spans);
  stream.finish(out, spans);
  SKEIN_CHECK(out == skein::text::redact(text));
  SKEIN_CHECK(spans.size() == skein::text::find_secrets(text).size());
  return 0;
}
