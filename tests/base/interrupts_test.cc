#include "base/platform/interrupts.h"

#include <gtest/gtest.h>

#include <csignal>
#include <semaphore>

#include <sys/wait.h>
#include <unistd.h>

namespace skein {
namespace {

TEST(Interrupts, TheFirstRequestsTheStop) {
  std::binary_semaphore came(0);
  const auto watch = InterruptWatch::start([&] { came.release(); });
  ASSERT_TRUE(watch);
  const std::stop_token token = (*watch)->token();
  EXPECT_FALSE(token.stop_requested());
  ASSERT_EQ(::raise(SIGINT), 0);
  came.acquire();
  EXPECT_TRUE(token.stop_requested());
}

TEST(Interrupts, TheSecondEndsTheProcessWithItsCode) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto watch = InterruptWatch::start({});
    static_cast<void>(::raise(SIGTERM));
    static_cast<void>(::raise(SIGINT));
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
}

TEST(Interrupts, LeavesSignalsAsTheyWere) {
  {
    const auto watch = InterruptWatch::start({});
    ASSERT_TRUE(watch);
  }
  struct sigaction now{};
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &now), 0);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace skein
