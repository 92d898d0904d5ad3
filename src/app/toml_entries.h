// A TOML document as a flat list of keys with their lines. The one place that knows the TOML library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/schema.h"

namespace skein::app {

struct TomlEntry {
  std::string key;  ///< Dotted: "docs.out".
  engine::Json value;
  int line = 0;  ///< 1-based, of the key.
};

/// Keys in the order of their lines. Tables give dotted keys; a date is a text. Errors: `invalid_argument`, naming
/// `file` and the line. Documents over 1 MB and values nested over 32 levels are refused.
[[nodiscard]] Result<std::vector<TomlEntry>> parse_toml(std::string_view text, std::string_view file);

}  // namespace skein::app
