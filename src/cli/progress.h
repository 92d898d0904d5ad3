// A run's events for the person who waits: one status line on a terminal, plain lines elsewhere.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/console.h"
#include "engine/events.h"

namespace skein::cli {

struct ProgressOptions {
  bool terminal = false;  ///< One line that is written over; false: a line now and then.
  int width = 80;
  bool verbose = false;  ///< Every step that ends, too.
};

/// Called on the coordinator's thread. What it writes goes to `err`. `finish` (or its destructor) leaves a clean line.
class ProgressLine final : public engine::Observer {
 public:
  ProgressLine(Console& console, const Clock& clock, ProgressOptions options);
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void on(const engine::Event& event) override;
  [[nodiscard]] bool wants_every_step() const override { return options_.verbose; }
  /// A line of its own, above the status line.
  void say(const std::string& line);
  /// `failure`: what the whole failed by, which is told next. A step's failure that says just that is not said before.
  void finish(const Error* failure = nullptr);

  /// "120 of 4,500 steps, 850/s, 5.2 s left, 12 cached, 1 failed".
  [[nodiscard]] static std::string status(const engine::Progress& progress, Nanos elapsed);

 private:
  void show(const engine::Progress& progress);
  void clear();
  void say_held();

  Console& console_;
  const Clock& clock_;
  ProgressOptions options_;
  Instant started_;
  std::optional<Instant> last_shown_;
  bool line_is_shown_ = false;
  engine::Progress last_;
  /// The failure of the last step, which may be the whole's: held back as long as nothing else goes on.
  struct Failure {
    std::string line, message;
  };
  std::optional<Failure> held_;
  std::int64_t calls_ = 0;  // Of models, and what they took.
  Tokens tokens_{};
  MicroDollars money_{};
};

}  // namespace skein::cli
