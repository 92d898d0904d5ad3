#include "base/platform/confinement.h"

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/platform/descriptor_message.h"
#include "base/platform/fixed_text.h"
#include "base/platform/landlock.h"
#include "base/platform/process_guard.h"
#include "base/platform/socket_filter.h"

namespace skein {
namespace {

constexpr std::size_t kMostShown = 64;
constexpr Bytes kFileBeyondLimit{128 << 20};

bool write_whole(const char* path, const char* text, std::size_t size) {
  const int descriptor = ::open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool done = ::write(descriptor, text, size) == static_cast<ssize_t>(size);
  ::close(descriptor);
  return done;
}

bool set_read_only(const char* path, bool read_only, unsigned flags) {
  mount_attr change{};
  (read_only ? change.attr_set : change.attr_clr) = MOUNT_ATTR_RDONLY;
  return ::mount_setattr(AT_FDCWD, path, flags, &change, sizeof change) == 0;
}

void raise_loopback() {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;  // Airgapped: not even loopback.
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ::ioctl(descriptor, SIOCSIFFLAGS, &request);
  ::close(descriptor);
}

/// No capability is left, also over the namespaces that we made, and none comes back by running a program.
bool drop_capabilities() {
  for (int one = 0; one <= 63; ++one)
    if (::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0 && errno != EINVAL && errno != EPERM) return false;  // Has none.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/// Also the folders above. True if it is there.
bool make_folders(const char* path) {
  if (::access(path, F_OK) == 0) return true;
  std::array<char, PATH_MAX> part{};
  for (std::size_t i = 0; path[i] != '\0' && i + 1 < part.size(); ++i) {
    if (path[i] == '/' && i > 0) ::mkdir(part.data(), 0755);
    part[i] = path[i];
  }
  return ::mkdir(part.data(), 0755) == 0 || errno == EEXIST;
}

int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

pid_t first_process = 0;  // Of the namespace, as its starter knows it.
void pass_on(int signal) {
  if (first_process > 0) ::kill(first_process, signal);
}
void tell_all(int signal) { ::kill(-1, signal); }

void on_terminate(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  ::sigaction(SIGTERM, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_all() {
  // Descriptors of other programs that are being started must not be held open here.
  ::syscall(SYS_close_range, 0U, ~0U, 0U);
}

}  // namespace

Walls::Walls(const Confinement& confinement, int channel)
    : confinement_(&confinement),
      channel_(channel),
      uid_map_(fmt::format("{0} {0} 1\n", ::geteuid())),
      gid_map_(fmt::format("{0} {0} 1\n", ::getegid())),
      cpu_seconds_(static_cast<std::uint64_t>((confinement.limits.cpu.count() + 999) / 1000)) {
  for (const std::string& folder : confinement.hidden) {
    struct stat info{};
    if (::lstat(folder.c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode)) hidden_folders_.push_back(folder);
    if (S_ISREG(info.st_mode)) hidden_files_.push_back(folder);
  }
}

Result<Walls> Walls::make(const Confinement& confinement, int channel) {
  Walls walls(confinement, channel);
  const bool has_view = confinement.kind == WallKind::namespaces;
  if (!confinement.network) {
    if (kArchitecture == 0)
      return fail(Code::unavailable, "no filter of system calls is known for this machine: neither x86-64 nor arm64");
    walls.filter_ = socket_filter(has_view                         ? SocketRule::own_network
                                  : confinement.listener_port != 0 ? SocketRule::tcp
                                                                   : SocketRule::none);
  }
  if (confinement.kind == WallKind::landlock) {
    LandlockRules rules;
    rules.unreadable = confinement.hidden;
    rules.writable = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty"};
    for (const ShownFolder& one : confinement.shown)
      if (one.writable) rules.writable.push_back(one.at);
    rules.network = confinement.network;
    rules.tcp_port = confinement.listener_port;
    SKEIN_TRY(walls.landlock_, make_landlock(rules));
  }
  // Limits are looked at; this holds who is faster than that. Threads are tasks, too.
  constexpr std::int64_t kTasksOfAProcess = 8;
  const std::int64_t tasks = confinement.limits.processes * kTasksOfAProcess;
  // Above what all files may take, so that who is ended is told why.
  if (confinement.limits.disk.value > 0)
    walls.most_file_bytes_ = static_cast<std::uint64_t>((confinement.limits.disk + kFileBeyondLimit).value);
  walls.most_tasks_ = static_cast<std::uint64_t>(tasks);
  const bool counts_time = confinement.limits.cpu.count() > 0;
  if (tasks > 0 || confinement.limits.memory.value > 0 || counts_time)
    if (auto group = ControlGroup::make(confinement.limits.memory, tasks, counts_time))
      walls.group_.emplace(std::move(*group));
  return walls;
}

int Walls::end_signal() const { return confinement_->kind == WallKind::namespaces ? SIGKILL : kEndAllSignal; }

bool Walls::mount_layer(const LayeredFolder& layer) {
  // By descriptors, as short as can be: names may hold what the options separate by, and options have 4 KiB at most.
  FixedText<4096> options;
  bool sound = true;
  const auto add = [&](const char* text, const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    sound = sound && descriptor >= 0;
    options.add(text).add("/proc/self/fd/").add(descriptor);
  };
  const char* separator = "lowerdir=";
  for (const std::string& one : layer.lower) {
    add(separator, one);
    separator = ":";
  }
  add(",upperdir=", layer.upper);
  add(",workdir=", layer.work);
  options.add(",userxattr");
  return sound && ::mount("overlay", layer.at.c_str(), "overlay", 0, options.text()) == 0;
}

bool Walls::hand_out_listener() const {
  if (channel_ < 0) return true;
  // A socket belongs to the network in which it was made, whoever accepts on it.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(confinement_->listener_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 128) != 0)
    return false;
  bool sent = send_descriptor(channel_, listener);
  ::close(listener);
  for (int i = 0; i < confinement_->sockets && sent; ++i) {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sent = one >= 0 && send_descriptor(channel_, one);
    ::close(one);
  }
  return sent;
}

const char* Walls::mount_all() const {
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "a mount namespace";
  // What is shown may lie in what is hidden: taken before it goes.
  std::array<int, kMostShown> shown{};
  std::size_t count = 0;
  for (const ShownFolder& one : confinement_->shown) {
    if (count == shown.size()) return "so many bind mounts";
    shown[count++] =
        static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, one.from.c_str(), OPEN_TREE_CLONE | O_CLOEXEC));
    if (shown[count - 1] < 0) return "a bind mount";
  }
  for (const LayeredFolder& layer : confinement_->layers)
    if (!mount_layer(layer)) return "overlayfs";
  for (const std::string& file : hidden_files_)
    if (::mount("/dev/null", file.c_str(), nullptr, MS_BIND, nullptr) != 0) return "a bind mount";
  for (const std::string& folder : hidden_folders_)
    if (::mount("none", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=4k,mode=755") != 0) return "a tmpfs";
  for (std::size_t i = 0; i < count; ++i) {
    const char* at = confinement_->shown[i].at.c_str();
    if (!make_folders(at) || ::syscall(SYS_move_mount, shown[i], "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) != 0)
      return "a bind mount";
    ::close(shown[i]);
  }
  if (!set_read_only("/", true, AT_RECURSIVE)) return "read-only mounts";
  for (const LayeredFolder& layer : confinement_->layers)
    if (!set_read_only(layer.at.c_str(), false, 0)) return "writable mounts";
  for (const ShownFolder& one : confinement_->shown)
    if (one.writable && !set_read_only(one.at.c_str(), false, 0)) return "writable mounts";
  return nullptr;
}

const char* Walls::enter_namespaces() const {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
                (confinement_->network ? 0 : CLONE_NEWNET)) != 0)
    return "namespaces";
  if (!write_whole("/proc/self/setgroups", "deny", 4) ||
      !write_whole("/proc/self/uid_map", uid_map_.data(), uid_map_.size()) ||
      !write_whole("/proc/self/gid_map", gid_map_.data(), gid_map_.size()))
    return "a user namespace";
  if (!confinement_->network) raise_loopback();
  if (!hand_out_listener()) return "a listening socket";
  if (const char* lacking = mount_all(); lacking != nullptr) return lacking;

  // The first process of a PID namespace takes all others along when it ends; it must be somebody's child.
  first_process = ::fork();
  if (first_process < 0) return "a process";
  if (first_process > 0) {
    on_terminate(pass_on);
    close_all();
    int status = 0;
    while (::waitpid(first_process, &status, 0) < 0 && errno == EINTR) {
    }
    ::_exit(exit_code_of(status));
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The machine's own would lead past the mounts, by the root folders of other processes.
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) return "a /proc of its own";
  const pid_t program = ::fork();
  if (program < 0) return "a process";
  if (program > 0) {
    on_terminate(tell_all);
    close_all();
    int status = 0;
    while (true) {
      const pid_t ended = ::wait(&status);
      if (ended == program) ::_exit(exit_code_of(status));
      if (ended < 0 && errno == ECHILD) ::_exit(127);
    }
  }
  return nullptr;
}

const char* Walls::enter_guard() const {
  ::setpgid(0, 0);
  if (!fork_guarded()) return "a process";
  return nullptr;
}

const char* Walls::enter() const {
  if (group_) group_->enter();
  const char* lacking = confinement_->kind == WallKind::namespaces ? enter_namespaces() : enter_guard();
  if (lacking != nullptr) return lacking;
  ::setsid();
  if (cpu_seconds_ > 0) {
    const rlimit limit{cpu_seconds_, cpu_seconds_ + 2};
    ::setrlimit(RLIMIT_CPU, &limit);
  }
  if (most_tasks_ > 0 && confinement_->kind == WallKind::namespaces) {
    const rlimit limit{most_tasks_, most_tasks_};  // In a user namespace it counts what is in there, but for root.
    ::setrlimit(RLIMIT_NPROC, &limit);
  }
  if (most_file_bytes_ > 0) {
    const rlimit limit{most_file_bytes_, most_file_bytes_};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (!drop_capabilities()) return "dropping capabilities";
  if (landlock_.number >= 0 && !enter_landlock(landlock_.number)) return "Landlock";
  if (!filter_.empty() && !enter_filter(filter_)) return "a filter of system calls";
  // The program's priority, not that of building its walls.
  ::setpriority(PRIO_PROCESS, 0, 10);
  constexpr int kWhoIsProcess = 1, kBestEffortLast = 2 << 13 | 7;  // ioprio_set(2)
  ::syscall(SYS_ioprio_set, kWhoIsProcess, 0, kBestEffortLast);
  return nullptr;
}

}  // namespace skein
