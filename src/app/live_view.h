// What is seen of a command under `skein exec` while it runs: its output as it comes, or one status line that goes
// away.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/services.h"

namespace skein::app {

class LiveView {
 public:
  enum class Kind { nothing, status, output };

  LiveView(Kind kind, const Services& services, const engine::Context& context, std::string command);
  ~LiveView() { finish(); }
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  /// The next bytes, secrets replaced. Whole lines are shown at once, safe for a terminal.
  void take(std::string_view bytes);
  /// Time went by: shows the beginning of a line that waits for its end, or the status.
  void idle();
  /// Shows what is left; takes the status line away.
  void finish();

 private:
  void show_status();

  Kind kind_;
  const Services& services_;
  const engine::Context& context_;
  std::string command_;
  Instant started_;
  std::string line_;  // Without its end yet.
  std::uint64_t lines_ = 0, bytes_ = 0;
  bool status_shown_ = false;
};

/// Output as it comes where it was asked for; else the status line where standard error is a terminal and nobody wants
/// silence or JSON.
[[nodiscard]] LiveView::Kind live_kind(bool asked, const engine::Context& context);

}  // namespace skein::app
