#include "base/platform/child.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/platform/descriptor.h"

namespace skein {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::array<int, 7> kForwarded{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};
constexpr int kPipeBytes = 1 << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr int kTimedOut = 124;
constexpr Millis kGrace{2000};
constexpr Millis kDrain{200};  // How long output may still come after the child's end, with nothing coming.

/// A terminal for the child's output. Without keys it hands on bytes as they are and is nobody's controlling terminal:
/// keys and job control stay with ours, and so we tell the child when its size changed. With keys it is set as ours is.
class OutputTerminal {
 public:
  /// False where the system gives none.
  bool open(bool keys, Descriptor& reading, Descriptor& writing) {
    reading.number = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (reading.number < 0) return false;
    std::array<char, 128> name{};
    if (::grantpt(reading.number) != 0 || ::unlockpt(reading.number) != 0 ||
        ::ptsname_r(reading.number, name.data(), name.size()) != 0)
      return reading.close(), false;
    writing.number = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios modes{};
    if (writing.number < 0 || ::tcgetattr(writing.number, &modes) != 0) return reading.close(), writing.close(), false;
    if (!keys)
      ::cfmakeraw(&modes);
    else
      ::tcgetattr(STDIN_FILENO, &modes);
    ::tcsetattr(writing.number, TCSANOW, &modes);
    master_ = reading.number;
    follow_size();
    return true;
  }
  [[nodiscard]] bool is_open() const { return master_ >= 0; }
  /// Gives the terminal our size; true where it changed.
  bool follow_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return false;
    if (size.ws_col == columns_ && size.ws_row == rows_) return false;
    columns_ = size.ws_col;
    rows_ = size.ws_row;
    ::ioctl(master_, TIOCSWINSZ, &size);
    return true;
  }

 private:
  int master_ = -1;
  unsigned short columns_ = 0, rows_ = 0;
};

/// Hands keys of our terminal to the child's while it lives, as they are typed; ours is as it was afterwards.
class Keys {
 public:
  Keys(bool wanted, int to) : to_(to), open_(wanted && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!open_) return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    changed_ = true;
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  /// What to wait for before `pass`; nothing while the child does not read.
  [[nodiscard]] pollfd wait() const { return {open_ && waiting_.empty() ? STDIN_FILENO : -1, POLLIN, 0}; }
  [[nodiscard]] pollfd room() const { return {waiting_.empty() ? -1 : to_, POLLOUT, 0}; }
  /// The child's terminal is gone.
  void close() {
    open_ = false;
    waiting_.clear();
  }
  /// After one of them. False once our terminal is gone.
  bool pass(bool came) {
    if (came) {
      std::array<char, 4096> keys{};
      const ssize_t got = ::read(STDIN_FILENO, keys.data(), keys.size());
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return open_ = false;
      if (got > 0) waiting_.append(keys.data(), static_cast<std::size_t>(got));
    }
    const ssize_t written = waiting_.empty() ? 0 : ::write(to_, waiting_.data(), waiting_.size());
    if (written > 0) waiting_.erase(0, static_cast<std::size_t>(written));
    return true;
  }

 private:
  int to_;
  termios before_{};
  bool open_, changed_ = false;
  std::string waiting_;
};

/// The terminal's foreground is the child's while it runs, as a shell does it; ours again afterwards.
class Foreground {
 public:
  explicit Foreground(bool wanted)
      : is_ours_(wanted && ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp()) {}
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

[[noreturn]] void become(const std::vector<char*>& argv, const sigset_t& mask, int out, int err, int report,
                         bool keys) {
  if (keys) {
    ::setsid();
    ::ioctl(out, TIOCSCTTY, 0);
    ::dup2(out, STDIN_FILENO);
  } else {
    ::setpgid(0, 0);
  }
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
  OutputTerminal terminal;
  const bool wants_keys = options.keys && ::isatty(STDIN_FILENO) == 1;
  if (options.terminal && terminal.open(wants_keys, reading[0], writing[0])) {
    writing[1].number = ::fcntl(writing[0].number, F_DUPFD_CLOEXEC, 0);
    if (writing[1].number < 0) return std::unexpected(system_error(errno, "cannot duplicate a terminal"));
    ::fcntl(reading[0].number, F_SETFL, O_RDWR | O_NONBLOCK);
  } else {
    for (std::size_t i = 0; i < 2; ++i) {
      SKEIN_DO(make_pipe(reading[i], writing[i]));
      ::fcntl(reading[i].number, F_SETPIPE_SZ, kPipeBytes);
      ::fcntl(reading[i].number, F_SETFL, O_NONBLOCK);
    }
  }
  SKEIN_DO(make_pipe(report_reading, report_writing));
  const SignalsByDescriptor signals;
  if (signals.number() < 0) return std::unexpected(system_error(errno, "cannot wait for signals"));
  const bool has_keys = wants_keys && terminal.is_open();
  const Foreground foreground(!has_keys);
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(system_error(errno, "cannot start a process"));
  if (child == 0) become(argv, signals.before(), writing[0].number, writing[1].number, report_writing.number, has_keys);
  if (!has_keys) ::setpgid(child, child);  // Both do it: whoever is first.
  foreground.give(child);
  for (Descriptor& end : writing) end.close();
  report_writing.close();
  int error = 0;
  if (::read(report_reading.number, &error, sizeof error) == sizeof error) {
    ::waitpid(child, nullptr, 0);
    return std::unexpected(system_error(error, "cannot run " + options.argv.front()));
  }

  Keys keys(has_keys, reading[0].number);
  ChildEnd end;
  end.was_terminal = terminal.is_open();
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
      if (WIFSTOPPED(state) && !has_keys) {
        // Ctrl-Z: we stop with it, and it goes on with us.
        foreground.give(::getpgrp());
        ::raise(SIGSTOP);
        foreground.give(child);
        ::kill(-child, SIGCONT);
        continue;
      }
      if (WIFSTOPPED(state)) continue;
      status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
      if (WIFSIGNALED(state)) end.signal = WTERMSIG(state);
    }
  };
  while (!status || reading[0].number >= 0 || reading[1].number >= 0) {
    std::array<pollfd, 5> waits{{{reading[0].number, POLLIN, 0},
                                 {reading[1].number, POLLIN, 0},
                                 {signals.number(), POLLIN, 0},
                                 keys.wait(),
                                 keys.room()}};
    auto wake = SteadyClock::now() + Millis(1000);
    for (const auto& at : {terminate_at, kill_at, drained_at})
      if (at && *at < wake) wake = *at;
    const auto left = std::chrono::ceil<Millis>(wake - SteadyClock::now()).count();
    ::poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
    signalfd_siginfo info{};
    while (::read(signals.number(), &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD && !status) {
        if (info.ssi_signo == SIGWINCH && terminal.is_open()) terminal.follow_size();
        ::kill(-child, static_cast<int>(info.ssi_signo));
      }
    if ((waits[3].revents != 0 || waits[4].revents != 0) && !keys.pass(waits[3].revents != 0) && !status)
      ::kill(-child, SIGHUP);
    bool came = false;
    for (std::size_t i = 0; i < 2; ++i) {
      if (reading[i].number < 0 || (waits[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      const ssize_t got = ::read(reading[i].number, buffer.data(), buffer.size());
      if (got > 0) {
        came = true;
        on_output(i == 1, std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        if (i == 0) keys.close();
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
      // Our own SIGWINCH comes only where we are the terminal's foreground.
      if (terminal.is_open() && terminal.follow_size() && !status) ::kill(-child, SIGWINCH);
      on_idle();
    }
  }
  end.exit_code = end.timed_out ? kTimedOut : *status;
  if (end.timed_out) end.signal.reset();
  return end;
}

}  // namespace skein
