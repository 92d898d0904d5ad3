// One command line, from its words to its exit code.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "app/services.h"
#include "cli/console.h"
#include "cli/report.h"

namespace skein::cli {

struct Surroundings {
  const app::Services& services;
  Console& console;
  /// Asks the person; empty where nobody can answer.
  std::function<bool(std::string_view)> confirm;
  /// Starts to watch for Ctrl-C and gives its stop token; called for commands that may take long.
  std::function<std::stop_token()> watch_interrupts;
};

/// Runs `skein <words…>`. Everything it prints goes to the console.
[[nodiscard]] Exit run(std::span<const std::string> words, const Surroundings& surroundings);

}  // namespace skein::cli
