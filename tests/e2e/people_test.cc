// Steps that need a person: told once, waiting without a slot, answered by `skein answer`.
#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"
#include "support/model_server.h"

namespace skein {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Speaks the Agent Client Protocol and asks for permission to run something.
constexpr const char* kAsking = R"(import json, sys
def say(message): print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    method, answer = request.get("method"), {"id": request.get("id")}
    if method == "initialize": say({**answer, "result": {"protocolVersion": 1}})
    elif method == "session/new": say({**answer, "result": {"sessionId": "s"}})
    elif method == "session/prompt":
        say({"id": 0, "method": "session/request_permission", "params": {"toolCall": {"kind": "execute",
             "title": "rm -rf build"}, "options": [{"optionId": "yes", "kind": "allow_once"},
             {"optionId": "no", "kind": "reject_once"}]}})
        chosen = json.loads(sys.stdin.readline())["result"]["outcome"]["optionId"]
        open("chosen.txt", "w").write(chosen)
        say({"method": "session/update", "params": {"update": {"sessionUpdate": "agent_message_chunk",
             "content": {"type": "text", "text": "done"}}}})
        say({**answer, "result": {"stopReason": "end_turn"}})
)";

class People : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("agent.py", kAsking);
    skein_.home.write(".config/skein/agents/acp.toml",
                      "id = \"acp\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"session\"\n"
                      "command = [\"python3\", \"agent.py\"]\n[limits]\ntime_s = 3\n[session]\nask = [\"execute\"]\n");
    skein_.home.write(".config/skein/agents/sh.toml",
                      "id = \"sh\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"process\"\n"
                      "command = [\"sh\"]\n");
    skein_.home.write(".config/skein/config.toml",
                      "[agents]\nperson_command = [\"sh\", \"-c\", \"cat >> " + skein_.home.path("told") + "\"]\n");
  }
  /// Runs skein, and `meanwhile` with the first question that waits.
  test::Outcome run(const std::vector<std::string>& words, const std::function<void(const json&)>& meanwhile) {
    test::Outcome outcome;
    std::jthread running([&] { outcome = skein_.run(words); });
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    json open = json::array();
    while (open.empty() && std::chrono::steady_clock::now() < until) {
      const auto shown = skein_.run({"answer", "--json"});
      if (shown.exit_code == 0) open = json::parse(shown.out)["open"];
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_EQ(open.size(), 1u);
    if (!open.empty()) meanwhile(open[0]);
    running.join();
    return outcome;
  }

  test::SkeinProgram skein_;
};

TEST_F(People, AreToldOfAPermissionOnceAndTheirAnswerCounts) {
  for (const std::string answer : {"yes", "no"}) {
    const auto outcome =
        run({"run", "ask, until " + answer, "--agent", "acp", "--accept", "always"}, [&](const json& open) {
          EXPECT_EQ(open["kind"], "permission");
          EXPECT_NE(open["what"].get<std::string>().find("acp would like to execute: rm -rf build"), std::string::npos);
          // Longer than the agent's time limit: waiting for a person is no part of it.
          std::this_thread::sleep_for(std::chrono::milliseconds(3'500));
          EXPECT_EQ(skein_.run({"answer", open["id"], answer}).exit_code, 0);
        });
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(skein_.workspace.read("chosen.txt"), answer);
    EXPECT_NE(outcome.err.find("waits for you (permission)"), std::string::npos) << outcome.err;
    const std::string told = skein_.home.read("told");
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    const json event = json::parse(told);
    EXPECT_EQ(event["schema"], "skein.question/1");
    EXPECT_EQ(event["workspace"], fs::canonical(skein_.workspace.root()).string());
    fs::remove(skein_.home.path("told"));
  }
  EXPECT_NE(skein_.run({"answer"}).out.find("No step waits"), std::string::npos);
  EXPECT_EQ(skein_.run({"answer", "12345678", "yes"}).exit_code, 2);
}

TEST_F(People, AreWaitedForWithoutASlot) {
  skein_.workspace.write("skein.toml", "[engine]\nagents = 1\n");
  const json plan{
      {"version", 1},
      {"steps",
       {{{"id", "asks"}, {"agent", "acp"}, {"task", "ask"}, {"minutes", 90}},
        {{"id", "other"}, {"agent", "sh"}, {"task", "touch '" + skein_.home.path("no") + "'; echo x > x.txt"}}}}};
  skein_.home.write("plan.json", plan.dump());
  const auto outcome =
      run({"run", "--plan", skein_.home.path("plan.json"), "--accept", "always", "--json"}, [&](const json& open) {
        EXPECT_EQ(open["step"], "step asks");
        // The other step is done while this one waits: its log is there.
        bool done = false;
        for (int tries = 0; tries < 200 && !done; ++tries) {
          done = skein_.run({"runs", "show", "last"}).out.find("step other") != std::string::npos;
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        EXPECT_TRUE(done);
        EXPECT_EQ(skein_.run({"answer", open["id"], "yes"}).exit_code, 0);
      });
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["files"].size(), 2u) << outcome.out;
}

TEST_F(People, AreAskedWhereAProgramSaysThatItNeedsALogin) {
  // It hangs at a prompt that no newline ends, until somebody has logged in.
  skein_.workspace.write("cli.sh",
                         "if test -e half.txt; then echo made > made.txt; echo done; exit; fi\n"
                         "echo x > half.txt; printf 'Token: ' >&2; sleep 60\n");
  skein_.home.write(".config/skein/agents/cli.toml",
                    "id = \"cli\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"process\"\n"
                    "command = [\"sh\", \"cli.sh\"]\n[output]\nlogin = [\"^Token: $\"]\n");
  const std::vector<std::string> words{"run", "do it until done", "--agent", "cli", "--accept", "always", "--no-cache"};
  auto outcome = run(words, [&](const json& open) {
    EXPECT_EQ(open["kind"], "login");
    EXPECT_EQ(open["what"], "cli asks for a login: Token: ");
    EXPECT_EQ(skein_.run({"answer", open["id"], "done"}).exit_code, 0);
  });
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(skein_.workspace.read("made.txt"), "made\n");
  const std::string told = skein_.home.read("told");
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
  skein_.workspace.remove("half.txt");
  outcome = run(words, [&](const json& open) { EXPECT_EQ(skein_.run({"answer", open["id"], "no"}).exit_code, 0); });
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("the answer was to stop"), std::string::npos) << outcome.err;
}

TEST_F(People, AreAskedWhenAUsageWindowIsUsedUp) {
  test::ModelServer server;
  server.add({.text = "later", .status = 429, .retry_after = 3'600});
  server.add({.text = "made it", .usage = test::ScriptedUsage{10, 0, 0, 5, 0}});
  skein_.home.write(".config/skein/providers/scripted.toml",
                    "id = \"scripted\"\nurl = \"" + server.url() + "/v1\"\ndialects = [\"openai-chat\"]\n");
  skein_.home.write(".config/skein/agents/chat.toml",
                    "id = \"chat\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"chat\"\nmodel = \"m\"\n"
                    "[relay]\nproviders = [\"scripted\"]\n");
  auto outcome = run({"run", "say until done", "--agent", "chat", "--accept", "never"}, [&](const json& open) {
    EXPECT_EQ(open["kind"], "usage window");
    EXPECT_NE(open["what"].get<std::string>().find("60 minutes"), std::string::npos) << open.dump();
    EXPECT_EQ(skein_.run({"answer", open["id"], "go"}).exit_code, 0);
  });
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(server.asked().size(), 2u);
  server.add({.text = "later", .status = 429, .retry_after = 3'600});
  outcome = run({"run", "say it again until done", "--agent", "chat", "--accept", "never"},
                [&](const json& open) { EXPECT_EQ(skein_.run({"answer", open["id"], "stop"}).exit_code, 0); });
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("the answer was to stop"), std::string::npos) << outcome.err;
}

TEST_F(People, WhoDoNotAnswerInTimeAreNotWaitedForAnyLonger) {
  skein_.home.write(".config/skein/config.toml", "[agents]\nperson_wait = \"1s\"\n");
  const auto outcome = skein_.run({"run", "ask, until done", "--agent", "acp", "--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(skein_.workspace.read("chosen.txt"), "no") << "nobody is no";
}

}  // namespace
}  // namespace skein
