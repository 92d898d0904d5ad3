// Filters of system calls (seccomp) that say which sockets a program and all that it starts can make.
#pragma once

#include <vector>

#include "base/platform/system_call_filter.h"

namespace skein {

/// socketpair(2) always stays: it reaches nothing but what a program starts.
enum class SocketRule {
  own_network,  ///< IP and netlink, for a network namespace of its own: no socket file of a daemon is reached.
  tcp,          ///< TCP and netlink, and no connection but by connect(2), which Landlock sees.
  none,         ///< Netlink alone.
};

/// Also refuses io_uring, which makes sockets by itself, and ends who makes system calls of a foreign architecture.
[[nodiscard]] std::vector<sock_filter> socket_filter(SocketRule rule);

/// For good, for this thread and all that it starts. Allocates nothing; errno says what failed. REQUIRES no new
/// privileges (prctl(2)).
[[nodiscard]] bool enter_filter(const std::vector<sock_filter>& program);

}  // namespace skein
