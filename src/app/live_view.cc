#include "app/live_view.h"

#include <unistd.h>

#include "text/printable.h"
#include "text/quantity.h"
#include "text/terminal_safe.h"

namespace skein::app {
namespace {

void to_standard_error(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;  // Nobody is left to see it.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

LiveView::Kind live_kind(bool asked, const engine::Context& context) {
  if (asked) return LiveView::Kind::output;
  return ::isatty(STDERR_FILENO) == 1 && !context.quiet && !context.json ? LiveView::Kind::status
                                                                         : LiveView::Kind::nothing;
}

LiveView::LiveView(Kind kind, const Services& services, const engine::Context& context, std::string command)
    : kind_(kind),
      services_(services),
      context_(context),
      command_(std::move(command)),
      started_(services.clock.now()) {}

void LiveView::take(std::string_view bytes) {
  bytes_ += bytes.size();
  const std::size_t end = bytes.rfind('\n');
  if (kind_ == Kind::status) lines_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  if (kind_ != Kind::output) return;
  if (end == std::string_view::npos) {
    line_ += bytes;
    return;
  }
  line_ += bytes.substr(0, end);
  static_cast<void>(context_.lines->line(text::terminal_safe(line_)));
  line_ = bytes.substr(end + 1);
}

void LiveView::idle() {
  if (kind_ == Kind::status) show_status();
  if (kind_ == Kind::output && !line_.empty()) {
    static_cast<void>(context_.lines->line(text::terminal_safe(line_)));
    line_.clear();
  }
}

void LiveView::finish() {
  if (kind_ == Kind::output) idle();
  if (status_shown_) to_standard_error("\r\x1b[K");
  status_shown_ = false;
  kind_ = Kind::nothing;
}

void LiveView::show_status() {
  const auto ran = std::chrono::duration_cast<std::chrono::seconds>(services_.clock.now() - started_);
  std::string line =
      fmt::format("{} s  {} {}  {}  {}", ran.count(), text::format_count(static_cast<std::int64_t>(lines_)),
                  lines_ == 1 ? "line" : "lines", text::format_bytes(Bytes{static_cast<std::int64_t>(bytes_)}),
                  text::printable(command_));
  const auto width = static_cast<std::size_t>(std::max(context_.style.width - 1, 20));
  if (line.size() > width) line.resize(width);
  to_standard_error("\r\x1b[K" + line);
  status_shown_ = true;
}

}  // namespace skein::app
