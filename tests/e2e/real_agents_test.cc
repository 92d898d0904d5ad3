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
