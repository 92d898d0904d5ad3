#include "app/hook_run.h"

#include <gtest/gtest.h>

namespace skein::app {
namespace {

TEST(HookRun, PutsBuildsAndTestsUnderExecAsTheyWereTyped) {
  EXPECT_EQ(under_exec("make -j2 && ctest", "/bin/skein"),
            "'/bin/skein' exec --format agent -- bash -c 'make -j2 && ctest'");
  EXPECT_EQ(under_exec("echo_it 'a b' | wc", "skein"),
            "'skein' exec --format agent -- bash -c 'echo_it '\\''a b'\\'' | wc'");
  EXPECT_EQ(under_exec("FOO=1 npm test", "skein"), "'skein' exec --format agent -- bash -c 'FOO=1 npm test'");
  EXPECT_EQ(under_exec("git commit -m x", "skein"), "'skein' exec --format agent -- bash -c 'git commit -m x'");
}

TEST(HookRun, KeepsAChangeOfFolderInTheAgentsShell) {
  EXPECT_EQ(under_exec("cd build && make", "skein"), "cd build && 'skein' exec --format agent -- bash -c 'make'");
  EXPECT_EQ(under_exec("cd \"$DIR\" && make", "skein"), std::nullopt);
  EXPECT_EQ(under_exec("cd build", "skein"), std::nullopt);
}

TEST(HookRun, LeavesAloneWhatReadsChangesTheShellOrGoesToTheBackground) {
  for (const auto* command : {"cat a.txt", "grep -r x .", "git diff HEAD~1", "export A=1", "source env", "server &", "",
                              "  ", "skein exec -- make", "cd a && git log", "cd a && export B=2", ". ./env"})
    EXPECT_EQ(under_exec(command, "skein"), std::nullopt) << command;
}

}  // namespace
}  // namespace skein::app
