// Other programs behind an interface, so that failures of theirs can be injected.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein {

/// A program to run. No shell is involved.
struct Command {
  std::vector<std::string> argv;                             ///< argv[0] is looked up in PATH.
  std::string directory;                                     ///< Working directory; empty: ours.
  std::vector<std::pair<std::string, std::string>> set_env;  ///< Added to, or in place of, ours.
  std::string input;                                         ///< For its standard input, then closed.
  std::optional<Millis> time_limit;                          ///< Then SIGTERM, and SIGKILL after two seconds.
  Bytes output_limit{64 << 20};                              ///< Of each stream; what exceeds it is an error.
};

/// How a program ended and what it took.
struct ProcessOutcome {
  int exit_code = 0;  ///< 128 + signal when killed by one.
  bool timed_out = false;
  std::string output;  ///< Standard output.
  std::string errors;  ///< Standard error.
  Micros wall{}, user{}, system{};
  Bytes peak_memory{};
};

/// Runs programs. Thread-safe.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  /// Waits for the program's end. A program that fails is an outcome, one that cannot be started an error.
  /// A stop request ends it as its time limit would, with error `cancelled`.
  [[nodiscard]] virtual Result<ProcessOutcome> run(const Command& command, std::stop_token stop) = 0;
};

/// The machine's processes.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_system_process_runner();

}  // namespace skein
