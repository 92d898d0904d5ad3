#include "base/platform/socket_filter.h"

#include <cerrno>
#include <cstddef>

#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skein {
namespace {

constexpr sock_filter load(unsigned at) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, at}; }
/// The lower half of a call's argument, on machines that put it first.
sock_filter load_argument(unsigned number) {
  return load(static_cast<unsigned>(offsetof(seccomp_data, args)) + 8 * number);
}
const sock_filter kAllow = filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
const sock_filter kRefuse = filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
const sock_filter kEnd = filter_statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);

}  // namespace

std::vector<sock_filter> socket_filter(SocketRule rule) {
  std::vector<sock_filter> program;
  const auto add = [&](std::initializer_list<sock_filter> more) { program.insert(program.end(), more); };
  // The verdict holds where the loaded value is this one; else the next instruction is looked at.
  const auto where_equal = [&](unsigned value, const sock_filter& verdict) {
    add({filter_jump(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1), verdict});
  };
  add({load(offsetof(seccomp_data, arch)), filter_jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0), kEnd});
  add({load(offsetof(seccomp_data, nr)), filter_jump(BPF_JMP | BPF_JGE | BPF_K, kFirstForeignCall, 0, 1), kEnd});
  where_equal(SYS_io_uring_setup, kRefuse);
  if (rule == SocketRule::tcp) {
    // TCP fast open connects without connect(2).
    for (const auto& [call, flags] : {std::pair{SYS_sendto, 3U}, {SYS_sendmsg, 2U}, {SYS_sendmmsg, 3U}})
      add({filter_jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 4), load_argument(flags),
           filter_jump(BPF_JMP | BPF_JSET | BPF_K, MSG_FASTOPEN, 0, 1), kRefuse, kAllow});
  }
  add({filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0), kAllow, load_argument(0)});
  where_equal(AF_NETLINK, kAllow);
  switch (rule) {
    case SocketRule::own_network:
      where_equal(AF_INET, kAllow);
      where_equal(AF_INET6, kAllow);
      break;
    case SocketRule::tcp:
      // Multipath TCP and datagrams pass by Landlock.
      add({filter_jump(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
           filter_jump(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0), kRefuse});
      add({load_argument(1), filter_statement(BPF_ALU | BPF_AND | BPF_K, 0xf),
           filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SOCK_STREAM, 1, 0), kRefuse, load_argument(2)});
      where_equal(0, kAllow);
      where_equal(IPPROTO_TCP, kAllow);
      break;
    case SocketRule::none:
      break;
  }
  add({kRefuse});
  return program;
}

bool enter_filter(const std::vector<sock_filter>& program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

}  // namespace skein
