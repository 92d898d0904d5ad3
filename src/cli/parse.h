// The words of a command line as an operation and its input, by the operations table alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/operation.h"

namespace skein::cli {

struct CommandLine {
  GlobalOptions globals;
  const engine::Operation* operation = nullptr;  ///< Null: help is asked for.
  engine::Json input = engine::Json::object();
  std::string help_topic;  ///< With globals.help: the name of an operation or group; empty: skein itself.
};

/// `words` without the program's name. Global options may stand anywhere; an operation's own option hides a global one
/// of the same name after the command's words, but for `--name=value` where the own one takes no value. "--" ends the
/// options. Errors: `invalid_argument`: unknown command or option (with the nearest), missing or surplus values.
[[nodiscard]] Result<CommandLine> parse(const engine::OperationTable& table, std::span<const std::string> words);

}  // namespace skein::cli
