#include "base/platform/child.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skein {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::array<int, 6> kForwarded{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
constexpr int kPipeBytes = 1 << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr int kTimedOut = 124;
constexpr Millis kGrace{2000};
constexpr Millis kDrain{200};  // How long output may still come after the child's end, with nothing coming.

struct Descriptor {
  int number = -1;
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  void close() {
    if (number >= 0) ::close(number);
    number = -1;
  }
};

Status make_pipe(Descriptor& reading, Descriptor& writing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "cannot make a pipe"));
  reading.number = ends[0];
  writing.number = ends[1];
  return {};
}

/// The terminal's foreground is the child's while it runs, as a shell does it; ours again afterwards.
class Foreground {
 public:
  Foreground() : is_ours_(::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp()) {}
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  ~Foreground() { give(::getpgrp()); }
  void give(pid_t group) const {
    if (!is_ours_) return;
    struct sigaction ignore{}, before{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGTTOU, &ignore, &before);
    ::tcsetpgrp(STDIN_FILENO, group);
    ::sigaction(SIGTTOU, &before, nullptr);
  }

 private:
  bool is_ours_;
};

[[noreturn]] void become(const std::vector<char*>& argv, const sigset_t& mask, int out, int err, int report) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &usual, nullptr);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::execvp(argv[0], argv.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

/// Blocks signals for this thread while it lives; they come by a descriptor.
class SignalsByDescriptor {
 public:
  SignalsByDescriptor() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : kForwarded) ::sigaddset(&set, signal);
    ::sigaddset(&set, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &set, &before_);
    descriptor_.number = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  SignalsByDescriptor(const SignalsByDescriptor&) = delete;
  SignalsByDescriptor& operator=(const SignalsByDescriptor&) = delete;
  ~SignalsByDescriptor() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  [[nodiscard]] int number() const { return descriptor_.number; }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
  Descriptor descriptor_;
};

}  // namespace

Result<ChildEnd> run_child(const ChildOptions& options, const std::function<void(bool, std::string_view)>& on_output,
                           const std::function<void()>& on_idle) {
  std::vector<std::string> words = options.argv;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<Descriptor, 2> reading;
  std::array<Descriptor, 2> writing;
  Descriptor report_reading, report_writing;
  for (std::size_t i = 0; i < 2; ++i) {
    SKEIN_DO(make_pipe(reading[i], writing[i]));
    ::fcntl(reading[i].number, F_SETPIPE_SZ, kPipeBytes);
    ::fcntl(reading[i].number, F_SETFL, O_NONBLOCK);
  }
  SKEIN_DO(make_pipe(report_reading, report_writing));
  const SignalsByDescriptor signals;
  if (signals.number() < 0) return std::unexpected(system_error(errno, "cannot wait for signals"));
  const Foreground foreground;
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(system_error(errno, "cannot start a process"));
  if (child == 0) become(argv, signals.before(), writing[0].number, writing[1].number, report_writing.number);
  ::setpgid(child, child);  // Both do it: whoever is first.
  foreground.give(child);
  for (Descriptor& end : writing) end.close();
  report_writing.close();
  int error = 0;
  if (::read(report_reading.number, &error, sizeof error) == sizeof error) {
    ::waitpid(child, nullptr, 0);
    return std::unexpected(system_error(error, "cannot run " + options.argv.front()));
  }

  ChildEnd end;
  std::optional<int> status;
  std::string buffer(kReadBytes, '\0');
  auto last_idle = SteadyClock::now();
  std::optional<SteadyClock::time_point> terminate_at, kill_at, drained_at;
  if (options.time_limit) terminate_at = SteadyClock::now() + *options.time_limit;
  const auto look_for_end = [&] {
    int state = 0;
    while (!status) {
      const pid_t got = ::waitpid(child, &state, WNOHANG | WUNTRACED);
      if (got != child) return;
      if (WIFSTOPPED(state)) {
        // Ctrl-Z: we stop with it, and it goes on with us.
        foreground.give(::getpgrp());
        ::raise(SIGSTOP);
        foreground.give(child);
        ::kill(-child, SIGCONT);
        continue;
      }
      status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    }
  };
  while (!status || reading[0].number >= 0 || reading[1].number >= 0) {
    std::array<pollfd, 3> waits{
        {{reading[0].number, POLLIN, 0}, {reading[1].number, POLLIN, 0}, {signals.number(), POLLIN, 0}}};
    auto wake = SteadyClock::now() + Millis(1000);
    for (const auto& at : {terminate_at, kill_at, drained_at})
      if (at && *at < wake) wake = *at;
    const auto left = std::chrono::ceil<Millis>(wake - SteadyClock::now()).count();
    ::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
    signalfd_siginfo info{};
    while (::read(signals.number(), &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD && !status) ::kill(-child, static_cast<int>(info.ssi_signo));
    bool came = false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (reading[i].number < 0 || (waits[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const ssize_t got = ::read(reading[i].number, buffer.data(), buffer.size());
      if (got > 0) {
        came = true;
        on_output(i == 1, std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        reading[i].close();
      }
    }
    look_for_end();
    const auto now = SteadyClock::now();
    if (status && came) drained_at.reset();
    if (status && !drained_at) drained_at = now + kDrain;
    if (status && !came && now >= *drained_at) {
      end.output_left_open = reading[0].number >= 0 || reading[1].number >= 0;
      break;
    }
    if (!status && terminate_at && now >= *terminate_at) {
      end.timed_out = true;
      terminate_at.reset();
      kill_at = now + kGrace;
      ::kill(-child, SIGTERM);
      ::kill(-child, SIGCONT);
    }
    if (!status && kill_at && now >= *kill_at) {
      kill_at.reset();
      ::kill(-child, SIGKILL);
    }
    if (now - last_idle >= Millis(1000)) {
      last_idle = now;
      on_idle();
    }
  }
  end.exit_code = end.timed_out ? kTimedOut : *status;
  return end;
}

}  // namespace skein
