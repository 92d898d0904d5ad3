// JSON strings of any bytes: what we print stays valid JSON whatever a repository holds.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// Appends `value` as a JSON string, with its quotes. Valid UTF-8 is kept as it is; each byte that is no part of a
/// valid sequence becomes U+FFFD. Control characters, quotes, backslashes, U+2028 and U+2029 are escaped.
void append_json_string(std::string& out, std::string_view value);

/// How many bytes the valid UTF-8 sequence at the start of `value` has; 0 where there is none (overlong forms,
/// surrogates and values above U+10FFFF are none).
[[nodiscard]] std::size_t utf8_length(std::string_view value);

}  // namespace skein::text
