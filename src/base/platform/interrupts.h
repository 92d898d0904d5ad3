// Ctrl-C and SIGTERM as a stop request: the first asks to finish and save, the second ends the process at once.
#pragma once

#include <functional>
#include <stop_token>
#include <thread>

#include "base/result.h"

namespace skein {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP requests the stop (on a thread of its own, which then calls
/// `on_first`), and a second one ends the process with exit code 130. At most one at a time.
class InterruptWatch {
 public:
  /// Errors: as pipe(2).
  static Result<std::unique_ptr<InterruptWatch>> start(std::function<void()> on_first);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  InterruptWatch() = default;

  std::stop_source source_;
  std::function<void()> on_first_;
  std::thread watcher_;
};

}  // namespace skein
