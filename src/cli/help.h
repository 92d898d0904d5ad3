// Help, made from the operations table. Never wider than 80 columns.
#pragma once

#include <string>
#include <string_view>

#include "engine/operation.h"

namespace skein::cli {

/// Of skein itself (empty topic), a group ("runs") or an operation ("runs list"). Errors: `invalid_argument` for
/// anything else, with the nearest name.
[[nodiscard]] Result<std::string> help(const engine::OperationTable& table, std::string_view topic,
                                       const engine::Style& style);

}  // namespace skein::cli
