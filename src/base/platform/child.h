// A program run exactly as typed, its output handed on as it comes: signals reach it, its end is told as a shell would.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein {

struct ChildOptions {
  std::vector<std::string> argv;     ///< argv[0] is looked up in PATH. No shell is involved.
  std::optional<Millis> time_limit;  ///< Then SIGTERM to its process group, and SIGKILL after two seconds.
  bool terminal = false;  ///< Its output is a terminal of its own, as large as ours: both streams come merged, as the
                          ///< first. Where none can be made, pipes.
  /// With `terminal`, and where standard input is a terminal: the command's terminal is the one that controls it, and
  /// keys go there as they are typed. Ours hands them on and is as it was when the call returns.
  bool keys = false;
};

struct ChildEnd {
  int exit_code = 0;          ///< 128 + signal when killed by one; 124 when ended by the time limit.
  std::optional<int> signal;  ///< That killed it; none where the time limit did.
  bool timed_out = false;
  bool was_terminal = false;      ///< Its output was a terminal.
  bool output_left_open = false;  ///< It ended, and processes that it left behind still hold its output.
};

/// Runs it to its end. Standard input is ours, but with `keys`. `on_output(is_error_stream, bytes)` gets both streams
/// in the order of arrival, on this thread; while it works the child is held by back-pressure. SIGINT, SIGTERM, SIGHUP,
/// SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH sent to us go on to the child's process group. `on_idle` is called about once
/// a second. Errors: `not_found` and `permission_denied` where the program cannot be run.
[[nodiscard]] Result<ChildEnd> run_child(const ChildOptions& options,
                                         const std::function<void(bool, std::string_view)>& on_output,
                                         const std::function<void()>& on_idle);

}  // namespace skein
