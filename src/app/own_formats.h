// Recognisers of tool output that the user brings, beside the built-in ones.
#pragma once

#include <memory>

#include "app/services.h"
#include "summary/formats.h"

namespace skein::app {

/// The built-in recognisers with those of the workspace's .skein/formats/*.toml; null where there are none, or where
/// they are not trusted (`skein trust`; then a note says so). Errors: of a file that is no format, naming it.
[[nodiscard]] Result<std::unique_ptr<summary::Formats>> own_formats(const Services& services,
                                                                    const engine::Context& context);

}  // namespace skein::app
