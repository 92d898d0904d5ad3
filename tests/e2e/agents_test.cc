// Tasks for agents, as a user gives them.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class Tasks : public ::testing::Test {
 protected:
  void SetUp() override {
    // A kernel may forbid user namespaces: then skein runs no agents and `skein doctor` says so, so nothing is to be
    // tried.
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("calc.py", "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return a * 2\n");
    skein_.workspace.write("old.txt", "old\n");
  }
  /// An agent whose work is a shell script; the prompt is its input.
  void agent(const std::string& script, const std::string& more = {}) {
    skein_.workspace.write(".skein/agents/mine.toml",
                           "id = \"mine\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"process\"\n"
                           "command = [\"sh\", \"-c\", '''" +
                               script + "''']\n" + more);
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  json run(std::vector<std::string> words) {
    words.emplace_back("--json");
    const auto outcome = skein_.run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? json::parse(outcome.out) : json();
  }
  static constexpr const char* kFix =
      "cat; sed -i 's/a - b/a + b/' calc.py; rm old.txt; mkdir -p n; echo new > n/new.txt";

  test::SkeinProgram skein_;
};

TEST_F(Tasks, AreDoneBesideTheFilesAndAppliedAndTakenBackWhole) {
  agent(kFix, "verify = [\"python3 -c 'import calc; assert calc.add(1, 2) == 3'\"]\n");
  const json waiting = run({"run", "mend add", "--agent", "mine"});
  EXPECT_EQ(waiting["schema"], "skein.run/1");
  EXPECT_EQ(waiting["status"], "waiting");
  EXPECT_EQ(waiting["files"].size(), 3u) << "what a check makes is no change: " << waiting["files"].dump();
  EXPECT_NE(waiting["patch"].get<std::string>().find("+    return a + b"), std::string::npos);
  EXPECT_NE(skein_.workspace.read("calc.py").find("a - b"), std::string::npos);

  const json applied = run({"apply", waiting["run_id"]});
  EXPECT_EQ(applied["status"], "applied");
  EXPECT_NE(skein_.workspace.read("calc.py").find("a + b"), std::string::npos);
  EXPECT_FALSE(fs::exists(skein_.workspace.path("old.txt")));
  EXPECT_EQ(skein_.workspace.read("n/new.txt"), "new\n");

  const json undone = run({"undo", "--yes"});
  EXPECT_EQ(undone["of"], waiting["run_id"]);
  EXPECT_NE(skein_.workspace.read("calc.py").find("a - b"), std::string::npos);
  EXPECT_EQ(skein_.workspace.read("old.txt"), "old\n");
  EXPECT_FALSE(fs::exists(skein_.workspace.path("n")));
  const auto again = skein_.run({"undo", "--yes"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("taken back"), std::string::npos) << again.err;
}

TEST_F(Tasks, OfOneKindOnTheSameFilesAreDoneOnce) {
  agent("cat > /dev/null; date +%N > stamp.txt");
  const json first = run({"run", "stamp it", "--agent", "mine", "--accept", "never"});
  const json second = run({"run", "stamp it", "--agent", "mine", "--accept", "never"});
  EXPECT_FALSE(first["reused"]);
  EXPECT_TRUE(second["reused"]);
  EXPECT_EQ(first["patch"], second["patch"]);
  EXPECT_FALSE(run({"run", "stamp it", "--agent", "mine", "--accept", "never", "--no-cache"})["reused"]);
  EXPECT_FALSE(run({"run", "stamp that", "--agent", "mine", "--accept", "never"})["reused"]);
  skein_.workspace.write("another.txt", "x");
  EXPECT_FALSE(run({"run", "stamp it", "--agent", "mine", "--accept", "never"})["reused"]);
}

TEST_F(Tasks, AskedForTwiceAtOnceAreDoneOnce) {
  agent("cat > /dev/null; sleep 1; date +%N > stamp.txt");
  json answers[2];
  {
    std::vector<std::jthread> both;
    for (auto& answer : answers)
      both.emplace_back([&] { answer = run({"run", "stamp it", "--agent", "mine", "--accept", "never"}); });
  }
  EXPECT_NE(answers[0]["reused"], answers[1]["reused"]);
  EXPECT_EQ(answers[0]["patch"], answers[1]["patch"]);
}

TEST_F(Tasks, ThatDoNotPassTheirChecksChangeNothing) {
  agent(kFix, "verify = [\"grep -q 'a \\\\* b' calc.py\"]\n");
  const auto outcome = skein_.run({"run", "mend", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("does not pass after 3 tries"), std::string::npos) << outcome.err;
  EXPECT_NE(skein_.workspace.read("calc.py").find("a - b"), std::string::npos);
  EXPECT_TRUE(fs::exists(skein_.workspace.path("old.txt")));
}

TEST_F(Tasks, AFailedCheckGoesBackToTheAgentWithItsSummary) {
  // It does the right thing only when it is told what failed.
  agent("if grep -q 'ended with exit code 9'; then echo good > made.txt; else echo bad > made.txt; fi",
        "tries = 2\nverify = [\"grep -q good made.txt || exit 9\"]\n");
  const json done = run({"run", "make it", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(done["status"], "applied");
  EXPECT_EQ(skein_.workspace.read("made.txt"), "good\n");
}

TEST_F(Tasks, AnAgentThatFailsIsStuckOrSilentIsNoSuccess) {
  agent("echo x > made.txt; exit 3");
  auto outcome = skein_.run({"run", "x", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("exit code 3"), std::string::npos);
  agent("sleep 60", "[limits]\ntime_s = 1\n");
  outcome = skein_.run({"run", "x", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("longer than 1 s"), std::string::npos) << outcome.err;
  agent("cat > /dev/null");
  outcome = skein_.run({"run", "x", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("without a word and without a change"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(skein_.workspace.path("made.txt")));
}

TEST_F(Tasks, LaterEditsInOtherLinesAreKeptAndInTheSameLinesAreConflicts) {
  agent(kFix);
  const json done = run({"run", "mend", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(done["status"], "applied");
  const std::string fixed = skein_.workspace.read("calc.py");
  skein_.workspace.write("calc.py", fixed + "\n\ndef mine():\n    pass\n");
  const json undone = run({"undo", "--yes"});
  EXPECT_EQ(undone["merged"], json::array({"calc.py"}));
  const std::string text = skein_.workspace.read("calc.py");
  EXPECT_NE(text.find("a - b"), std::string::npos);
  EXPECT_NE(text.find("def mine"), std::string::npos);

  const json again = run({"run", "mend", "--agent", "mine", "--accept", "never"});
  skein_.workspace.write("calc.py", "def add(a, b):\n    return b + a\n");
  const auto refused = skein_.run({"apply", again["run_id"]});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("calc.py"), std::string::npos) << refused.err;
  EXPECT_EQ(skein_.workspace.read("calc.py"), "def add(a, b):\n    return b + a\n");
  EXPECT_TRUE(fs::exists(skein_.workspace.path("old.txt"))) << "all or nothing";
}

TEST_F(Tasks, CanBeTakenBackAfterACollection) {
  agent(kFix);
  ASSERT_EQ(run({"run", "mend", "--agent", "mine", "--accept", "always"})["status"], "applied");
  ASSERT_EQ(skein_.run({"gc"}).exit_code, 0);
  EXPECT_EQ(run({"undo", "--yes"})["status"], "undone");
  EXPECT_EQ(skein_.workspace.read("old.txt"), "old\n");
}

TEST_F(Tasks, AreRunByNobodyWhomTheUserDoesNotTrust) {
  skein_.workspace.write(".skein/agents/mine.toml",
                         "id = \"mine\"\nversion = \"1.0.0\"\ndescription = \"d\"\n"
                         "backend = \"process\"\ncommand = [\"touch\", \"made\"]\n");
  const auto outcome = skein_.run({"run", "x", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("not trusted"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(skein_.workspace.path("made")));
}

TEST_F(Tasks, NetworkIsGivenOnlyWhereTheModeAllowsIt) {
  agent("cat; echo x > made.txt", "[permissions]\nnetwork = true\n");
  const auto outcome = skein_.run({"run", "x", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("--mode burst"), std::string::npos) << outcome.err;
  EXPECT_EQ(skein_.run({"run", "x", "--agent", "mine", "--accept", "always", "--mode", "burst"}).exit_code, 0);
}

TEST_F(Tasks, SeeNoKeysOfTheUsers) {
  skein_.home.write(".ssh/id_rsa", "private");
  skein_.workspace.write(".env", "TOKEN=1");
  agent("cat ../home/.ssh/id_rsa \"" + skein_.home.path(".ssh/id_rsa") + "\" .env 2>/dev/null; env; true");
  const json done = run({"run", "look around", "--agent", "mine", "--accept", "never"});
  EXPECT_EQ(done["status"], "unchanged");
  const auto shown = skein_.run({"runs", "show", "last"});
  EXPECT_EQ(shown.out.find("private"), std::string::npos) << shown.out;
  EXPECT_EQ(shown.out.find("TOKEN"), std::string::npos) << shown.out;
}

TEST_F(Tasks, AFailureIsSaidOnce) {
  agent("echo oops; exit 3");
  const auto failed = skein_.run({"run", "x", "--agent", "mine"});
  EXPECT_EQ(failed.exit_code, 1);
  const auto first = failed.err.find("ended with exit code 3");
  ASSERT_NE(first, std::string::npos) << failed.err;
  EXPECT_EQ(failed.err.find("ended with exit code 3", first + 1), std::string::npos) << failed.err;
  EXPECT_NE(failed.err.find("\nskein: mine ended"), std::string::npos) << failed.err;
}

/// What is shown at a terminal, where `keys` are typed when a question has come.
std::pair<std::string, int> at_a_terminal(const test::SkeinProgram& skein, const std::vector<std::string>& words,
                                          std::string_view keys) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    std::vector<char*> arguments{const_cast<char*>(SKEIN_PROGRAM)};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::setenv("HOME", skein.home.root().c_str(), 1);
    if (::chdir(skein.workspace.root().c_str()) == 0) ::execv(SKEIN_PROGRAM, arguments.data());
    ::_exit(127);
  }
  std::string shown;
  std::array<char, 4096> buffer{};
  bool typed = false;
  pollfd wait{terminal, POLLIN, 0};
  while (::poll(&wait, 1, 120'000) > 0) {
    const ssize_t size = ::read(terminal, buffer.data(), buffer.size());
    if (size <= 0) break;  // EIO: its other side is closed.
    shown.append(buffer.data(), static_cast<std::size_t>(size));
    if (typed || !shown.contains("[y/N]")) continue;
    typed = ::write(terminal, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size());
  }
  ::close(terminal);
  ::kill(child, typed ? 0 : SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {shown, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST_F(Tasks, AreAcceptedAtATerminalAndCtrlCIsANo) {
  agent(kFix);
  const auto [stopped, code] = at_a_terminal(skein_, {"run", "mend add", "--agent", "mine"}, "\x03");
  EXPECT_EQ(code, 0) << stopped;
  EXPECT_NE(stopped.find("Not applied: `skein apply"), std::string::npos) << stopped;
  EXPECT_NE(skein_.workspace.read("calc.py").find("a - b"), std::string::npos);
  const auto [accepted, accepted_code] = at_a_terminal(skein_, {"run", "mend add", "--agent", "mine"}, "y\n");
  EXPECT_EQ(accepted_code, 0) << accepted;
  EXPECT_NE(accepted.find("Applied. `skein undo` takes it back."), std::string::npos) << accepted;
  EXPECT_NE(skein_.workspace.read("calc.py").find("a + b"), std::string::npos);
  const auto [kept, kept_code] = at_a_terminal(skein_, {"undo"}, "\x03");
  EXPECT_EQ(kept_code, 130) << kept;
  EXPECT_NE(skein_.workspace.read("calc.py").find("a + b"), std::string::npos);
}

TEST_F(Tasks, DryRunsSayWhatWouldBeDoneAndDoNothing) {
  agent("echo x > made.txt", "verify = [\"make test\"]\n");
  const auto plan = skein_.run({"run", "x", "--dry-run"});
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_NE(plan.out.find("make test"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("Nothing was run."), std::string::npos);
  EXPECT_EQ(skein_.run({"run", "  "}).exit_code, 2);
}

TEST(Agents, AreListedShownAndChecked) {
  test::SkeinProgram skein;
  EXPECT_NE(skein.run({"agents", "list"}).out.find("No agents of your own yet"), std::string::npos);
  skein.workspace.write(".skein/agents/good.toml",
                        "id = \"good\"\nversion = \"1.0.0\"\ndescription = \"d\"\n"
                        "backend = \"process\"\ncommand = [\"true\"]\n");
  skein.workspace.write(".skein/agents/bad.toml", "id = \"bad\"\nversion = \"one\"\n");
  const auto checked = skein.run({"agents", "check"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_NE(checked.out.find("bad.toml: \"version\" is needed"), std::string::npos) << checked.out;
  ASSERT_EQ(skein.run({"trust", "--yes"}).exit_code, 0);
  EXPECT_NE(skein.run({"agents", "show", "good"}).out.find("none but its own loopback"), std::string::npos);
  const json listed = json::parse(skein.run({"agents", "list", "--json"}).out)["agents"];
  std::size_t shipped = 0;
  for (const json& agent : listed) {
    if (agent["place"] == "shipped") ++shipped;
    if (agent["id"] != "good") continue;
    EXPECT_EQ(agent["place"], "workspace");
    EXPECT_TRUE(agent["installed"]);
  }
  EXPECT_GE(shipped, 15u);
  EXPECT_EQ(shipped + 1, listed.size());
  EXPECT_EQ(skein.run({"agents", "show", "goood"}).exit_code, 2);
}

}  // namespace
}  // namespace skein
