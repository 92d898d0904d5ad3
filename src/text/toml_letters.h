// toml++ 3.3 calls it unreachable that some letters (U+00A1 to U+0499, U+FB26 to U+FEFE and others) stand where white
// space could. All from U+00A0 to U+FEFE travel through it as characters for private use, 0xF0000 further on, of which
// it thinks nothing.
#pragma once

#include <string>
#include <string_view>

namespace skein::text {

/// A document for toml++: such letters replaced. Bytes that are no UTF-8 stay as they are, for toml++ to refuse.
[[nodiscard]] std::string shielded(std::string_view text);
/// A key or value from toml++: the letters put back.
[[nodiscard]] std::string unshielded(std::string_view text);

}  // namespace skein::text
