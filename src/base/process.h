// Other programs behind an interface, so that failures of theirs can be injected.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein {

struct Confinement;  // base/platform/confinement.h

/// What is said to a program for what it said.
struct ProcessReply {
  std::string more;     ///< For its standard input; may be empty.
  bool waited = false;  ///< It took so long because a person was asked: that is no part of the time limit.
  bool over = false;    ///< Nothing more will be said: its input is closed, and after five seconds it is ended.
};

/// A program to run. No shell is involved.
struct Command {
  std::vector<std::string> argv;             ///< argv[0] is looked up in the PATH of `environment`.
  std::string directory;                     ///< Working directory; empty: ours.
  std::vector<std::string> environment;      ///< All of it: "NAME=value".
  std::string input;                         ///< For its standard input, then closed unless `converse` is given.
  std::optional<Millis> time_limit;          ///< Then SIGTERM, and SIGKILL after two seconds.
  const Confinement* confinement = nullptr;  ///< Null: it may do what we may. Outlives the call.
  /// Gets what it prints (true: on standard error) in the order of arrival. May be empty.
  std::function<void(bool, std::string_view)> on_output;
  /// Gets what it prints on standard output, after `on_output`, and answers. May be empty.
  std::function<ProcessReply(std::string_view)> converse;
};

/// How a program ended and what it took, with all its children.
struct ProcessOutcome {
  int exit_code = 0;  ///< 128 + signal when killed by one.
  bool timed_out = false;
  std::string limit;  ///< "memory", "processes", "disk" or "processor time" when it was ended for taking too much.
  Micros wall{}, user{}, system{};
  Bytes peak_memory{};
};

/// Runs programs. Thread-safe.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  /// Waits for the program's end; what it started ends with it where it is confined. A program that fails is an
  /// outcome, one that cannot be started or confined an error. A stop request ends it as its time limit would, with
  /// error `cancelled`.
  [[nodiscard]] virtual Result<ProcessOutcome> run(const Command& command, std::stop_token stop) = 0;
};

/// The machine's processes.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_system_process_runner();

}  // namespace skein
