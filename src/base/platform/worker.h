// A program kept running that answers one request after the other: what takes long to start is started once. No shell,
// no environment of ours, no socket: two pipes.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein {

struct WorkerOptions {
  std::vector<std::string> argv;         ///< argv[0] is a path.
  std::vector<std::string> environment;  ///< All of it: "NAME=value".
  Millis cpu_limit{60'000};              ///< Of its whole life, kept by the system: also if we are gone.
};

/// What one answer may take.
struct AnswerLimits {
  Millis cpu{1'000};     ///< Of the worker's own processor time, so that a busy machine cannot change an answer.
  Millis wall{20'000};   ///< For one that waits instead of working.
  Bytes bytes{1 << 20};  ///< Of the answer.
};

/// Belongs to one thread at a time. Ends the program when it goes.
class Worker {
 public:
  virtual ~Worker() = default;
  /// Sends `request` and gives what comes back, up to and with `end` at the end of what has come so far.
  /// Errors: `timed_out`, `resource_exhausted` (too much came), `unavailable` (the program has ended), `cancelled`.
  /// After any of them the worker is of no more use.
  [[nodiscard]] virtual Result<std::string> ask(std::string_view request, std::string_view end,
                                                const AnswerLimits& limits, std::stop_token stop) = 0;
};

/// Errors: of the system, where the program cannot be started.
[[nodiscard]] Result<std::unique_ptr<Worker>> start_worker(const WorkerOptions& options);

}  // namespace skein
