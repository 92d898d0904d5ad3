// `skein exec` killed at any instant: what it had stored stays readable, is a beginning of the output, holds no secret,
// and the next command works as if nothing had been.
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/random.h"
#include "e2e/skein_program.h"
#include "engine/schema.h"

namespace skein {
namespace {

int kills() {
  const char* asked = std::getenv("SKEIN_CRASH_KILLS");
  return asked != nullptr ? std::max(std::atoi(asked) / 10, 1) : 8;
}

/// Lines "N password=…" for ever, as fast as they go.
constexpr const char* kScript = "i=0; while :; do i=$((i+1)); echo \"$i password=hunter$i!\"; done";

TEST(LogKill, LeavesAReadableBeginningWithoutSecrets) {
  test::SkeinProgram skein;
  skein.workspace.make_folder(".git");
  SeededRandom random(17);
  int stored = 0;
  for (int round = 0; round < kills(); ++round) {
    const auto delay_us = static_cast<useconds_t>(20'000 + random.below(1'600'000));
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::setenv("HOME", skein.home.root().c_str(), 1);
      if (::chdir(skein.workspace.root().c_str()) != 0) ::_exit(126);
      ::execl(SKEIN_PROGRAM, "skein", "exec", "--quiet", "--", "sh", "-c", kScript, static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::usleep(delay_us);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto shown = skein.run({"log", "show", "last", "--raw"});
    if (shown.exit_code != 0) continue;  // Killed before the log had its beginning.
    EXPECT_EQ(shown.out.find("hunter"), std::string::npos) << "round " << round;
    std::size_t number = 0;
    for (std::size_t at = 0; at < shown.out.size();) {
      const std::size_t end = shown.out.find('\n', at);
      if (end == std::string::npos) break;  // The last line may be cut.
      ASSERT_EQ(shown.out.substr(at, end - at), std::to_string(++number) + " password=[redacted:password]");
      at = end + 1;
    }
    stored += number > 0 ? 1 : 0;
  }
  EXPECT_GT(stored, 0) << "no kill came after the first second, when output is handed to the system";
  EXPECT_EQ(skein.run({"exec", "--", "echo", "well"}).out, "well\n");
  EXPECT_EQ(skein.run({"log", "show", "last"}).out, "well\n");
}

}  // namespace
}  // namespace skein
