// ProcessRunner over fork(2), pipes and a pidfd: no signal of ours is touched, so that any thread may run programs.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/platform/confinement.h"
#include "base/platform/descriptor.h"
#include "base/platform/descriptor_message.h"
#include "base/platform/process_tree.h"
#include "base/process.h"

namespace skein {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Millis kGrace{2000};
constexpr Millis kGoodbye{5000};  // To end by itself when nothing more is said to it.
constexpr Millis kLookAtMemory{50};
constexpr Millis kLookAtDisk{1000};
constexpr Millis kDrain{200};  // How long output may still come after the end, from what was left behind.
constexpr std::size_t kReadBytes = std::size_t{64} << 10;

/// What the child says when it cannot become the program.
struct StartFailure {
  const char* wall;  // A literal, at the same address in both processes; null: the program itself.
  int error;
};

struct StartPlan {
  std::vector<char*> argv, environment;
  const char* directory = nullptr;
  const Walls* walls = nullptr;
  int in = -1, out = -1, err = -1, report = -1;
};

[[noreturn]] void give_up(const StartPlan& plan, const char* wall) {
  const StartFailure failure{wall, errno};
  [[maybe_unused]] const ssize_t written = ::write(plan.report, &failure, sizeof failure);
  ::_exit(127);
}

// Between fork and exec of a program with threads: nothing here allocates.
[[noreturn]] void become(const StartPlan& plan, const sigset_t& signals) {
  if (plan.walls != nullptr) {
    if (const char* lacking = plan.walls->enter(); lacking != nullptr) give_up(plan, lacking);
  } else {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  if (plan.directory != nullptr && ::chdir(plan.directory) != 0) give_up(plan, "its working folder");
  ::dup2(plan.in, STDIN_FILENO);
  ::dup2(plan.out, STDOUT_FILENO);
  ::dup2(plan.err, STDERR_FILENO);
  for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    ::sigaction(signal, &usual, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::execvpe(plan.argv[0], plan.argv.data(), plan.environment.data());
  give_up(plan, nullptr);
}

/// Searched for in the environment that the program gets, not in ours.
std::string found_program(const std::string& name, const std::vector<std::string>& environment,
                          const std::string& directory) {
  if (name.find('/') != std::string::npos) return name;
  std::string_view path = "/usr/local/bin:/usr/bin:/bin";
  for (const std::string& one : environment)
    if (one.starts_with("PATH=")) path = std::string_view(one).substr(5);
  while (!path.empty()) {
    const auto colon = path.find(':');
    std::string folder(path.substr(0, colon));
    path = colon == std::string_view::npos ? std::string_view() : path.substr(colon + 1);
    if (folder.empty() || folder.front() != '/') folder = directory + "/" + folder;
    std::string candidate = folder + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

/// Writes to a pipe that nobody reads any more without the signal that would end us: EPIPE says the same.
ssize_t write_quietly(int descriptor, const char* data, std::size_t size) {
  sigset_t broken_pipe, before;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  const ssize_t written = ::write(descriptor, data, size);
  const int error = errno;
  if (written < 0 && error == EPIPE && ::sigismember(&before, SIGPIPE) == 0) {
    const timespec at_once{};
    ::sigtimedwait(&broken_pipe, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

class Running {
 public:
  /// `walls` is null for a program that is not confined.
  Running(const Command& command, const Walls* walls, pid_t process, std::array<Descriptor, 3> pipes,
          std::stop_token stop)
      : command_(command),
        walls_(walls),
        process_(process),
        stop_(std::move(stop)),
        input_(command.input),
        is_over_(!command.converse) {
    std::ranges::move(pipes, pipes_.begin());
    pidfd_.number = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    stopped_.number = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }

  Result<ProcessOutcome> to_end() {
    const std::stop_callback wake(stop_, [this] { ::eventfd_write(stopped_.number, 1); });
    begun_ = SteadyClock::now();
    while (!ended_ || pipes_[1].number >= 0 || pipes_[2].number >= 0) {
      wait_for_something();
      write_input();
      const bool said = read_output(1);
      const bool came = read_output(2) || said;
      look_for_end();
      const auto now = SteadyClock::now();
      if (ended_) {
        if (came || !drained_at_) drained_at_ = now + kDrain;
        if (!came && now >= *drained_at_) break;
        continue;
      }
      keep_limits(now);
    }
    outcome_.wall = std::chrono::duration_cast<Micros>(SteadyClock::now() - begun_);
    if (cancelled_) return fail(Code::cancelled, "{} was stopped", command_.argv.front());
    return std::move(outcome_);
  }

 private:
  void wait_for_something() {
    const bool has_more = written_ < input_.size() || is_over_;
    std::array<pollfd, 5> waits{{{has_more ? pipes_[0].number : -1, POLLOUT, 0},
                                 {pipes_[1].number, POLLIN, 0},
                                 {pipes_[2].number, POLLIN, 0},
                                 {ended_ ? -1 : pidfd_.number, POLLIN, 0},
                                 {cancelled_ ? -1 : stopped_.number, POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), static_cast<int>(kLookAtMemory.count()));
  }

  void write_input() {
    if (pipes_[0].number < 0) return;
    while (written_ < input_.size()) {
      const ssize_t put = write_quietly(pipes_[0].number, input_.data() + written_, input_.size() - written_);
      if (put < 0 && errno == EAGAIN) return;
      if (put < 0) return pipes_[0].close();  // It does not read any more.
      written_ += static_cast<std::size_t>(put);
    }
    if (is_over_) pipes_[0].close();
  }

  bool read_output(std::size_t stream) {
    if (pipes_[stream].number < 0) return false;
    const ssize_t got = ::read(pipes_[stream].number, buffer_.data(), buffer_.size());
    if (got > 0) {
      const auto bytes = std::string_view(buffer_).substr(0, static_cast<std::size_t>(got));
      if (command_.on_output) command_.on_output(stream == 2, bytes);
      if (stream == 1 && command_.converse) hear(bytes);
      return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) pipes_[stream].close();
    return false;
  }

  void hear(std::string_view bytes) {
    const auto asked = SteadyClock::now();
    ProcessReply reply = command_.converse(bytes);
    if (reply.waited) waited_ += SteadyClock::now() - asked;
    input_.erase(0, std::exchange(written_, 0));
    input_ += reply.more;
    if (reply.over && !is_over_) {
      is_over_ = true;
      end_at_ = SteadyClock::now() + kGoodbye;
    }
  }

  void look_for_end() {
    if (ended_) return;
    int status = 0;
    rusage used{};
    if (::wait4(process_, &status, WNOHANG, &used) != process_) return;
    ended_ = true;
    outcome_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    const auto micros = [](const timeval& time) {
      return std::chrono::duration_cast<Micros>(std::chrono::seconds(time.tv_sec)) + Micros(time.tv_usec);
    };
    outcome_.user = micros(used.ru_utime);
    outcome_.system = micros(used.ru_stime);
    outcome_.peak_memory = std::max(outcome_.peak_memory, Bytes{used.ru_maxrss * 1024});
    if (walls_ == nullptr || !outcome_.limit.empty()) return;
    if (outcome_.exit_code != 0 && walls_->ran_out_of_tasks()) outcome_.limit = "processes";
    if (walls_->ran_out_of_memory()) outcome_.limit = "memory";
    if (command_.confinement->limits.cpu.count() > 0 && outcome_.exit_code == 128 + SIGXCPU)
      outcome_.limit = "processor time";
  }

  void end_it(SteadyClock::time_point now) {
    if (kill_at_) return;
    kill_at_ = now + kGrace;
    // A confined one hands it on to all that it started.
    ::kill(command_.confinement != nullptr ? process_ : -process_, SIGTERM);
  }

  void kill_it() {
    ::kill(process_, walls_ == nullptr ? SIGKILL : walls_->end_signal());
    if (walls_ == nullptr || walls_->end_signal() == SIGKILL) ::kill(-process_, SIGKILL);
  }

  void exceed(const char* what) {
    outcome_.limit = what;
    kill_it();
    kill_at_ = SteadyClock::now() + kGrace;
  }

  void keep_limits(SteadyClock::time_point now) {
    if (stop_.stop_requested() && !cancelled_) {
      cancelled_ = true;
      end_it(now);
    }
    if (command_.time_limit && now >= begun_ + waited_ + *command_.time_limit && !outcome_.timed_out) {
      outcome_.timed_out = true;
      end_it(now);
    }
    if (end_at_ && now >= *end_at_) end_it(now);
    if (kill_at_ && now >= *kill_at_) return kill_it();
    if (command_.confinement == nullptr || !outcome_.limit.empty()) return;
    const ProcessLimits& limits = command_.confinement->limits;
    if (now >= memory_at_) {
      memory_at_ = now + kLookAtMemory;
      const std::int64_t ours = walls_->helpers();
      const std::optional<Micros> counted = limits.cpu.count() > 0 ? walls_->processor_time() : std::nullopt;
      const TreeUsage usage = usage_of_tree(process_, limits.processes > 0 ? limits.processes + ours : 0,
                                            limits.cpu.count() > 0 && !counted);
      outcome_.peak_memory = std::max(outcome_.peak_memory, usage.memory);
      // Whose end nobody waited for is in no sum any more: what was seen stays counted.
      processor_ = std::max(processor_, counted.value_or(usage.processor));
      if (limits.cpu.count() > 0 && processor_ > limits.cpu) return exceed("processor time");
      if (limits.memory.value > 0 && (usage.memory > limits.memory || walls_->ran_out_of_memory()))
        return exceed("memory");
      // Who got no more of them may have ended some by himself: there need not be too many now.
      if (limits.processes > 0 && (usage.processes - ours > limits.processes || walls_->ran_out_of_tasks()))
        return exceed("processes");
      if (limits.disk_folders.empty()) return;
      const Bytes free = free_space(limits.disk_folders.front());
      if (free < limits.least_free) return exceed("disk");
      // It has written no more than what the disk has less: a look at all files is needed only where that could be too
      // much. Others write, too, so not each time.
      if (used_disk_ + (free_then_ - free) > limits.disk) disk_at_ = std::min(disk_at_, disk_soon_);
    }
    if (now >= disk_at_ && limits.disk.value > 0) look_at_disk(limits, now);
  }

  void look_at_disk(const ProcessLimits& limits, SteadyClock::time_point now) {
    used_disk_ = {};
    for (const std::string& folder : limits.disk_folders) used_disk_ += disk_usage(folder);
    if (!limits.disk_folders.empty()) free_then_ = free_space(limits.disk_folders.front());
    // Of a large tree the walk itself takes time: no more than a tenth of ours.
    const auto took = SteadyClock::now() - now;
    disk_at_ = now + std::max(SteadyClock::duration(kLookAtDisk), 10 * took);
    disk_soon_ = now + 3 * took;
    if (used_disk_ > limits.disk) exceed("disk");
  }

  const Command& command_;
  const Walls* walls_;
  pid_t process_;
  std::stop_token stop_;
  std::array<Descriptor, 3> pipes_;  // Its input, output, errors.
  Descriptor pidfd_, stopped_;
  std::string buffer_ = std::string(kReadBytes, '\0');
  std::string input_;  // What is to be written, from `written_` on.
  std::size_t written_ = 0;
  SteadyClock::time_point begun_, memory_at_, disk_at_, disk_soon_;
  Bytes used_disk_{}, free_then_{};  // When it was looked at.
  Micros processor_{};               // The most that was seen.
  std::optional<SteadyClock::time_point> kill_at_, drained_at_, end_at_;
  bool ended_ = false, cancelled_ = false;
  SteadyClock::duration waited_{};
  bool is_over_ = false;  // Nothing more will be written.
  ProcessOutcome outcome_;
};

class SystemProcessRunner final : public ProcessRunner {
 public:
  Result<ProcessOutcome> run(const Command& command, std::stop_token stop) override {
    std::optional<Walls> walls;
    Descriptor channel, far_channel;
    const bool listens = command.confinement != nullptr && command.confinement->kind == WallKind::namespaces &&
                         !command.confinement->network && command.confinement->listener_port != 0;
    if (listens) {
      int ends[2];
      if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
        return std::unexpected(system_error(errno, "cannot make a pair of sockets"));
      channel.number = ends[0];
      far_channel.number = ends[1];
    }
    if (command.confinement != nullptr) {
      SKEIN_TRY(Walls made, Walls::make(*command.confinement, far_channel.number));
      walls.emplace(std::move(made));
    }
    std::vector<std::string> words = command.argv;
    words.front() = found_program(words.front(), command.environment, command.directory);
    std::vector<std::string> environment = command.environment;
    StartPlan plan;
    for (std::string& word : words) plan.argv.push_back(word.data());
    for (std::string& one : environment) plan.environment.push_back(one.data());
    plan.argv.push_back(nullptr);
    plan.environment.push_back(nullptr);
    plan.directory = command.directory.empty() ? nullptr : command.directory.c_str();
    plan.walls = walls ? &*walls : nullptr;

    std::array<Descriptor, 3> ours, theirs;
    Descriptor report, reports;
    SKEIN_DO(make_pipe(theirs[0], ours[0]));
    SKEIN_DO(make_pipe(ours[1], theirs[1]));
    SKEIN_DO(make_pipe(ours[2], theirs[2]));
    SKEIN_DO(make_pipe(report, reports));
    for (const Descriptor& end : ours) ::fcntl(end.number, F_SETFL, O_NONBLOCK);
    plan.in = theirs[0].number;
    plan.out = theirs[1].number;
    plan.err = theirs[2].number;
    plan.report = reports.number;

    sigset_t none, before;
    ::sigemptyset(&none);
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // No handler of ours runs in the child.
    const pid_t process = ::fork();
    if (process == 0) become(plan, none);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (process < 0) return std::unexpected(system_error(error, "cannot start a process"));
    for (Descriptor& end : theirs) end.close();
    reports.close();
    StartFailure failure{};
    if (::read(report.number, &failure, sizeof failure) == sizeof failure) {
      ::waitpid(process, nullptr, 0);
      if (failure.wall == nullptr)
        return std::unexpected(system_error(failure.error, "cannot run " + command.argv.front()));
      return std::unexpected(
          Error(Code::unavailable,
                system_error(failure.error, fmt::format("this machine does not give {}", failure.wall)).message()));
    }
    if (listens) {
      far_channel.close();
      if (const int listener = received_descriptor(channel.number); listener >= 0)
        command.confinement->take_listener(listener);
      for (int i = 0; i < command.confinement->sockets; ++i)
        if (const int socket = received_descriptor(channel.number); socket >= 0)
          command.confinement->take_socket(socket);
    }
    return Running(command, walls ? &*walls : nullptr, process, std::move(ours), std::move(stop)).to_end();
  }
};

}  // namespace

Status can_confine(const Confinement& walls) {
  Command nothing;
  nothing.argv = {"/bin/true"};
  nothing.confinement = &walls;
  SystemProcessRunner runner;
  SKEIN_TRY(const auto outcome, runner.run(nothing, {}));
  if (outcome.exit_code != 0) return fail(Code::unavailable, "a confined program ended with {}", outcome.exit_code);
  return {};
}

std::unique_ptr<ProcessRunner> make_system_process_runner() { return std::make_unique<SystemProcessRunner>(); }

}  // namespace skein
