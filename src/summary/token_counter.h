// The counter for `--tokens`: tokens of o200k_base, exact.
#pragma once

#include "summary/render.h"

namespace skein::summary {

/// Lives as long as the program.
[[nodiscard]] const TokenCounter& o200k_counter();

}  // namespace skein::summary
