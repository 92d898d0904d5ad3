#include "base/platform/no_sockets.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skein {
namespace {

/// Runs `body` in a process of its own (the filter cannot be taken off) and gives its exit code.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool can_make_socket(int family) {
  const int made = ::socket(family, SOCK_STREAM, 0);
  if (made >= 0) ::close(made);
  return made >= 0;
}

TEST(NoSockets, TakesEverySocketAndLeavesPairs) {
  // The filter is the kernel's: without it skein refuses `airgapped`, and there is nothing to try.
  if (!can_forbid_sockets()) GTEST_SKIP() << "this kernel has no seccomp filters";
  EXPECT_TRUE(can_make_socket(AF_UNIX));
  EXPECT_EQ(in_child([] {
              if (!forbid_sockets()) return 10;
              for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
                if (can_make_socket(family) || errno != EACCES) return 20 + family;
              int ends[2];
              return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 ? 0 : 11;
            }),
            0);
  EXPECT_TRUE(can_make_socket(AF_UNIX)) << "only the child is without";
}

TEST(NoSockets, HoldsForProgramsThatAreStarted) {
  // The filter is the kernel's: without it skein refuses `airgapped`, and there is nothing to try.
  if (!can_forbid_sockets()) GTEST_SKIP() << "this kernel has no seccomp filters";
  // bash's /dev/tcp makes a socket before anything else; a refused one is told from a refused connection by its text.
  EXPECT_EQ(in_child([] {
              if (!forbid_sockets()) return 10;
              const int status =
                  std::system("bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>&1 | grep -qi 'permission denied'");
              return WIFEXITED(status) ? WEXITSTATUS(status) : 12;
            }),
            0);
}

TEST(NoSockets, CanBeAskedForTwice) {
  // The filter is the kernel's: without it skein refuses `airgapped`, and there is nothing to try.
  if (!can_forbid_sockets()) GTEST_SKIP() << "this kernel has no seccomp filters";
  EXPECT_EQ(in_child([] { return forbid_sockets() && forbid_sockets() && !can_make_socket(AF_INET) ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace skein
