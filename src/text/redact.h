// Finds what looks like a secret in a text, by the known shapes of keys and by the words before a value. Simple rules:
// they find what has one of these shapes, and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skein::text {

struct SecretSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string_view kind;  ///< "aws-key", "github-token", "api-key", "bearer", "password", "url-password" …
};

/// In the order of the text, not overlapping. Linear in the text.
[[nodiscard]] std::vector<SecretSpan> find_secrets(std::string_view text);

/// The text with every secret replaced by `[redacted:<kind>]`.
[[nodiscard]] std::string redact(std::string_view text);

}  // namespace skein::text
