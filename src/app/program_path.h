// Where a program is.
#pragma once

#include <string>
#include <string_view>

#include "app/services.h"

namespace skein::app {

/// The path of a program as PATH has it; empty where it has none. A folder that is not absolute does not count: it
/// could be the workspace's. A name with a "/" is its own path.
[[nodiscard]] std::string program_path(const Services& services, std::string_view name);

}  // namespace skein::app
