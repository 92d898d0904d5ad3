// YAML as the JSON tree that the manifest parsers already speak.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace skein::repo {

/// The last document of a stream (GitLab puts a header in front of it). Every scalar is text, so that the version 3.10
/// and the key `on` stay what they are; a plain "", "~" or "null" is null. Aliases are copied and "<<" is merged.
/// Bounded: 100 levels deep, `kYamlBudget` bytes with all copies, so that no bomb of aliases goes off.
/// Errors: `invalid_argument`, with the line.
[[nodiscard]] Result<nlohmann::json> parse_yaml(std::string_view text);

inline constexpr std::size_t kYamlBudget = 16 << 20;

}  // namespace skein::repo
