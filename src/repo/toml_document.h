// TOML as the JSON tree that the manifest parsers and the rules already speak.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace skein::repo {

/// A document's tables, arrays and values; dates and times as text. Errors: `invalid_argument`, with the line.
[[nodiscard]] Result<nlohmann::json> parse_toml(std::string_view text);

}  // namespace skein::repo
