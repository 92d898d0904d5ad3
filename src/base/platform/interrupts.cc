#include "base/platform/interrupts.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace skein {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
constexpr int kInterruptedExit = 130;

// A signal handler can reach nothing but globals: the pipe's writing end, and how many signals came.
std::atomic<int> g_pipe{-1};     // NOLINT
std::atomic<int> g_reading{-1};  // NOLINT
std::atomic<int> g_count{0};     // NOLINT

void on_signal(int) {
  if (g_count.fetch_add(1) > 0) ::_exit(kInterruptedExit);
  const int saved = errno;
  const char byte = 's';
  [[maybe_unused]] const ssize_t written = ::write(g_pipe.load(), &byte, 1);
  errno = saved;
}

}  // namespace

Result<std::unique_ptr<InterruptWatch>> InterruptWatch::start(std::function<void()> on_first) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "cannot watch for Ctrl-C"));
  g_reading = ends[0];
  g_pipe = ends[1];
  g_count = 0;
  std::unique_ptr<InterruptWatch> watch(new InterruptWatch());
  watch->on_first_ = std::move(on_first);
  watch->watcher_ = std::thread([self = watch.get(), reading = ends[0]] {
    char byte = 0;
    ssize_t got = 0;
    do got = ::read(reading, &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1 || byte != 's') return;  // The end.
    self->source_.request_stop();
    if (self->on_first_) self->on_first_();
  });
  struct sigaction action{};
  action.sa_handler = &on_signal;
  action.sa_flags = SA_RESTART;
  for (const int signal : kSignals) {
    struct sigaction now{};
    // nohup and shells' background jobs ignore some of them: that stays.
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
  return watch;
}

InterruptWatch::~InterruptWatch() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (const int signal : kSignals) {
    struct sigaction now{};
    if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == &on_signal) ::sigaction(signal, &action, nullptr);
  }
  const char byte = 'e';
  [[maybe_unused]] const ssize_t written = ::write(g_pipe.load(), &byte, 1);
  watcher_.join();
  ::close(g_pipe.exchange(-1));
  ::close(g_reading.exchange(-1));
}

}  // namespace skein
