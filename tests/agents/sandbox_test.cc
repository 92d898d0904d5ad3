#include "agents/sandbox.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agents/process_step.h"
#include "base/executor.h"
#include "engine/result_store.h"
#include "engine/step_context.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

class SandboxTest : public ::testing::TestWithParam<IsolationPath> {
 protected:
  void SetUp() override {
    const auto abilities = isolation_abilities(home_.path("try"));
    // Each path needs something of the kernel; `plain`, which needs least, is tried nearly everywhere.
    if (!is_possible(GetParam(), abilities)) GTEST_SKIP() << "this machine has no such path";
    options_.isolation = GetParam();
    home_.make_folder("sandboxes");
    options_.folder = home_.path("sandboxes");
    options_.hide = {".env", ".env.*", "!.env.example"};
  }
  void scan() {
    InlineExecutor executor;
    auto snapshot = repo::scan(work_.root(), {}, executor);
    ASSERT_TRUE(snapshot) << snapshot.error().to_string();
    base_.emplace(std::move(*snapshot));
  }
  static std::string shell(Sandbox& sandbox, std::string script) {
    std::string out;
    Command command;
    command.argv = {"sh", "-c", std::move(script)};
    command.environment = {"PATH=/usr/bin:/bin", "HOME=" + sandbox.scratch()};
    command.time_limit = Millis(30'000);
    command.on_output = [&](bool, std::string_view bytes) { out += bytes; };
    const auto outcome = sandbox.run(std::move(command), {});
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return out;
  }
  static std::string list(const ChangeSet& set) {
    std::string text;
    for (const Change& change : set.changes) text += change.path + " ";
    return text;
  }

  test::ScratchTree work_, home_;
  SandboxOptions options_;
  std::optional<repo::Snapshot> base_;
};

TEST_P(SandboxTest, ACopyThatIsStoppedLeavesNothingBehind) {
  work_.write("a.txt", "a\n");
  scan();
  std::stop_source stop;
  stop.request_stop();
  options_.stop = stop.get_token();
  const auto made = Sandbox::make(*base_, options_);
  if (GetParam() == IsolationPath::overlay) {
    EXPECT_TRUE(made) << "nothing is copied";
    return;
  }
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::cancelled);
  EXPECT_EQ(std::distance(fs::directory_iterator(options_.folder), {}), 0);
}

TEST_P(SandboxTest, GivesExactlyWhatWasChangedAndLeavesNothingBehind) {
  work_.write("a.txt", "a\n");
  work_.write("sub/b.txt", "b\n");
  scan();
  {
    const auto sandbox = Sandbox::make(*base_, options_);
    ASSERT_TRUE(sandbox) << sandbox.error().to_string();
    shell(**sandbox, "echo more >> a.txt; rm -r sub; mkdir new; echo n > new/n.txt; touch a.txt");
    const auto reading = (*sandbox)->changes();
    ASSERT_TRUE(reading) << reading.error().to_string();
    EXPECT_EQ(list(reading->set), "a.txt new/n.txt sub/b.txt ");
    EXPECT_EQ(work_.read("a.txt"), "a\n");
  }
  EXPECT_TRUE(fs::is_empty(home_.path("sandboxes")));
}

TEST_P(SandboxTest, SecretsAndSkeinsStateAreNotSeenAndCannotBeWritten) {
  work_.write(".env", "KEY=1");
  work_.write(".env.example", "KEY=");
  work_.write("app/.env.local", "KEY=2");
  work_.write("app/main.py", "");
  work_.write(".skein/journal", "x");
  scan();
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox);
  EXPECT_EQ(shell(**sandbox, "find . -type f | sort"), "./.env.example\n./app/main.py\n");
  EXPECT_EQ((*sandbox)->hidden(), (std::vector<std::string>{".env", ".skein", "app/.env.local"}));
  shell(**sandbox, "mkdir .skein && echo x > .skein/agents");
  const auto refused = (*sandbox)->changes();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::permission_denied);
}

TEST_P(SandboxTest, WhatGitIgnoresIsNoPartOfTheChanges) {
  work_.write(".gitignore", "*.log\n/build/\n");
  work_.write("kept.log", "tracked by nobody");
  scan();
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox);
  shell(**sandbox,
        "mkdir -p build/deep sub; echo x > build/deep/o; echo x > sub/a.log; echo '*.tmp' > sub/.gitignore; "
        "echo x > sub/b.tmp; echo x > sub/c.txt; echo x > b.tmp");
  const auto reading = (*sandbox)->changes();
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(list(reading->set), "b.tmp sub/.gitignore sub/c.txt ");
  EXPECT_EQ(reading->ignored, (std::vector<std::string>{"build/deep/o", "sub/a.log", "sub/b.tmp"}));
}

TEST_P(SandboxTest, FilesThatSomebodyElseChangedMeanwhileAreNamed) {
  work_.write("mine.txt", "1\n");
  work_.write("yours.txt", "1\n");
  scan();
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox);
  shell(**sandbox, "echo 2 > mine.txt; echo 2 > yours.txt");
  work_.write("yours.txt", "changed by a person\n");
  const auto refused = (*sandbox)->changes();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().to_string().find("yours.txt"), std::string::npos);
  EXPECT_EQ(refused.error().to_string().find("mine.txt"), std::string::npos);
}

TEST_P(SandboxTest, CommitsOfAnAgentStayInItsView) {
  const auto git = [&](const std::string& words) {
    return std::system(
        ("cd '" + work_.root() + "' && git -c user.name=a -c user.email=a@b " + words + " >/dev/null 2>&1").c_str());
  };
  work_.write("a.txt", "a\n");
  ASSERT_EQ(git("init && git add -A && git -c user.name=a -c user.email=a@b commit -m first"), 0);
  ASSERT_EQ(git("worktree add ../" + fs::path(work_.root()).filename().string() + "-linked"), 0);
  const std::string linked = work_.root() + "-linked";
  for (const std::string& root : {work_.root(), linked}) {
    InlineExecutor executor;
    base_.emplace(*repo::scan(root, {}, executor));
    const auto sandbox = Sandbox::make(*base_, options_);
    ASSERT_TRUE(sandbox) << sandbox.error().to_string();
    const std::string out = shell(**sandbox,
                                  "echo b > b.txt; git add -A; git -c user.name=a -c user.email=a@b commit -qm second "
                                  "&& git log --oneline | wc -l");
    EXPECT_EQ(out, "2\n") << root;
    EXPECT_EQ(list((*sandbox)->changes()->set), "b.txt ");
  }
  EXPECT_EQ(git("cat-file -e HEAD~1"), 128 << 8) << "the user's branch has one commit";
  fs::remove_all(linked);
}

TEST_P(SandboxTest, WhatAKilledOneLeftIsRemovedByTheNext) {
  work_.write("a.txt", "a\n");
  scan();
  home_.write("sandboxes/0123456789abcdef/upper/x", "left");
  home_.write("sandboxes/0123456789abcdef.lock", "");
  home_.make_folder("sandboxes/0123456789abcdef/closed/index");
  ::chmod(home_.path("sandboxes/0123456789abcdef/closed/index").c_str(), 0);
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox);
  EXPECT_FALSE(fs::exists(home_.path("sandboxes/0123456789abcdef")));
  EXPECT_FALSE(fs::exists(home_.path("sandboxes/0123456789abcdef.lock")));
}

TEST_P(SandboxTest, NamesOfAnyBytesAreCarriedOver) {
  const std::string odd = "od,d:\\ \"na\nme\xff";
  work_.write(odd + "/file", "1");
  scan();
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox);
  shell(**sandbox, "for f in */file; do echo 2 > \"$f\"; done");
  const auto reading = (*sandbox)->changes();
  ASSERT_TRUE(reading);
  ASSERT_EQ(reading->set.changes.size(), 1u);
  EXPECT_EQ(reading->set.changes[0].path, odd + "/file");
}

TEST_P(SandboxTest, MustNotLieInTheWorkspace) {
  work_.write("a.txt", "a\n");
  scan();
  options_.folder = work_.path("sandboxes");
  EXPECT_FALSE(Sandbox::make(*base_, options_));
}

TEST_P(SandboxTest, ShowsWhatEarlierStepsChangedAndTellsOnlyItsOwnChanges) {
  work_.write("a.txt", "a\n");
  work_.write("gone.txt", "g\n");
  work_.write("folder/old.txt", "o\n");
  scan();
  const auto file = [](std::string bytes) { return Entry{EntryKind::file, 0644, std::move(bytes)}; };
  options_.given.changes = {{"a.txt", file("a\n"), file("given\n")},
                            {"folder", {}, file("a file now\n")},
                            {"folder/old.txt", file("o\n"), {}},
                            {"gone.txt", file("g\n"), {}},
                            {"new/n.txt", {}, file("n\n")}};
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox) << sandbox.error().to_string();
  EXPECT_EQ(shell(**sandbox, "cat a.txt folder new/n.txt; ls; echo more >> new/n.txt; touch a.txt; rm folder"),
            "given\na file now\nn\na.txt\nfolder\nnew\n");
  const auto reading = (*sandbox)->changes();
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(list(reading->set), "folder new/n.txt ");
  EXPECT_EQ(reading->set.changes[1].before.bytes, "n\n");
  EXPECT_EQ(work_.read("a.txt"), "a\n");
}

TEST_P(SandboxTest, SharesNoPortsAndNoNameWithAnother) {
  work_.write("a.txt", "a\n");
  scan();
  options_.network = true;
  const auto one = Sandbox::make(*base_, options_), two = Sandbox::make(*base_, options_);
  ASSERT_TRUE(one && two);
  EXPECT_NE((*one)->name(), (*two)->name());
  EXPECT_GE(std::abs((*one)->first_port() - (*two)->first_port()), Sandbox::kPorts);
}

TEST_P(SandboxTest, IsAWorkTreeOfGitAlsoForASubmoduleAndKeepsTimesAndModes) {
  const auto git = [&](const std::string& folder, const std::string& words) {
    return std::system(("cd '" + folder + "' && git -c user.name=a -c user.email=a@b -c protocol.file.allow=always " +
                        words + " >/dev/null 2>&1")
                           .c_str());
  };
  const test::ScratchTree library;
  library.write("l.txt", "l\n");
  ASSERT_EQ(git(library.root(), "init && git add -A && git -c user.name=a -c user.email=a@b commit -m first"), 0);
  ASSERT_EQ(git(work_.root(), "init && git -c protocol.file.allow=always submodule add " + library.root() + " sub"), 0);
  work_.set_time("sub/l.txt", 1'000'000'000'000'000'000);
  ::chmod(work_.path("sub/l.txt").c_str(), 0755);
  InlineExecutor executor;
  base_.emplace(*repo::scan(work_.path("sub"), {}, executor));
  const auto sandbox = Sandbox::make(*base_, options_);
  ASSERT_TRUE(sandbox) << sandbox.error().to_string();
  const std::string out = shell(**sandbox,
                                "stat -c '%Y %a' l.txt; git rev-parse --show-toplevel; echo m >> l.txt; "
                                "git -c user.name=a -c user.email=a@b commit -qam second && git log --oneline | wc -l");
  EXPECT_EQ(out, "1000000000 755\n" + (*sandbox)->root() + "\n2\n");
  EXPECT_EQ(list((*sandbox)->changes()->set), "l.txt ");
  EXPECT_NE(git(work_.path("sub"), "cat-file -e HEAD~1"), 0) << "the user's branch has one commit";
  EXPECT_EQ(git(work_.path("sub"), "fsck --strict"), 0);
}

INSTANTIATE_TEST_SUITE_P(Paths, SandboxTest,
                         ::testing::Values(IsolationPath::overlay, IsolationPath::copy, IsolationPath::landlock,
                                           IsolationPath::plain),
                         [](const auto& path) { return std::string(to_string(path.param)); });

IsolationAbilities able(int landlock, const char* why_not_namespaces, const char* why_not_overlay) {
  return {why_not_namespaces, why_not_overlay, landlock, ""};
}

TEST(Isolation, AnAgentServerIsRefusedWhereThereIsNoNetworkOfItsOwn) {
  const test::ScratchTree work, home;
  work.write("a.txt", "a\n");
  InlineExecutor executor;
  const auto base = repo::scan(work.root(), {}, executor);
  ASSERT_TRUE(base);
  for (const IsolationPath path : {IsolationPath::landlock, IsolationPath::plain}) {
    auto manifest = parse_manifest(
        "id = \"served\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"session\"\n"
        "command = [\"false\"]\n[session]\nprotocol = \"opencode\"\n[relay]\nproviders = [\"any\"]\n",
        "served.toml");
    ASSERT_TRUE(manifest) << manifest.error().to_string();
    ProcessStepOptions options;
    options.sandboxes = home.path("sandboxes");
    options.isolation = path;
    const ProcessStepAgent agent(std::move(*manifest), *base, options);
    engine::Step step;
    step.name = "task";
    step.agent = &agent;
    step.parts = agent.parts("do it");
    engine::MemoryResults results;
    engine::StepContext context(step, {}, results, nullptr, {});
    const Status refused = agent.run(context);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Code::unavailable);
    const std::string text = refused.error().to_string();
    EXPECT_NE(text.find("served is an agent server, which is reached in a network of its own, and the isolation path " +
                        std::string(to_string(path)) + " has none"),
              std::string::npos)
        << text;
    EXPECT_TRUE(refused.error().way_out().starts_with("allow user namespaces on this machine")) << text;
    EXPECT_FALSE(fs::exists(home.path("sandboxes"))) << "nothing is copied for it";
  }
}

TEST_P(SandboxTest, CopiesWithTheHelpOfOthersWhatAloneItCopies) {
  for (int i = 0; i < 300; ++i)
    work_.write("d" + std::to_string(i % 17) + "/e" + std::to_string(i % 5) + "/" + std::to_string(i),
                std::to_string(i));
  work_.write("large", std::string(3'000'000, 'x'));
  work_.link("large", "link");
  fs::permissions(work_.path("d1"), fs::perms::owner_all);
  scan();
  ThreadPool pool(4);
  options_.executor = &pool;
  {
    ThreadPool sweeper(1);
    options_.sweeper = &sweeper;
    const auto sandbox = Sandbox::make(*base_, options_);
    ASSERT_TRUE(sandbox) << sandbox.error().to_string();
    const std::string all = "find . -type f | sort | xargs sha256sum; readlink link; stat -c '%a %n' d1 d1/e1/1";
    std::string expected;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(("cd " + work_.root() + " && " + all).c_str(), "r"),
                                                     ::pclose);
    std::array<char, 4096> buffer;
    for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
      expected.append(buffer.data(), got);
    EXPECT_EQ(shell(**sandbox, all), expected);
    shell(**sandbox,
          "rm -r d3; echo y >> d4/e4/4; ln -sf d4 link; rm -r d5; ln -s d4 d5; mkdir -p n/m; echo z > n/m/z");
    const auto reading = (*sandbox)->changes();
    ASSERT_TRUE(reading) << reading.error().to_string();
    std::size_t removed = 0;
    std::string others;
    for (const Change& change : reading->set.changes)
      if (change.after.kind == EntryKind::none)
        ++removed;
      else
        others += change.path + " ";
    EXPECT_EQ(others, "d4/e4/4 d5 link n/m/z ");
    EXPECT_EQ(removed, 36U) << "all of d3 and d5, though a link stands at d5";
  }
  EXPECT_TRUE(fs::is_empty(home_.path("sandboxes"))) << "the sweeper is done when it goes";
}

TEST(Isolation, TakesTheBestPathThatThereIs) {
  EXPECT_EQ(best_path(able(7, "", "")), IsolationPath::overlay);
  EXPECT_EQ(best_path(able(7, "", "no overlayfs")), IsolationPath::copy);
  EXPECT_EQ(best_path(able(7, "forbidden", "forbidden")), IsolationPath::landlock);
  EXPECT_EQ(best_path(able(0, "forbidden", "forbidden")), IsolationPath::plain);
}

TEST(Isolation, NamesAllThatAPathDoesNotHoldAndTheWayOut) {
  const auto refused = chosen_path({}, able(2, "forbidden", "forbidden"), true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::permission_denied);
  for (const char* what : {"forbidden", "cut short", "modes, owners", "any TCP port", "can be ended"})
    EXPECT_NE(refused.error().message().find(what), std::string::npos) << refused.error().message();
  EXPECT_NE(refused.error().way_out().find("--isolation weak"), std::string::npos);
  EXPECT_EQ(*chosen_path({.path = {}, .weak = true}, able(2, "forbidden", "forbidden"), true), IsolationPath::landlock);
  EXPECT_EQ(not_held(IsolationPath::landlock, able(7, "", ""), false).size(), 1u);
  EXPECT_TRUE(not_held(IsolationPath::copy, able(0, "", ""), true).empty());
}

TEST(Isolation, APathThatIsNotThereIsRefusedAlsoWhenAllIsAccepted) {
  const auto refused = chosen_path({.path = IsolationPath::landlock, .weak = true}, able(0, "", ""), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Code::unavailable);
}

}  // namespace
}  // namespace skein::agents
