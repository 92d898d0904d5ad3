// toml++ as all of skein includes it. Its inline functions differ with its settings, and a program may hold one form of
// each only: include this, and only in .cc files. Documents are parsed by parse_toml(), never by toml::parse().
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

// toml++ 3.3 asserts, and with NDEBUG assumes, that "[" is followed by a key before it looks whether it is: "[=]" would
// end the program. Without the assertion its own error follows, as an exception.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace skein::text {

/// Why a text is no TOML, and where: lines and columns count from 1.
struct TomlFault {
  std::string reason;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// Any bytes, parsed. Nesting is bounded by toml++ (256 levels).
[[nodiscard]] std::expected<toml::table, TomlFault> parse_toml(std::string_view text);

}  // namespace skein::text
