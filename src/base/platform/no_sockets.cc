#include "base/platform/no_sockets.h"

#include <array>
#include <cerrno>
#include <cstddef>

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/platform/system_call_filter.h"

namespace skein {

Status forbid_sockets() {
  if (kArchitecture == 0)
    return fail(Code::unavailable, "airgapped mode needs x86-64 or arm64: no filter is known for this machine");
  std::array<sock_filter, 9> program{
      filter_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0, 5),  // else: kill
      filter_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      filter_jump(BPF_JMP | BPF_JGE | BPF_K, kFirstForeignCall, 3, 0),   // kill
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 3, 0),          // refuse
      filter_jump(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 2, 0),  // refuse
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      filter_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
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
