#include "base/platform/process_guard.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/platform/fixed_text.h"

namespace skein {
namespace {

static_assert(kEndAllSignal == SIGQUIT);

constexpr int kDeepest =
    500;  // Of a tree that is walked; what lies deeper becomes a child of ours when those above end.

struct KernelEntry {  // getdents64(2); the name follows.
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t size;
  std::uint8_t type;
};
constexpr std::size_t kNameAt = 19;

/// Signals the children of a process, and theirs. Gives how many there were.
int signal_children(pid_t process, int signal, int depth);

template <std::size_t kBytes>
int signal_children_of_thread(const char* file, int signal, int depth) {
  const int descriptor = ::open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  int count = 0;
  pid_t child = 0;
  std::array<char, kBytes> bytes;
  for (ssize_t got = 0; (got = ::read(descriptor, bytes.data(), bytes.size())) > 0;)
    for (ssize_t i = 0; i < got; ++i) {
      const char one = bytes[static_cast<std::size_t>(i)];
      if (one >= '0' && one <= '9') {
        child = child * 10 + (one - '0');
      } else if (child > 0) {
        ++count;
        ::kill(child, signal);  // It starts nothing more.
        if (depth < kDeepest) count += signal_children(child, signal, depth + 1);
        child = 0;
      }
    }
  ::close(descriptor);
  return count;
}

int signal_children(pid_t process, int signal, int depth) {
  FixedText<64> folder;
  folder.add("/proc/").add(process).add("/task");
  const int descriptor = ::open(folder.text(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  int count = 0;
  alignas(KernelEntry) std::array<char, 512> entries;
  for (long got = 0; (got = ::syscall(SYS_getdents64, descriptor, entries.data(), entries.size())) > 0;)
    for (long at = 0; at < got;) {
      const char* entry = entries.data() + at;
      std::uint16_t size = 0;
      std::memcpy(&size, entry + offsetof(KernelEntry, size), sizeof size);
      at += size;
      const char* name = entry + kNameAt;
      if (*name == '.') continue;
      FixedText<96> file;
      file.add(folder.text()).add("/").add(name).add("/children");
      // What lost its parent is ours, be it thousands, and the kernel counts from the first at each read.
      count += depth == 0 ? signal_children_of_thread<4096>(file.text(), signal, depth)
                          : signal_children_of_thread<256>(file.text(), signal, depth);
    }
  ::close(descriptor);
  return count;
}

/// Where the system lets us, before all others: who starts processes without end must not be faster than who ends them.
void hurry() {
  const sched_param lowest{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest);
}

void end_all() {
  hurry();
  const pid_t self = ::getpid();
  while (true) {
    const int left = signal_children(self, SIGKILL, 0);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (left == 0 && ::waitpid(-1, nullptr, WNOHANG) < 0) return;
    const timespec moment{0, 1'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

[[noreturn]] void guard(pid_t program, const sigset_t& awaited) {
  ::syscall(SYS_close_range, 0U, ~0U, 0U);  // What others hold open must not stay open here.
  while (true) {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended != program) continue;
      end_all();
      ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&awaited, &info);
    if (signal == kEndAllSignal) {
      end_all();
      ::_exit(128 + SIGKILL);
    }
    if (signal == SIGTERM) signal_children(::getpid(), SIGTERM, 0);
  }
}

}  // namespace

bool fork_guarded() {
  sigset_t awaited;
  ::sigemptyset(&awaited);
  for (const int signal : {SIGCHLD, SIGTERM, kEndAllSignal}) ::sigaddset(&awaited, signal);
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, kEndAllSignal);
  const pid_t program = ::fork();
  if (program < 0) return false;
  if (program > 0) guard(program, awaited);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return true;
}

}  // namespace skein
