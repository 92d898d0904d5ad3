// `skein hook install git` in real repositories: pages follow commits, and hooks of others stay.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "e2e/skein_program.h"

namespace skein {
namespace {

namespace fs = std::filesystem;

class GitHook : public testing::Test {
 protected:
  void SetUp() override {
    skein.workspace.make_folder(".git/hooks");
    skein.workspace.make_folder(".git/objects");
    skein.workspace.make_folder(".git/refs/heads");
    skein.workspace.write(".git/HEAD", "ref: refs/heads/main\n");
    skein.workspace.write(".git/config", "[core]\n\trepositoryformatversion = 0\n");
    skein.workspace.write("a.py", "x = 1\n");
  }
  [[nodiscard]] std::string hook(const std::string& name) const {
    const auto path = skein.workspace.path(".git/hooks/" + name);
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  test::SkeinProgram skein;
};

TEST_F(GitHook, IsInstalledOnceAndRemovedWithoutATrace) {
  const auto first = skein.run({"hook", "install", "git"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto script = hook("post-commit");
  EXPECT_TRUE(script.starts_with("#!/bin/sh\n")) << script;
  EXPECT_NE(script.find(" docs --quiet"), std::string::npos);
  EXPECT_NE(fs::status(skein.workspace.path(".git/hooks/post-merge")).permissions() & fs::perms::owner_exec,
            fs::perms::none);
  const auto second = skein.run({"hook", "install", "git"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_NE(second.out.find("Nothing to do"), std::string::npos) << second.out;
  ASSERT_EQ(skein.run({"hook", "remove", "git"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(skein.workspace.path(".git/hooks/post-commit")));
  EXPECT_FALSE(fs::exists(skein.workspace.path(".git/hooks/post-checkout")));
}

TEST_F(GitHook, HooksOfOthersComeBackAsTheyWere) {
  const std::string theirs = "#!/usr/bin/env bash\necho theirs\nexit 0\n";
  skein.workspace.write(".git/hooks/post-commit", theirs);
  ASSERT_EQ(skein.run({"hook", "install", "git"}).exit_code, 0);
  const auto script = hook("post-commit");
  // Ahead of what could end the script.
  EXPECT_LT(script.find("skein docs"), script.find("echo theirs"));
  EXPECT_TRUE(script.starts_with("#!/usr/bin/env bash\n"));
  ASSERT_EQ(skein.run({"hook", "remove", "git"}).exit_code, 0);
  EXPECT_EQ(hook("post-commit"), theirs);
}

TEST_F(GitHook, AHookThatIsNoShellScriptIsLeftAlone) {
  const std::string theirs = "#!/usr/bin/python3\nprint(1)\n";
  skein.workspace.write(".git/hooks/post-merge", theirs);
  const auto outcome = skein.run({"hook", "install", "git"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("post-merge is no shell script"), std::string::npos) << outcome.err;
  EXPECT_EQ(hook("post-merge"), theirs);
  EXPECT_FALSE(fs::exists(skein.workspace.path(".git/hooks/post-commit")));
}

TEST_F(GitHook, AnUnknownTargetIsNamedWithTheNearest) {
  const auto outcome = skein.run({"hook", "install", "gti"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("\"git\""), std::string::npos) << outcome.err;
}

TEST_F(GitHook, OutsideARepositoryItSaysSo) {
  fs::remove_all(skein.workspace.path(".git"));
  const auto outcome = skein.run({"hook", "install", "git"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("not in a git repository"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace skein
