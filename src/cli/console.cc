#include "cli/console.h"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/platform/surroundings.h"

namespace skein::cli {
namespace {

constexpr std::size_t kBuffered = 64 << 10;

Status write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) return fail(Code::cancelled, "nobody reads the output any more");
      return std::unexpected(system_error(errno, "cannot write the output"));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

SystemConsole::~SystemConsole() { static_cast<void>(SystemConsole::flush()); }

Status SystemConsole::out(std::string_view text) {
  buffer_.append(text);
  return buffer_.size() >= kBuffered ? SystemConsole::flush() : Status();
}

Status SystemConsole::flush() {
  const std::string text = std::exchange(buffer_, {});
  Status written = write_all(STDOUT_FILENO, text);
  if (!written && written.error().code() == Code::cancelled) reader_is_gone_ = true;
  return written;
}

void SystemConsole::err(std::string_view text) { static_cast<void>(write_all(STDERR_FILENO, text)); }

bool SystemConsole::out_is_terminal() const { return is_terminal(STDOUT_FILENO); }
bool SystemConsole::err_is_terminal() const { return is_terminal(STDERR_FILENO); }
int SystemConsole::columns() const { return terminal_columns(STDOUT_FILENO).value_or(80); }

bool SystemConsole::can_ask() { return is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO); }

bool SystemConsole::ask(std::string_view question, const std::stop_token& stop) {
  err(std::string(question) + " [y/N] ");
  const int stopped = ::eventfd(0, EFD_CLOEXEC);
  std::string answer;
  {
    const std::stop_callback wake(stop, [stopped] { ::eventfd_write(stopped, 1); });
    const auto may_read = [&] {
      std::array<pollfd, 2> waits{{{STDIN_FILENO, POLLIN, 0}, {stopped, POLLIN, 0}}};
      while (::poll(waits.data(), waits.size(), -1) < 0)
        if (errno != EINTR) return false;
      return waits[1].revents == 0;
    };
    char c = 0;
    while (answer.size() < 16 && may_read() && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n') answer += c;
  }
  ::close(stopped);
  if (stop.stop_requested()) return false;
  return answer == "y" || answer == "yes" || answer == "Y";
}

}  // namespace skein::cli
