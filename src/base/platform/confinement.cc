#include "base/platform/confinement.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
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

#include "base/platform/system_call_filter.h"

namespace skein {
namespace {

/// Text made where nothing may be allocated.
class FixedText {
 public:
  FixedText& add(const char* text) {
    while (*text != '\0' && size_ + 1 < bytes_.size()) bytes_[size_++] = *text++;
    return *this;
  }
  FixedText& add(int number) {
    std::array<char, 12> digits{};
    std::size_t at = digits.size() - 1;
    do digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    return add(digits.data() + at);
  }
  [[nodiscard]] const char* text() const { return bytes_.data(); }

 private:
  std::array<char, 4096> bytes_{};
  std::size_t size_ = 0;
};

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
    if (::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0 && errno != EINVAL) return false;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

/// A network namespace does not cut unix sockets that have a path, so only sockets of IP and netlink can be made, and
/// none by way of io_uring. socketpair(2) stays.
bool refuse_other_sockets() {
  constexpr unsigned kFamily = offsetof(seccomp_data, args);
  std::array<sock_filter, 13> program{
      filter_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0, 9),  // else: kill
      filter_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      filter_jump(BPF_JMP | BPF_JGE | BPF_K, kFirstForeignCall, 7, 0),   // kill
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 7, 0),  // refuse
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4),          // else: allow
      filter_statement(BPF_LD | BPF_W | BPF_ABS, kFamily),
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 2),  // else: refuse
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
  };
  const sock_fprog filter{program.size(), program.data()};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
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

/// Allocates nothing.
bool send_descriptor(int channel, int descriptor) {
  char nothing = 0;
  iovec bytes{&nothing, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return ::sendmsg(channel, &message, MSG_NOSIGNAL) == 1;
}

}  // namespace

Walls::Walls(const Confinement& confinement, int channel)
    : confinement_(confinement),
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

bool Walls::mount_layer(const LayeredFolder& layer) {
  // By descriptors, as short as can be: names may hold what the options separate by, and options have 4 KiB at most.
  FixedText options;
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
  address.sin_port = htons(confinement_.listener_port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 128) != 0)
    return false;
  bool sent = send_descriptor(channel_, listener);
  ::close(listener);
  for (int i = 0; i < confinement_.sockets && sent; ++i) {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sent = one >= 0 && send_descriptor(channel_, one);
    ::close(one);
  }
  return sent;
}

int received_listener(int channel) {
  char nothing = 0;
  iovec bytes{&nothing, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) < 0) return -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) return -1;
  int listener = -1;
  std::memcpy(&listener, CMSG_DATA(header), sizeof listener);
  return listener;
}

const char* Walls::enter() const {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
                (confinement_.network ? 0 : CLONE_NEWNET)) != 0)
    return "namespaces";
  if (!write_whole("/proc/self/setgroups", "deny", 4) ||
      !write_whole("/proc/self/uid_map", uid_map_.data(), uid_map_.size()) ||
      !write_whole("/proc/self/gid_map", gid_map_.data(), gid_map_.size()))
    return "a user namespace";
  if (!confinement_.network) raise_loopback();
  if (!hand_out_listener()) return "a listening socket";
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "a mount namespace";
  for (const LayeredFolder& layer : confinement_.layers)
    if (!mount_layer(layer)) return "overlayfs";
  for (const ShownFolder& one : confinement_.shown)
    if (::mount(one.from.c_str(), one.at.c_str(), nullptr, MS_BIND, nullptr) != 0) return "a bind mount";
  for (const std::string& file : hidden_files_)
    if (::mount("/dev/null", file.c_str(), nullptr, MS_BIND, nullptr) != 0) return "a bind mount";
  for (const std::string& folder : hidden_folders_)
    if (::mount("none", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=4k,mode=755") != 0) return "a tmpfs";
  if (!set_read_only("/", true, AT_RECURSIVE)) return "read-only mounts";
  for (const LayeredFolder& layer : confinement_.layers)
    if (!set_read_only(layer.at.c_str(), false, 0)) return "writable mounts";
  for (const ShownFolder& one : confinement_.shown)
    if (!set_read_only(one.at.c_str(), false, 0)) return "writable mounts";

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
  // Where the machine's own /proc is partly covered, a new one is refused; ours shows processes that cannot be reached.
  ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
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
  ::setsid();
  ::setpriority(PRIO_PROCESS, 0, 10);
  constexpr int kWhoIsProcess = 1, kBestEffortLast = 2 << 13 | 7;  // ioprio_set(2)
  ::syscall(SYS_ioprio_set, kWhoIsProcess, 0, kBestEffortLast);
  if (cpu_seconds_ > 0) {
    const rlimit limit{cpu_seconds_, cpu_seconds_ + 2};
    ::setrlimit(RLIMIT_CPU, &limit);
  }
  if (!drop_capabilities()) return "dropping capabilities";
  if (!confinement_.network && !refuse_other_sockets()) return "a filter of system calls";
  return nullptr;
}

}  // namespace skein
