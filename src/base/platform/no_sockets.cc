#include "base/platform/no_sockets.h"

#include <array>
#include <cerrno>
#include <cstddef>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skein {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
constexpr unsigned kFirstForeignCall = 0x40000000U;  // x32
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
constexpr unsigned kFirstForeignCall = 0xffffffffU;  // none
#else
constexpr unsigned kArchitecture = 0;
constexpr unsigned kFirstForeignCall = 0;
#endif

sock_filter statement(unsigned code, unsigned value) { return {static_cast<__u16>(code), 0, 0, value}; }
sock_filter jump(unsigned code, unsigned value, __u8 if_true, __u8 if_false) {
  return {static_cast<__u16>(code), if_true, if_false, value};
}

}  // namespace

Status forbid_sockets() {
  if (kArchitecture == 0)
    return fail(Code::unavailable, "airgapped mode needs x86-64 or arm64: no filter is known for this machine");
  std::array<sock_filter, 9> program{
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0, 5),  // else: kill
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      jump(BPF_JMP | BPF_JGE | BPF_K, kFirstForeignCall, 3, 0),   // kill
      jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 3, 0),          // refuse
      jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 2, 0),  // refuse
      statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
  };
  const sock_fprog filter{program.size(), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0) {
    const Error cause = system_error(errno, "the kernel refuses the filter of airgapped mode");
    return std::unexpected(Error(Code::unavailable, cause.message()).or_do("run without --mode airgapped"));
  }
  return {};
}

bool can_forbid_sockets() {
  if (kArchitecture == 0) return false;
  unsigned action = SECCOMP_RET_KILL_PROCESS;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

}  // namespace skein
