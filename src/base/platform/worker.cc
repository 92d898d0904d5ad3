#include "base/platform/worker.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skein {
namespace {

constexpr int kTickMs = 50;  // How often limits and the stop request are looked at.
constexpr std::size_t kReadBytes = std::size_t{64} << 10;

struct Pipe {
  int reading = -1;
  int writing = -1;
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(reading);
    close(writing);
  }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  Status open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(system_error(errno, "cannot make a pipe"));
    reading = ends[0];
    writing = ends[1];
    return {};
  }
};

/// A reader that is gone is an error of `write`, and no signal, for this thread while it lives.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
  NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;
  ~NoBrokenPipeSignal() {
    constexpr timespec kNow{0, 0};
    if (::sigismember(&before_, SIGPIPE) == 0) ::sigtimedwait(&pipe_, nullptr, &kNow);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{}, before_{};
};

class Process final : public Worker {
 public:
  ~Process() override {
    if (pid_ <= 0) return;
    Pipe::close(to_.writing);
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  Status start(const WorkerOptions& options) {
    SKEIN_DO(to_.open());
    SKEIN_DO(from_.open());
    std::vector<std::string> words = options.argv;
    std::vector<std::string> variables = options.environment;
    std::vector<char*> argv, environment;
    for (auto& word : words) argv.push_back(word.data());
    for (auto& variable : variables) environment.push_back(variable.data());
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, to_.reading, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, from_.writing, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none, pipe;
    ::sigemptyset(&none);
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &pipe);
    // A group of its own: Ctrl-C is for us, and we end it.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawn(&pid_, argv[0], &actions, &attributes, argv.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    Pipe::close(to_.reading);
    Pipe::close(from_.writing);
    if (error != 0) {
      pid_ = -1;
      return std::unexpected(system_error(error, "cannot run " + options.argv.front()));
    }
    ::fcntl(to_.writing, F_SETFL, O_NONBLOCK);
    ::fcntl(from_.reading, F_SETFL, O_NONBLOCK);
    const auto seconds = static_cast<rlim_t>(options.cpu_limit.count() / 1000 + 1);
    const rlimit limit{seconds, seconds};
    ::prlimit(pid_, RLIMIT_CPU, &limit, nullptr);
    return {};
  }

  Result<std::string> ask(std::string_view request, std::string_view end, const AnswerLimits& limits,
                          std::stop_token stop) override {
    const NoBrokenPipeSignal quiet;
    const auto give_up_at = std::chrono::steady_clock::now() + limits.wall;
    const Nanos cpu_before = cpu();
    std::string answer;
    std::array<char, kReadBytes> buffer;
    while (true) {
      std::array<pollfd, 2> wait{{{from_.reading, POLLIN, 0}, {to_.writing, POLLOUT, 0}}};
      const int ready = ::poll(wait.data(), request.empty() ? 1 : 2, kTickMs);
      if (ready < 0 && errno != EINTR) return std::unexpected(system_error(errno, "cannot wait for a worker"));
      if (stop.stop_requested()) return fail(Code::cancelled, "stopped");
      if (ready <= 0) {
        if (cpu() - cpu_before > limits.cpu || std::chrono::steady_clock::now() > give_up_at)
          return fail(Code::timed_out, "a worker took longer than {} ms", limits.cpu.count());
        continue;
      }
      if (!request.empty() && wait[1].revents != 0) {
        const auto written = ::write(to_.writing, request.data(), request.size());
        if (written < 0 && errno != EAGAIN && errno != EINTR) return fail(Code::unavailable, "a worker has ended");
        if (written > 0) request.remove_prefix(static_cast<std::size_t>(written));
      }
      if (wait[0].revents == 0) continue;
      const auto got = ::read(from_.reading, buffer.data(), buffer.size());
      if (got == 0) return fail(Code::unavailable, "a worker has ended");
      if (got < 0) continue;
      answer.append(buffer.data(), static_cast<std::size_t>(got));
      if (answer.size() > static_cast<std::size_t>(limits.bytes.value))
        return fail(Code::resource_exhausted, "a worker's answer has more than {} bytes", limits.bytes.value);
      if (answer.ends_with(end)) return answer;
    }
  }

 private:
  [[nodiscard]] Nanos cpu() const {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return Nanos{0};
    return std::chrono::seconds(time.tv_sec) + Nanos(time.tv_nsec);
  }

  pid_t pid_ = -1;
  Pipe to_, from_;
};

}  // namespace

Result<std::unique_ptr<Worker>> start_worker(const WorkerOptions& options) {
  auto process = std::make_unique<Process>();
  SKEIN_DO(process->start(options));
  return process;
}

}  // namespace skein
