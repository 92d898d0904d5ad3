// Whether a value fits a JSON schema: the part of the standard that tools and answers of models need.
#pragma once

#include <string>

#include "engine/schema.h"

namespace skein::agents {

/// What does not fit, and where ("/files/2: …"); empty: it fits. Known are type, properties, required,
/// additionalProperties (false), items, enum, minimum, maximum, minLength and minItems; what a schema says beyond them
/// is not looked at. Nesting is followed 64 levels deep.
[[nodiscard]] std::string misfit(const engine::Json& schema, const engine::Json& value);

}  // namespace skein::agents
