// What an agent's work must pass, as a user sees it: tries, evidence, and checks that check nothing.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class GatesOfTasks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("calc.py", "def add(a, b):\n    return a - b\n");
  }
  /// An agent whose work is a shell script; the prompt is its input.
  void agent(const std::string& id, const std::string& script, const std::string& more = {}) {
    skein_.workspace.write(".skein/agents/" + id + ".toml",
                           "id = \"" + id +
                               "\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"process\"\n" +
                               "command = [\"sh\", \"-c\", '''" + script + "''']\n" + more);
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  json run(std::vector<std::string> words, int exit_code = 0) {
    words.emplace_back("--json");
    const auto outcome = skein_.run(words);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err << outcome.out;
    return outcome.out.empty() ? json() : json::parse(outcome.out, nullptr, false);
  }
  std::string log_of_last() { return skein_.run({"log", "show", "last"}).out; }

  test::SkeinProgram skein_;
};

TEST_F(GatesOfTasks, NoTryIsLikeTheOneBefore) {
  // Fails the same way each time; what it is told is kept beside the sandbox's files.
  agent("mine", "n=$(ls $HOME | wc -l); cat > $HOME/$n; echo PROMPT-$n; cat $HOME/$n; echo >> tried.txt",
        "tries = 5\nverify = [\"exit 9\"]\n");
  const auto outcome = skein_.run({"run", "make it right", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("after 3 tries, it is stuck at the same failure"), std::string::npos) << outcome.err;
  const std::string log = log_of_last();
  const auto second = log.find("PROMPT-1"), third = log.find("PROMPT-2");
  ASSERT_NE(second, std::string::npos) << log;
  ASSERT_NE(third, std::string::npos) << log;
  EXPECT_NE(log.substr(second, third - second).find("ended with exit code 9"), std::string::npos) << log;
  EXPECT_NE(log.substr(third).find("Do only this now"), std::string::npos) << log;
  EXPECT_EQ(log.find("PROMPT-3"), std::string::npos);
  EXPECT_FALSE(fs::exists(skein_.workspace.path("tried.txt")));
}

TEST_F(GatesOfTasks, TheStrongerAgentTakesOverInTheSameFiles) {
  agent("strong", "grep -q 'Another agent worked' && cat weak.txt && echo good > made.txt; echo done");
  agent("mine", "echo bad > made.txt; echo w > weak.txt",
        "stronger = \"strong\"\nverify = [\"grep -q good made.txt\"]\n");
  const json done = run({"run", "make it", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(done["status"], "applied");
  EXPECT_EQ(skein_.workspace.read("made.txt"), "good\n");
  EXPECT_EQ(skein_.workspace.read("weak.txt"), "w\n");
}

TEST_F(GatesOfTasks, AStrongerAgentThatIsNotThereIsToldBeforeAnythingStarts) {
  agent("mine", "echo bad > made.txt", "stronger = \"nobody\"\n");
  const auto outcome = skein_.run({"run", "make it", "--agent", "mine"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("nobody"), std::string::npos) << outcome.err;
}

TEST_F(GatesOfTasks, ACheckThatCannotFailIsNamed) {
  agent("mine", "sed -i 's/a - b/a + b/' calc.py; echo done",
        "verify = [\"true # looks\", \"python3 -c 'import calc; assert calc.add(1, 2) == 3'\"]\n");
  const json done = run({"run", "mend add, so that it adds", "--agent", "mine", "--accept", "never"});
  EXPECT_EQ(done["weak_checks"], json::array({"true # looks"}));
  const auto shown = skein_.run({"run", "mend add, so that it adds", "--agent", "mine", "--accept", "never"});
  EXPECT_NE(shown.out.find("`true # looks` says nothing of this"), std::string::npos) << shown.out;
  // Where no code changed nothing is said: no syntax error could be made.
  agent("mine", "echo text > notes.txt; echo done", "verify = [\"true\"]\n");
  EXPECT_EQ(run({"run", "write notes.txt until done", "--agent", "mine", "--accept", "never"})["weak_checks"],
            json::array());
  // And the setting ends it.
  agent("mine", "sed -i 's/a - b/a + b/' calc.py; echo done", "verify = [\"true\"]\n");
  skein_.workspace.write("skein.toml", "[agents]\nprove_checks = false\n");
  EXPECT_EQ(run({"run", "mend add", "--agent", "mine", "--accept", "never"})["weak_checks"], json::array());
}

TEST_F(GatesOfTasks, WhatPassedSpeaksForTheFilesAsTheyWereThen) {
  agent("mine", "sed -i 's/a - b/a + b/' calc.py; echo done",
        "verify = [\"python3 -c 'import calc, other; assert calc.add(1, 2) == 3 and other.x'\"]\n");
  skein_.workspace.write("other.py", "x = 1\n");
  const json waiting = run({"run", "mend add so that it adds", "--agent", "mine", "--accept", "never"});
  const std::string id = waiting["run_id"];
  // Another file, which nothing of the change touches, is edited: the pass is void, and the checks fail now.
  skein_.workspace.write("other.py", "x = 0\n");
  const auto refused = skein_.run({"apply", id});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("your files are others now, and with them"), std::string::npos) << refused.err;
  EXPECT_NE(skein_.workspace.read("calc.py").find("a - b"), std::string::npos) << "nothing was changed";
  // An edit with which they pass.
  skein_.workspace.write("other.py", "x = 2\n");
  const json applied = run({"apply", id});
  EXPECT_EQ(applied["status"], "applied");
  EXPECT_TRUE(applied["rechecked"]);
  EXPECT_NE(skein_.workspace.read("calc.py").find("a + b"), std::string::npos);
  ASSERT_EQ(skein_.run({"undo", "--yes"}).exit_code, 0);
  skein_.workspace.write("other.py", "x = 0\n");
  EXPECT_FALSE(run({"apply", id, "--unchecked"})["rechecked"]);
  EXPECT_NE(skein_.workspace.read("calc.py").find("a + b"), std::string::npos);
}

TEST_F(GatesOfTasks, NothingRunsAgainWhereNothingMoved) {
  agent("mine", "sed -i 's/a - b/a + b/' calc.py; echo done", "verify = [\"python3 -c 'import calc'\"]\n");
  const json waiting = run({"run", "mend add", "--agent", "mine", "--accept", "never"});
  EXPECT_FALSE(run({"apply", waiting["run_id"]})["rechecked"]);
}

TEST_F(GatesOfTasks, WhatACheckEditsIsTakenOverAndCheckedAgain) {
  // A formatter, and a test that wants what it made; the test's own files are no part of it.
  agent("mine", "echo 'x=1' > new.py; echo done",
        "verify = [\"sed -i 's/x=1/x = 1/' new.py\", \"grep -q 'x = 1' new.py && touch trace.txt\"]\n");
  const json done = run({"run", "write new.py", "--agent", "mine", "--accept", "always"});
  EXPECT_EQ(done["files"].size(), 1u) << done["files"].dump();
  EXPECT_EQ(done["moving_files"], json::array());
  EXPECT_EQ(skein_.workspace.read("new.py"), "x = 1\n");
  // One that never comes to rest is named.
  agent("mine", "echo 'x=1' > restless.py; echo done", "verify = [\"date +%N >> restless.py\"]\n");
  EXPECT_EQ(run({"run", "write restless.py", "--agent", "mine", "--accept", "never"})["moving_files"],
            json::array({"restless.py"}));
}

TEST_F(GatesOfTasks, AFailedJointCheckGoesBackToTheCulpritsAgent) {
  skein_.workspace.write(".skein/agents/sh.toml",
                         "id = \"sh\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"process\"\n"
                         "command = [\"sh\", \"-c\", '''p=$(cat); echo \"$p\" | head -1 | sh; echo done\n"
                         "if echo \"$p\" | grep -q 'Together with what others did'; then\n"
                         "  echo \"$p\" | grep -q 'ended with exit code 7' && rm bad.txt; fi''']\n");
  ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  const json plan{{"version", 1},
                  {"verify", {"if test -e a.txt && test -e bad.txt; then exit 7; fi"}},
                  {"steps",
                   {{{"id", "a"}, {"agent", "sh"}, {"task", "echo a > a.txt"}},
                    {{"id", "b"}, {"agent", "sh"}, {"task", "touch bad.txt; echo b > b.txt"}},
                    {{"id", "c"}, {"agent", "sh"}, {"task", "echo c > c.txt"}}}}};
  skein_.home.write("plan.json", plan.dump());
  const json done = run({"run", "--plan", skein_.home.path("plan.json"), "--accept", "always"});
  EXPECT_EQ(done["status"], "applied");
  for (const json& step : done["steps"]) EXPECT_EQ(step["state"], "done") << step.dump();
  EXPECT_NE(done["steps"][1]["reason"].get<std::string>().find("its agent mended it"), std::string::npos);
  EXPECT_TRUE(fs::exists(skein_.workspace.path("b.txt")) && fs::exists(skein_.workspace.path("c.txt")));
  EXPECT_FALSE(fs::exists(skein_.workspace.path("bad.txt")));
}

TEST_F(GatesOfTasks, ATaskIsLookedAtBeforeAnybodyStarts) {
  agent("mine", "echo x > made.txt; echo done");
  skein_.workspace.write("src/parser.py", "x = 1\n");
  auto outcome = skein_.run({"run", "tidy src/parsr.py", "--agent", "mine", "--accept", "never"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("it names src/parsr.py, which is not there (did you mean \"src/parser.py\"?)"),
            std::string::npos)
      << outcome.err;
  EXPECT_NE(outcome.err.find("does not say when it is done"), std::string::npos) << outcome.err;
  outcome =
      skein_.run({"run", "write src/new.py, with tests in src/parser.py", "--agent", "mine", "--accept", "never"});
  EXPECT_EQ(outcome.err.find("it names"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("when it is done"), std::string::npos) << outcome.err;
  // "add" is a function's name here, and no order to make a file.
  outcome = skein_.run({"run", "mend add in calcs.py until it adds", "--agent", "mine", "--accept", "never"});
  EXPECT_NE(outcome.err.find("it names calcs.py, which is not there"), std::string::npos) << outcome.err;
  outcome = skein_.run({"run", "mend it, then add calcs.py with tests", "--agent", "mine", "--accept", "never"});
  EXPECT_EQ(outcome.err.find("it names"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.out.find("1 file, 1 line added, 0 removed"), std::string::npos) << outcome.out;
  skein_.workspace.write("skein.toml", "[agents]\ntask_checks = \"refuse\"\n");
  outcome = skein_.run({"run", "tidy src/parsr.py", "--agent", "mine", "--accept", "never", "--no-cache"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("nothing was started"), std::string::npos) << outcome.err;
}

TEST_F(GatesOfTasks, PrivateDataOthersInputAndAWayOutDoNotComeTogether) {
  const std::string reads = "[permissions]\nnetwork = true\nuntrusted = true\n";
  agent("mine", "echo x > made.txt; echo done", reads);
  const std::vector<std::string> words{"run",   "do it until done", "--agent", "mine", "--accept",
                                       "never", "--mode",           "burst"};
  auto outcome = skein_.run(words);
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  for (const char* part : {"private data (the workspace's files", "what it reads by itself", "the network", "[relay]",
                           "agents.private_files = false"})
    EXPECT_NE(outcome.err.find(part), std::string::npos) << part << "\n" << outcome.err;
  // Each of the three can be taken away.
  skein_.home.write(".config/skein/config.toml", "[agents]\nprivate_files = false\n");
  EXPECT_EQ(skein_.run(words).exit_code, 0);
  skein_.workspace.write(".env", "TOKEN=1\n");
  agent("mine", "echo x > made.txt; echo done", "hide = []\n" + reads);
  outcome = skein_.run(words);
  EXPECT_NE(outcome.err.find(".env (hide)"), std::string::npos) << outcome.err;
  agent("mine", "echo x > made.txt; echo done", "hide = []\n[permissions]\nuntrusted = true\n");
  EXPECT_EQ(skein_.run(words).exit_code, 0);
  agent("mine", "echo x > made.txt; echo done", "hide = []\n[permissions]\nnetwork = true\n");
  EXPECT_EQ(skein_.run(words).exit_code, 0);
  auto untrusted = words;
  untrusted.emplace_back("--untrusted");
  EXPECT_NE(skein_.run(untrusted).err.find("the task (--untrusted)"), std::string::npos);
  // In a plan what stands on others' words is others' words.
  skein_.home.write(".config/skein/config.toml", "");
  agent("reader", "echo x > read.txt; echo done", "[permissions]\nuntrusted = true\n");
  agent("sender", "echo x > sent.txt; echo done", "[permissions]\nnetwork = true\n");
  const json plan{{"version", 1},
                  {"steps",
                   {{{"id", "read"}, {"agent", "reader"}, {"task", "read"}},
                    {{"id", "send"}, {"agent", "sender"}, {"task", "send"}, {"after", {"read"}}}}}};
  skein_.home.write("plan.json", plan.dump());
  outcome = skein_.run({"run", "--plan", skein_.home.path("plan.json"), "--mode", "burst"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_NE(outcome.err.find("the work of read, which reads it"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace skein
