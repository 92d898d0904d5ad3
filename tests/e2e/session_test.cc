// Agents that speak the Agent Client Protocol: a small scripted one, as a user of skein meets it.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"

namespace skein {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Asks for permission to edit and to run, does what it may, and ends as its prompt says.
constexpr const char* kAgent = R"(import json, os, sys, time
def say(message): print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
def hear(): return json.loads(sys.stdin.readline())
def ask(kind):
    say({"id": 0, "method": "session/request_permission", "params": {"sessionId": "s", "toolCall": {"kind": kind},
         "options": [{"optionId": "yes", "kind": "allow_once"}, {"optionId": "no", "kind": "reject_once"}]}})
    return hear()["result"]["outcome"]["optionId"] == "yes"
for line in sys.stdin:
    request = json.loads(line)
    method, answer = request["method"], {"id": request["id"]}
    if method == "initialize": say({**answer, "result": {"protocolVersion": 1}})
    elif method == "session/new":
        assert request["params"]["cwd"] == os.getcwd()
        say({**answer, "result": {"sessionId": "s"}})
    else:
        prompt = request["params"]["prompt"][0]["text"]
        if prompt == "die": sys.exit(3)
        if prompt == "hang": time.sleep(60)
        if ask("edit"): open("edited.txt", "w").write(prompt)
        if ask("execute"): open("executed.txt", "w").write(prompt)
        say({"method": "session/update", "params": {"update": {"sessionUpdate": "agent_message_chunk",
             "content": {"type": "text", "text": "I did it"}}}})
        say({**answer, "result": {"stopReason": "refusal" if prompt == "refuse" else "end_turn",
             "usage": {"inputTokens": 12, "outputTokens": 5}}})
)";

class Sessions : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("agent.py", kAgent);
    skein_.home.write(".config/skein/agents/acp.toml",
                      "id = \"acp\"\nversion = \"1.0.0\"\ndescription = \"a test\"\nbackend = \"session\"\n"
                      "command = [\"python3\", \"agent.py\"]\n[limits]\ntime_s = 20\n[session]\nallow = [\"edit\"]\n");
  }
  test::Outcome run(const std::string& prompt) const {
    return skein_.run({"run", prompt, "--agent", "acp", "--accept", "always", "--json"});
  }
  test::SkeinProgram skein_;
};

TEST_F(Sessions, DoATaskAndArePermittedWhatTheirManifestAllows) {
  const auto outcome = run("the text");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json output = json::parse(outcome.out);
  EXPECT_EQ(output["status"], "applied");
  EXPECT_EQ(output["models"]["input_tokens"], 12);
  EXPECT_EQ(skein_.workspace.read("edited.txt"), "the text");
  EXPECT_FALSE(fs::exists(skein_.workspace.path("executed.txt"))) << "a kind that is not allowed";
  const auto tried = skein_.run({"agents", "try", "acp", "another text"});
  EXPECT_NE(tried.out.find("I did it"), std::string::npos) << tried.out << tried.err;
  EXPECT_NE(tried.out.find("+another text"), std::string::npos) << tried.out;
  EXPECT_EQ(skein_.workspace.read("edited.txt"), "the text");
}

TEST_F(Sessions, ThatEndOtherwiseAreNoSuccess) {
  auto outcome = run("refuse");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("refusal"), std::string::npos) << outcome.err;
  outcome = run("die");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("exit code 3 in the middle"), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(skein_.workspace.path("edited.txt")));
}

}  // namespace
}  // namespace skein
