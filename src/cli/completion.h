// Completion scripts for shells, made from the operations table.
#pragma once

#include "engine/operation.h"

namespace skein::cli {

enum class Shell { bash, zsh, fish };
std::span<const engine::Choice<Shell>> choices_of(Shell);

/// A script that completes every command, option and choice of `table`.
[[nodiscard]] std::string completion_script(const engine::OperationTable& table, Shell shell);

/// Adds the operation `completion`, which knows all operations that are in the table when it runs. `table` must outlive
/// it.
void register_completion(engine::OperationTable& table);

}  // namespace skein::cli
