// TOML as JSON, for files that may be either.
#pragma once

#include "engine/schema.h"
#include "text/toml.h"

namespace skein::engine {

/// The same value; dates and times become texts. The nesting is the node's.
[[nodiscard]] Json json_of_toml(const toml::node& node);

}  // namespace skein::engine
