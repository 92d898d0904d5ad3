#include "agents/manifest.h"

#include <algorithm>
#include <iterator>

#include <gtest/gtest.h>

#include "agents/registry.h"
#include "support/scratch_tree.h"

namespace skein::agents {
namespace {

constexpr std::string_view kLeast = R"(id = "mine"
version = "1.2.3"
description = "Does it"
backend = "process"
command = ["sh", "-c", "true"]
)";

TEST(AgentManifest, TheLeastOneHasUsualLimitsAndHidesSecrets) {
  const auto agent = parse_manifest(kLeast, "mine.toml");
  ASSERT_TRUE(agent) << agent.error().to_string();
  EXPECT_EQ(agent->result_version(), "1.2");
  EXPECT_EQ(agent->prompt, PromptBy::input);
  EXPECT_FALSE(agent->network);
  EXPECT_EQ(agent->time_limit, std::chrono::minutes(30));
  EXPECT_EQ(agent->hide.front(), ".env");
  EXPECT_EQ(agent->limits.least_free.value, 1'074'000'000);
  EXPECT_EQ(agent->limits.processes, 1'000);
  EXPECT_EQ(agent->limits.disk.value, 10'000'000'000);
  EXPECT_GT(agent->limits.memory.value, 0);
}

TEST(AgentManifest, ReadsAllItsKeys) {
  const auto agent = parse_manifest(R"(id = "062-development-backend-senior-guardian"
version = "10.0.1-beta"
description = "d"
capabilities = ["api"]
technologies = ["go"]
specialisations = ["latency"]
level = "expert"
backend = "process"
command = ["tool", "--file={prompt_file}"]
prompt = "file"
environment = ["TOKEN", "A=b"]
hide = ["secrets/"]
verify = ["make test"]
tries = 3
tested = false
source = "its manual"
[permissions]
network = true
[limits]
time_s = 60
cpu_s = 30
memory_mb = 512
processes = 40
disk_mb = 100
least_free_mb = 0
)",
                                    "x");
  ASSERT_TRUE(agent) << agent.error().to_string();
  EXPECT_EQ(agent->result_version(), "10.0");
  EXPECT_EQ(agent->hide, std::vector<std::string>{"secrets/"});
  EXPECT_EQ(agent->tries, 3);
  EXPECT_TRUE(agent->network);
  EXPECT_EQ(agent->time_limit, std::chrono::seconds(60));
  EXPECT_EQ(agent->limits.memory.value, 512'000'000);
  EXPECT_EQ(agent->limits.processes, 40);
  EXPECT_FALSE(agent->tested);
}

std::string problem(std::string_view text) {
  const auto agent = parse_manifest(text, "a.toml");
  return agent ? std::string() : agent.error().message();
}

TEST(AgentManifest, NamesWhatIsWrongAndWhere) {
  const std::string least(kLeast);
  EXPECT_EQ(problem(least + "comand = 1\n"), "a.toml:6: unknown key \"comand\" (did you mean \"command\"?)");
  EXPECT_NE(problem("id = \"a b\"\n").find("\"id\" is needed"), std::string::npos);
  EXPECT_NE(problem("id = \"a\"\nversion = \"1\"\n").find("MAJOR.MINOR.PATCH"), std::string::npos);
  EXPECT_NE(problem(least + "tries = 0\n").find("a.toml:6: \"tries\""), std::string::npos);
  EXPECT_NE(problem(least + "verify = \"x\"\n").find("list of texts"), std::string::npos);
  EXPECT_NE(problem(least + "prompt = \"file\"\n").find("{prompt_file}"), std::string::npos);
  EXPECT_NE(problem(least + "[limits]\nmemory = 1\n").find("limits.memory"), std::string::npos);
  EXPECT_NE(problem(least + "[permissions]\nnetwork = 1\n").find("true or false"), std::string::npos);
  EXPECT_NE(problem("= 1").find("a.toml:1: this is not TOML"), std::string::npos);
  EXPECT_NE(problem("id = \"a\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"magic\"\n").find("\"process\""),
            std::string::npos);
  EXPECT_NE(problem(least + "environment = [\"KEY={relay_key}\"]\n").find("[relay] providers"), std::string::npos);
  EXPECT_NE(problem(least + "environment = [\"M={model}\"]\n").find("\"model\""), std::string::npos);
  EXPECT_NE(problem(least + "[chat]\nturns = 1\n").find("backend = \"chat\""), std::string::npos);
  const std::string chat = "id = \"a\"\nversion = \"1.0.0\"\ndescription = \"d\"\nbackend = \"chat\"\n";
  EXPECT_NE(problem(chat).find("\"model\" is needed"), std::string::npos);
  EXPECT_NE(problem(chat + "model = \"m\"\n").find("[relay] providers"), std::string::npos);
  EXPECT_NE(problem(chat + "model = \"m\"\ncommand = [\"x\"]\n").find("no \"command\""), std::string::npos);
  EXPECT_NE(problem(chat + "model = \"m\"\n[relay]\nproviders = [\"p\"]\n[chat]\nturn = 1\n").find("chat.turn"),
            std::string::npos);
}

TEST(AgentRegistry, TheWorkspacesAgentWinsAndBadOnesCostTheOthersNothing) {
  const test::ScratchTree tree;
  const auto files = make_system_file_system();
  const std::string least(kLeast);
  tree.write("user/mine.toml", least);
  tree.write("user/other.toml", "id = \"other\"\n" + least.substr(least.find('\n') + 1));
  tree.write("own/mine.toml", least + "level = \"workspace\"\n");
  tree.write("own/broken.toml", "id = 1\n");
  tree.write("own/notes.txt", "no agent");
  const auto registry = Registry::load(*files, {tree.path("user"), tree.path("own")});
  ASSERT_TRUE(registry);
  EXPECT_EQ(std::ranges::count(registry->all(), AgentPlace::shipped, &AgentManifest::place) + 2,
            std::ssize(registry->all()));
  EXPECT_EQ(registry->find("mine")->level, "workspace");
  ASSERT_EQ(registry->bad().size(), 1u);
  EXPECT_NE(registry->find("broken").error().to_string().find("broken.toml"), std::string::npos);
  EXPECT_NE(registry->find("othr").error().to_string().find("did you mean \"other\""), std::string::npos);
  const auto none = Registry::load(*files, {tree.path("nowhere"), ""});
  EXPECT_TRUE(std::ranges::all_of(none->all(), [](const auto& agent) { return agent.place == AgentPlace::shipped; }));
}

TEST(ShippedAgents, AreGoodAndSayWhereTheyAreDocumented) {
  const auto files = make_system_file_system();
  const auto registry = Registry::load(*files, {});
  ASSERT_TRUE(registry) << registry.error().to_string();
  for (const auto& bad : registry->bad()) ADD_FAILURE() << bad.path << ": " << bad.error.to_string();
  EXPECT_GE(registry->all().size(), 15u);
  for (const AgentManifest& agent : registry->all()) {
    EXPECT_EQ(agent.place, AgentPlace::shipped) << agent.id;
    EXPECT_EQ(agent.origin, agent.id + ".toml");
    EXPECT_TRUE(agent.source.starts_with("https://")) << agent.id;
    // Who reaches any machine can read what others wrote there: with private data beside it, it is refused.
    EXPECT_EQ(agent.untrusted, agent.network) << agent.id;
  }
}

TEST(AgentManifest, KnowsHowToReadWhatItsProgramPrints) {
  const auto agent = parse_manifest(
      std::string(kLeast) + "[output]\nformat = \"json_lines\"\nsaid = [\"/type=x /text\"]\nsum = true\n", "f");
  ASSERT_TRUE(agent) << agent.error().to_string();
  EXPECT_EQ(agent->output.format, OutputFormat::json_lines);
  EXPECT_EQ(agent->output.said, std::vector<std::string>{"/type=x /text"});
  EXPECT_TRUE(agent->output.sum);
  const auto error = [](const std::string& more) {
    const auto bad = parse_manifest(std::string(kLeast) + more, "f");
    return bad ? std::string() : bad.error().message();
  };
  EXPECT_NE(error("[output]\nformat = \"xml\"\n").find("output.format"), std::string::npos);
  EXPECT_NE(error("[output]\nformat = \"json\"\nerror = [\"x\"]\n").find("\"x\" is no JSON pointer"),
            std::string::npos);
  EXPECT_NE(error("[output]\nsays = []\n").find("output.says"), std::string::npos);
}

}  // namespace
}  // namespace skein::agents
