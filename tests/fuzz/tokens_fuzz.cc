// Tokens of any bytes: counted as encoded, and what they decode to is text that decodes to itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::text;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto encoding : {TokenEncoding::o200k_base, TokenEncoding::cl100k_base}) {
    const auto ranks = encode_tokens(text, encoding);
    SKEIN_CHECK(count_tokens(text, encoding).value == static_cast<std::int64_t>(ranks.size()));
    const std::string decoded = decode_tokens(ranks, encoding);
    // What came back is valid, so that it is its own decoding.
    SKEIN_CHECK(decode_tokens(encode_tokens(decoded, encoding), encoding) == decoded);
    SKEIN_CHECK(ranks.size() <= 3 * size);
  }
  return 0;
}
