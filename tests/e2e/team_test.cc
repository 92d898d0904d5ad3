// Plans of several agents, as a user runs them.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agents/team_plan.h"
#include "base/platform/confinement.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class Team : public ::testing::Test {
 protected:
  void SetUp() override {
    // A kernel may forbid user namespaces: then skein runs no agents and `skein doctor` says so, so nothing is to be
    // tried.
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    // An agent whose task is a shell script.
    skein_.workspace.write(".skein/agents/sh.toml",
                           "id = \"sh\"\nversion = \"1.0.0\"\ndescription = \"Does what its task says\"\n"
                           "backend = \"process\"\ncommand = [\"sh\"]\ntries = 1\n");
    skein_.workspace.write("lines.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  }
  void plan(const json& steps, const json& verify = json::array()) {
    json made{{"version", 1}, {"name", "the plan"}, {"verify", verify}, {"steps", steps}};
    skein_.home.write("plan.json", made.dump());
  }
  static json step(const std::string& id, const std::string& script, const json& after = json::array()) {
    return {{"id", id}, {"agent", "sh"}, {"task", script + "\necho done"}, {"after", after}};
  }
  test::Outcome run(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"run", "--plan", skein_.home.path("plan.json"), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return skein_.run(words);
  }
  json good(std::vector<std::string> more = {}) {
    const auto outcome = run(std::move(more));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    return outcome.exit_code == 0 ? json::parse(outcome.out) : json();
  }
  static std::string states(const json& output) {
    std::string text;
    for (const json& step : output["steps"])
      text += step["id"].get<std::string>() + ":" + step["state"].get<std::string>() + " ";
    return text;
  }
  [[nodiscard]] bool exists(const std::string& path) const { return fs::exists(skein_.workspace.path(path)); }

  test::SkeinProgram skein_;
};

TEST_F(Team, StepsSeeWhatTheyStandOnAndAreAppliedAndTakenBackAsOne) {
  plan({step("first", "echo a > made.txt; rm lines.txt"),
        step("second", "grep -q a made.txt && test ! -e lines.txt && echo b >> made.txt", {"first"}),
        step("beside", "test ! -e made.txt && echo c > other.txt")});
  const json waiting = good();
  EXPECT_EQ(waiting["status"], "waiting");
  EXPECT_EQ(states(waiting), "first:done second:done beside:done ");
  EXPECT_FALSE(exists("made.txt"));
  const json applied = good({"--accept", "always"});
  EXPECT_EQ(applied["status"], "applied");
  EXPECT_TRUE(applied["reused"]) << "the same plan on the same files does nothing twice";
  EXPECT_EQ(skein_.workspace.read("made.txt"), "a\nb\n");
  EXPECT_EQ(skein_.workspace.read("other.txt"), "c\n");
  EXPECT_FALSE(exists("lines.txt"));
  EXPECT_EQ(skein_.run({"undo", "--yes"}).exit_code, 0);
  EXPECT_FALSE(exists("made.txt"));
  EXPECT_FALSE(exists("other.txt"));
  EXPECT_TRUE(exists("lines.txt"));
}

TEST_F(Team, OneFileChangedByTwoInDifferentLinesHasBothAndInTheSameLinesIsAConflict) {
  plan({step("one", "sed -i s/1/one/ lines.txt"), step("nine", "sed -i s/9/nine/ lines.txt")});
  const json merged = good({"--accept", "always"});
  EXPECT_EQ(merged["merged"], json::array({"lines.txt"}));
  EXPECT_EQ(skein_.workspace.read("lines.txt"), "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
  plan({step("left", "sed -i s/5/left/ lines.txt"), step("right", "sed -i s/5/right/ lines.txt")});
  const auto refused = run({"--accept", "always"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("lines.txt (the same lines changed: left, right)"), std::string::npos) << refused.err;
  // One line of it is JSON, where quotes are escaped.
  EXPECT_NE(refused.err.find(R"(lines.txt: left has \"left\")"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find(R"(lines.txt: right has \"right\")"), std::string::npos) << refused.err;
  EXPECT_EQ(skein_.workspace.read("lines.txt"), "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
}

TEST_F(Team, AFailedStepSkipsWhatStandsOnItAndKeepsTheOthers) {
  plan({step("good", "echo g > good.txt"), step("bad", "echo b > bad.txt; exit 3"),
        step("after-bad", "echo x > x.txt", {"bad"}), step("after-good", "echo y > y.txt", {"good"})});
  const auto outcome = run({"--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  const json output = json::parse(outcome.out);
  EXPECT_EQ(output["status"], "incomplete");
  EXPECT_EQ(states(output), "good:done bad:failed after-bad:skipped after-good:done ");
  EXPECT_NE(output["steps"][1]["reason"].get<std::string>().find("exit code 3"), std::string::npos);
  EXPECT_EQ(output["files"].size(), 2u);
  EXPECT_FALSE(exists("good.txt")) << "nothing is applied unasked when something is missing";
}

TEST_F(Team, WhatPassedAloneIsTestedTogetherAndTheCulpritIsLeftOut) {
  plan({step("a", "echo a > a.txt"), step("b", "echo b > b.txt"), step("c", "touch together.bad"),
        step("on-c", "echo d > d.txt", {"c"}), step("e", "echo e > e.txt")},
       {"test ! -e together.bad || ! test -e b.txt"});
  const auto outcome = run({"--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  const json output = json::parse(outcome.out);
  EXPECT_EQ(states(output), "a:done b:done c:left out on-c:left out e:done ");
  EXPECT_EQ(output["files"].size(), 3u);
  EXPECT_FALSE(exists("a.txt")) << "nothing is applied unasked when something is missing";
  EXPECT_EQ(skein_.run({"apply", output["run_id"].get<std::string>()}).exit_code, 0);
  EXPECT_TRUE(exists("a.txt") && exists("b.txt") && exists("e.txt") && !exists("d.txt"));
}

TEST_F(Team, WhereTheFilesFailAlreadyNoStepIsBlamed) {
  plan({step("a", "echo a > a.txt"), step("b", "echo b > b.txt")}, {"exit 7"});
  const auto outcome = run();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("the files as they were do not"), std::string::npos) << outcome.err;
}

TEST_F(Team, ChecksOfAStepAreItsOwn) {
  json checked = step("a", "echo a > a.txt");
  checked["verify"] = {"test -e b.txt"};
  plan({checked, step("b", "echo b > b.txt")});
  const auto outcome = run();
  EXPECT_EQ(outcome.exit_code, 1);
  const json output = json::parse(outcome.out);
  EXPECT_EQ(states(output), "a:failed b:done ");
  EXPECT_NE(output["steps"][0]["reason"].get<std::string>().find("does not pass"), std::string::npos);
}

TEST_F(Team, AResumedPlanDoesOnlyWhatIsLeft) {
  plan({step("slow", "echo s > s.txt"), step("needs", "test -e gate.txt || exit 1", {"slow"})});
  const auto failed = run();
  EXPECT_EQ(failed.exit_code, 1);
  const std::string id = json::parse(failed.out)["run_id"];
  const json again = json::parse(skein_.run({"runs", "resume", id, "--json"}).out);
  EXPECT_EQ(again["done"], 0);
  EXPECT_EQ(again["reused"], 2) << "the step that was done, and what was put together";
  EXPECT_EQ(again["failed"], 1);
}

TEST_F(Team, AnEditedTaskIsDoneAgainWithWhatStandsOnItAlsoWhereThePlanLiesInTheWorkspace) {
  json steps{step("a", "echo a > a.txt"), step("b", "echo b > b.txt"), step("on-b", "echo d > d.txt", {"b"})};
  const auto done = [&](const json& plan) {
    skein_.workspace.write("plan.json", json{{"version", 1}, {"steps", plan}}.dump());
    const auto outcome = skein_.run({"run", "--plan", "plan.json", "--accept", "never", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(skein_.run({"runs", "show", "last", "--json"}).out)["done"].get<int>();
  };
  EXPECT_EQ(done(steps), 4) << "three, and what puts them together";
  steps[1]["task"] = "echo B > b.txt; echo done";
  EXPECT_EQ(done(steps), 3) << "b, what stands on it, and what puts them together";
  EXPECT_EQ(done(steps), 0);
}

TEST_F(Team, DryRunsSayWhoDoesWhatWhenAndRunNothing) {
  json first = step("first", "echo a > a.txt"), second = step("second", "true", {"first"});
  first["minutes"] = 15;
  second["minutes"] = 20.5;
  plan({first, second, step("beside", "true")}, {"make test"});
  const auto outcome = skein_.run({"run", "--plan", skein_.home.path("plan.json"), "--dry-run"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {" 1  first ", " 2  second ", "after first", "Critical path: first second", "35.5 minutes",
                           "make test", "Nothing was run."})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  EXPECT_FALSE(exists(".skein/journals"));
  EXPECT_EQ(skein_.run({"run", "x", "--plan", skein_.home.path("plan.json")}).exit_code, 2);
}

TEST_F(Team, MinutesThatAPlanDoesNotSayAreThoseThatItsAgentsTookBefore) {
  plan({step("first", "sleep 0.2; echo a > a.txt"), step("second", "true", {"first"})});
  good();
  const auto outcome = skein_.run({"run", "--plan", skein_.home.path("plan.json"), "--dry-run"});
  EXPECT_NE(outcome.out.find("~0.1 min"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("0.2 minutes are expected"), std::string::npos) << outcome.out;
}

// A minute of the plan is 60 ms here.
TEST_F(Team, TheSixGroupPlanThatShipsTakesItsCriticalPath) {
  const fs::path example = fs::path(SKEIN_EXAMPLES_DIR) / "team";
  const std::string text = text_of(example / "team.toml");
  auto plan = agents::parse_team_plan(text, "team.toml");
  ASSERT_TRUE(plan) << plan.error().to_string();
  const auto outlook = agents::outlook_of(*plan);
  EXPECT_EQ(outlook.groups.size(), 6u);
  EXPECT_EQ(outlook.critical_minutes, 120);
  EXPECT_EQ(outlook.all_minutes, 165);
  for (const auto& step : plan->steps) {
    std::string manifest = text_of(example / "agents" / (step.agent + ".toml"));
    const std::string work = "cat >/dev/null; date +%s%N > " + step.id + ".txt; sleep " +
                             std::to_string(*step.minutes * 0.06) + "; date +%s%N >> " + step.id + ".txt; echo done";
    manifest = std::regex_replace(manifest, std::regex("command = .*"), "command = [\"sh\", \"-c\", \"" + work + "\"]");
    manifest = std::regex_replace(manifest, std::regex("network = true"), "network = false");
    skein_.workspace.write(".skein/agents/" + step.agent + ".toml", manifest);
  }
  skein_.home.write("team.toml", text);
  ASSERT_EQ(skein_.run_program({"git", "init", "-q"}).exit_code, 0);
  ASSERT_EQ(skein_.run({"trust", "--yes"}).exit_code, 0);
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = skein_.run({"run", "--plan", skein_.home.path("team.toml"), "--json", "--accept", "always"});
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
  const json output = json::parse(outcome.out);
  EXPECT_EQ(output["status"], "applied");
  EXPECT_EQ(output["files"].size(), 8u);
  EXPECT_GE(took, 7.2);
  // Who began before whom ended, by the machine's clock: how long it takes on a busy machine says nothing.
  struct Times {
    std::int64_t begun = 0, ended = 0;
  };
  std::map<std::string, Times> times;
  for (const auto& step : plan->steps)
    std::istringstream(skein_.workspace.read(step.id + ".txt")) >> times[step.id].begun >> times[step.id].ended;
  for (const auto& step : plan->steps)
    for (const auto& other : step.after) EXPECT_GE(times[step.id].begun, times[other].ended) << step.id << " " << other;
  for (const char* other : {"backend", "delivery"}) {
    EXPECT_LT(times["frontend"].begun, times[other].ended) << "at the same time";
    EXPECT_LT(times[other].begun, times["frontend"].ended) << "at the same time";
  }
}

TEST(TeamPlanSchema, ThatIsPrintedIsTheOneThatShips) {
  test::SkeinProgram skein;
  const auto printed = skein.run({"plan", "schema"});
  EXPECT_EQ(printed.exit_code, 0);
  const fs::path shipped = fs::path(SKEIN_EXAMPLES_DIR) / "../schemas/team-plan.json";
  if (std::getenv("SKEIN_UPDATE_GOLDEN") != nullptr) std::ofstream(shipped, std::ios::binary) << printed.out;
  EXPECT_EQ(printed.out, text_of(shipped)) << "SKEIN_UPDATE_GOLDEN=1 writes it anew";
}

}  // namespace
}  // namespace skein
