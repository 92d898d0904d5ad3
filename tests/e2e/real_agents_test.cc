// OpenCode and Codex as they are on npm, as agents of skein, against a scripted model. `scripts/agents.sh` fetches
// them; without it these tests say what they leave out.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/platform/confinement.h"
#include "e2e/skein_program.h"
#include "support/killed_program.h"
#include "support/model_server.h"

namespace skein {
namespace {

using nlohmann::json;
using test::Fault;
using test::Reply;
namespace fs = std::filesystem;

/// The folder of a program below build/peers/agents; empty where it is not.
std::string folder_of(const std::string& package, const std::string& program) {
  const fs::path modules = fs::path(SKEIN_PEERS_DIR) / "agents/node_modules";
  std::error_code none;
  for (fs::recursive_directory_iterator entry(modules / package, none), end; !none && entry != end;
       entry.increment(none))
    if (entry->path().filename() == program && entry->is_regular_file()) return entry->path().parent_path().string();
  return {};
}

/// What a provider can do wrong, and that no step of an agent by it is a success.
struct Trouble {
  const char* name;
  Reply reply;
};
std::vector<Trouble> troubles() {
  const auto reply = [](int status, int retry_after, Fault fault, int drip_ms) {
    Reply made;
    made.text = "this answer has some words, so that it takes several events to be told";
    made.status = status;
    made.retry_after = retry_after;
    made.fault = fault;
    made.drip_ms = drip_ms;
    made.again = true;
    return made;
  };
  return {{"busy", reply(429, -1, Fault::none, 0)},          {"busy-for-a-second", reply(429, 1, Fault::none, 0)},
          {"used-up", reply(429, 7'200, Fault::none, 0)},    {"broken", reply(500, -1, Fault::none, 0)},
          {"silent", reply(200, -1, Fault::hang, 0)},        {"stalled", reply(200, -1, Fault::stall, 0)},
          {"dripping", reply(200, -1, Fault::none, 30'000)}, {"cut", reply(200, -1, Fault::cut, 0)},
          {"malformed", reply(200, -1, Fault::malformed, 0)}};
}

class RealAgent : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto able = can_confine(); !able) GTEST_SKIP() << able.error().to_string();
    skein_.workspace.write("README.md", "# A\n");
    ASSERT_EQ(skein_.run_program({"git", "init", "-q"}).exit_code, 0);
    // The shipped manifests ask for the provider "openai" through the relay: it is the scripted model.
    skein_.home.write(".config/skein/providers/openai.toml",
                      "id = \"openai\"\nurl = \"" + server_.url() +
                          "/v1\"\ndialects = [\"openai-chat\", \"openai-responses\"]\n"
                          "[key]\nenvironment = \"OPENAI_API_KEY\"\n");
    variables_.emplace_back("OPENAI_API_KEY", "sk-of-the-user");
  }
  test::Outcome run(const std::string& agent, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"run", "make the file", "--agent", agent, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return skein_.run(words, {}, variables_);
  }
  [[nodiscard]] std::string shipped(const std::string& id) const {
    return skein_.run_program({"cat", std::string(SKEIN_AGENTS_DIR) + "/" + id + ".toml"}).out;
  }
  /// A real one of that folder is found first.
  void use(const std::string& folder) {
    const char* path = std::getenv("PATH");
    path_ = path == nullptr ? "" : path;
    ::setenv("PATH", (folder + ":" + path_).c_str(), 1);
  }
  void TearDown() override {
    if (!path_.empty()) ::setenv("PATH", path_.c_str(), 1);
  }
  void expect_made(const test::Outcome& outcome, const std::string& text) const {
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    const json output = json::parse(outcome.out);
    EXPECT_EQ(output["status"], "applied");
    EXPECT_EQ(output["files"].size(), 1u) << output["files"].dump();
    EXPECT_EQ(skein_.workspace.read("made.txt"), text);
    EXPECT_GT(output["models"]["input_tokens"], 0);
    EXPECT_GT(output["models"]["output_tokens"], 0);
    EXPECT_GT(output["models"]["requests"], 0) << "it asked through the relay";
    for (const auto& asked : server_.asked()) EXPECT_EQ(asked.headers.at("authorization"), "Bearer sk-of-the-user");
  }
  void expect_refusal_told(const std::string& agent) {
    Reply refused;
    refused.status = 400;
    refused.text = "no such model";
    refused.again = true;
    server_.add(std::move(refused));
    const auto outcome = run(agent, {"--accept", "always"});
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
    EXPECT_NE(outcome.err.find(agent + " says"), std::string::npos) << outcome.err;
    EXPECT_FALSE(is_made());
  }
  [[nodiscard]] bool is_made() const { return fs::exists(skein_.workspace.path("made.txt")); }
  /// Sandboxes and what runs in them: nothing of either is left.
  void expect_nothing_left() const {
    const fs::path sandboxes = skein_.home.path(".local/state/skein/sandboxes");
    const auto processes = [&] {
      int count = 0;
      std::error_code none;
      for (const auto& entry : fs::directory_iterator("/proc", none)) {
        std::ifstream file(entry.path() / "environ", std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        if (text.str().find("HOME=" + sandboxes.string()) != std::string::npos) ++count;
      }
      return count;
    };
    for (int tries = 0; tries < 100 && processes() > 0; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(processes(), 0);
  }

  /// A plan with a step for each trouble, all at once: each fails and says why, and nothing of it is left. `harmless`
  /// names a trouble that the agent gets over, without having changed anything.
  void expect_clear_failures(const std::string& agent, std::string_view harmless = {}) {
    const std::string manifest = shipped(agent);
    const auto session = manifest.find("\n[");
    skein_.home.write(".config/skein/agents/" + agent + ".toml",
                      manifest.substr(0, session) + "\n[limits]\ntime_s = 45\n" + manifest.substr(session));
    skein_.home.write(".config/skein/config.toml", "[agents]\nperson_wait = \"1s\"\n[engine]\nagents = 5\n");
    json steps = json::array();
    for (const Trouble& one : troubles()) {
      const std::string mark = std::string("trouble-") + one.name + "-here";
      Reply reply = one.reply;
      reply.match = mark;
      server_.add(std::move(reply));
      steps.push_back({{"id", one.name}, {"agent", agent}, {"task", "make the file, until done: " + mark}});
    }
    skein_.home.write("plan.json", json{{"version", 1}, {"steps", steps}}.dump());
    const auto outcome =
        skein_.run({"run", "--plan", skein_.home.path("plan.json"), "--accept", "always", "--json"}, {}, variables_);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    const json output = json::parse(outcome.out, nullptr, false);
    ASSERT_TRUE(output.is_object()) << outcome.out << outcome.err;
    EXPECT_EQ(output["status"], "incomplete");
    for (const json& step : output["steps"]) {
      if (step["id"] == harmless) {
        EXPECT_EQ(step["state"], "done") << step.dump();
        EXPECT_EQ(step["files"], 0) << step.dump();
        continue;
      }
      EXPECT_EQ(step["state"], "failed") << step.dump();
      const std::string reason = step["reason"];
      EXPECT_TRUE(reason.find("says") != std::string::npos || reason.find("longer than") != std::string::npos ||
                  reason.find("exit code") != std::string::npos || reason.find("usage window") != std::string::npos ||
                  reason.find("nobody answered") != std::string::npos || reason.find("without") != std::string::npos)
          << step.dump();
    }
    EXPECT_FALSE(is_made());
    expect_nothing_left();
  }
  /// Starts skein with this agent, waits until its model is asked, and ends skein by `signal`.
  void expect_gone_after(const std::string& agent, int signal) {
    std::vector<std::string> argv{"/usr/bin/env"};
    for (const auto& [name, value] : variables_) argv.push_back(name + "=" + value);
    argv.push_back(std::string("PATH=") + std::getenv("PATH"));
    for (const std::string& word : {std::string(SKEIN_PROGRAM), std::string("run"), std::string("make the file"),
                                    std::string("--agent"), agent, std::string("--accept"), std::string("always")})
      argv.push_back(word);
    const std::size_t before = server_.asked().size();
    const pid_t program = test::start_silently(argv, skein_.workspace.root(), skein_.home.root());
    ASSERT_TRUE(server_.wait_for(before + 1, 90'000));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    ::kill(program, signal);
    const int status = test::kill_after(program, std::chrono::seconds(30));
    EXPECT_TRUE(signal != SIGINT || WIFEXITED(status)) << "it ended by itself";
    expect_nothing_left();
    EXPECT_FALSE(is_made());
  }

  test::SkeinProgram skein_;
  test::ModelServer server_;
  std::vector<std::pair<std::string, std::string>> variables_;
  std::string path_;  // As it was.
};

class OpenCode : public RealAgent {
 protected:
  void SetUp() override {
    const std::string folder = folder_of("opencode-linux-x64", "opencode");
    if (folder.empty()) GTEST_SKIP() << "OpenCode is not here (scripts/agents.sh): no run of it was tried";
    RealAgent::SetUp();
    use(folder);
  }
  void script_an_edit() {
    Reply edit;
    edit.match = "\"tools\"";
    edit.calls = {{"bash", json{{"command", "echo by opencode > made.txt"}, {"description", "makes it"}}.dump()}};
    server_.add(std::move(edit));
  }
};

TEST_F(OpenCode, EditsAFileAndItsUsageIsRead) {
  script_an_edit();
  expect_made(run("opencode", {"--accept", "always"}), "by opencode\n");
}

TEST_F(OpenCode, EditsAFileInASessionOfTheAgentClientProtocol) {
  script_an_edit();
  expect_made(run("opencode-acp", {"--accept", "always"}), "by opencode\n");
}

TEST_F(OpenCode, EditsAFileInASessionOfItsServer) {
  script_an_edit();
  expect_made(run("opencode-serve", {"--accept", "always"}), "by opencode\n");
  expect_nothing_left();
}

TEST_F(OpenCode, ARefusedRequestIsAFailureInASessionOfItsServerToo) { expect_refusal_told("opencode-serve"); }

TEST_F(OpenCode, APersonIsAskedAboutWhatItsServerMayDo) {
  script_an_edit();
  std::string manifest = shipped("opencode-serve");
  const std::string all = "\"permission\":{\"*\":\"allow\"}";
  ASSERT_NE(manifest.find(all), std::string::npos);
  manifest.replace(manifest.find(all), all.size(), "\"permission\":{\"*\":\"allow\",\"bash\":\"ask\"}");
  skein_.home.write(".config/skein/agents/opencode-serve.toml", manifest + "ask = [\"bash\"]\n");
  test::Outcome outcome;
  std::jthread running([&] { outcome = run("opencode-serve", {"--accept", "always"}); });
  json open = json::array();
  for (int tries = 0; tries < 600 && open.empty(); ++tries) {
    const auto shown = skein_.run({"answer", "--json"});
    if (shown.exit_code == 0) open = json::parse(shown.out)["open"];
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  if (!open.empty()) {
    EXPECT_NE(open[0]["what"].get<std::string>().find("would like to bash"), std::string::npos) << open.dump();
    EXPECT_EQ(skein_.run({"answer", open[0]["id"], "yes"}).exit_code, 0);
  }
  running.join();
  ASSERT_FALSE(open.empty()) << outcome.err;
  expect_made(outcome, "by opencode\n");
}

TEST_F(OpenCode, ARefusedRequestIsAFailureAndChangesNothing) { expect_refusal_told("opencode"); }

TEST_F(OpenCode, AHangingModelEndsWithTheStepsTimeAndLeavesNothing) {
  Reply hang;
  hang.fault = Fault::hang;
  hang.again = true;
  server_.add(std::move(hang));
  skein_.home.write(".config/skein/agents/opencode.toml", shipped("opencode") + "\n[limits]\ntime_s = 15\n");
  const auto outcome = run("opencode", {"--accept", "always"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("longer than 15 s"), std::string::npos) << outcome.err;
  expect_nothing_left();
}

TEST_F(OpenCode, EachTroubleOfItsProviderIsAClearFailure) { expect_clear_failures("opencode"); }

TEST_F(OpenCode, EachTroubleOfItsProviderIsAClearFailureInASessionOfItsServer) {
  expect_clear_failures("opencode-serve");
}

TEST_F(OpenCode, IsCancelledAndKilledWithAllThatItStarted) {
  for (const char* agent : {"opencode", "opencode-serve"})
    for (const int signal : {SIGINT, SIGKILL}) {
      Reply half;
      half.match = "\"tools\"";
      half.calls = {{"bash", json{{"command", "echo half > made.txt; setsid sleep 300"}, {"description", "d"}}.dump()}};
      server_.add(std::move(half));
      expect_gone_after(agent, signal);
    }
}

class Codex : public RealAgent {
 protected:
  void SetUp() override {
    const std::string folder = folder_of("@openai/codex-linux-x64", "codex");
    if (folder.empty()) GTEST_SKIP() << "Codex is not here (scripts/agents.sh): no run of it was tried";
    RealAgent::SetUp();
    use(folder);
  }
  void script_an_edit(const std::string& command) {
    Reply edit;
    edit.calls = {{"exec_command", json{{"cmd", command}}.dump()}};
    server_.add(std::move(edit));
  }
};

TEST_F(Codex, EditsAFileAndItsUsageIsRead) {
  script_an_edit("echo by codex > made.txt");
  expect_made(run("codex", {"--accept", "always"}), "by codex\n");
}

TEST_F(Codex, ARefusedRequestIsAFailureAndChangesNothing) { expect_refusal_told("codex"); }

// A chunk that it cannot read it skips: the end of the answer has all of it again.
TEST_F(Codex, EachTroubleOfItsProviderIsAClearFailure) { expect_clear_failures("codex", "malformed"); }

TEST_F(Codex, IsCancelledWithAllThatItStarted) {
  script_an_edit("setsid sleep 300 & echo half > made.txt; sleep 300");
  std::vector<std::string> argv{"/usr/bin/env"};
  for (const auto& [name, value] : variables_) argv.push_back(name + "=" + value);
  for (const char* word : {SKEIN_PROGRAM, "run", "make the file", "--agent", "codex", "--accept", "always"})
    argv.emplace_back(word);
  const pid_t program = test::start_silently(argv, skein_.workspace.root(), skein_.home.root());
  ASSERT_TRUE(server_.wait_for(1, 60'000));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ::kill(program, SIGINT);
  const int status = test::kill_after(program, std::chrono::seconds(20));
  EXPECT_TRUE(WIFEXITED(status)) << "it ended by itself";
  expect_nothing_left();
  EXPECT_FALSE(is_made());
}

TEST_F(Codex, IsGoneWhenSkeinIsKilled) {
  script_an_edit("echo half > made.txt; sleep 300");
  std::vector<std::string> argv{"/usr/bin/env"};
  for (const auto& [name, value] : variables_) argv.push_back(name + "=" + value);
  for (const char* word : {SKEIN_PROGRAM, "run", "make the file", "--agent", "codex", "--accept", "always"})
    argv.emplace_back(word);
  const pid_t program = test::start_silently(argv, skein_.workspace.root(), skein_.home.root());
  ASSERT_TRUE(server_.wait_for(1, 60'000));
  test::kill_after(program, std::chrono::milliseconds(300));
  expect_nothing_left();
  EXPECT_FALSE(is_made());
}

}  // namespace
}  // namespace skein
