// Redaction takes any bytes, and what it found once it does not find again at the same place.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/redact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = 0;
  for (const auto& span : skein::text::find_secrets(text)) {
    SKEIN_CHECK(span.offset >= end && span.size > 0);
    end = span.offset + span.size;
    SKEIN_CHECK(end <= text.size());
  }
  static_cast<void>(skein::text::redact(text));
  return 0;
}
