// Takes the network away from this process and all its children, for good: a seccomp filter, no privilege needed.
#pragma once

#include "base/result.h"

namespace skein {

/// From now on no thread of this process, and no program it starts, can make a socket: socket(2) and io_uring_setup(2)
/// fail with EACCES; a system call of a foreign architecture ends the process. socketpair(2) stays: git and node use it
/// between parent and child, and it reaches nothing else. Cannot be undone. Call it before threads hold sockets.
/// Errors: `unavailable` where the kernel has no seccomp filters or the machine is neither x86-64 nor arm64.
Status forbid_sockets();

/// True if the kernel offers what `forbid_sockets` needs.
[[nodiscard]] bool can_forbid_sockets();

}  // namespace skein
