// `skein hook install claude|opencode|codex`: what stands in the files of others stays byte for byte.
#include <filesystem>

#include <gtest/gtest.h>

#include "e2e/skein_program.h"
#include "engine/schema.h"

namespace skein {
namespace {

using engine::Json;

class AgentHook : public testing::Test {
 protected:
  AgentHook() { skein.workspace.make_folder(".git"); }
  [[nodiscard]] bool exists(const std::string& path) const {
    return std::filesystem::exists(skein.workspace.path(path));
  }
  test::SkeinProgram skein;
};

TEST_F(AgentHook, OfClaudeIsAddedToItsSettingsOnceAndRemovedWithoutATrace) {
  const std::string path = ".claude/settings.local.json";
  const std::string theirs = "{\n\t\"permissions\": {\"allow\": [\"Bash(ls:*)\"]},\n\t\"hooks\":{ \"Stop\": [] }\n}";
  skein.workspace.write(path, theirs);
  const auto first = skein.run({"hook", "install", "claude"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string changed = skein.workspace.read(path);
  const auto json = engine::parse_json(changed).value_or(Json());
  EXPECT_EQ(json["permissions"]["allow"][0], "Bash(ls:*)");
  EXPECT_EQ(json["hooks"]["PreToolUse"][0]["matcher"], "Bash");
  EXPECT_TRUE(json["hooks"]["PreToolUse"][0]["hooks"][0]["command"].get<std::string>().ends_with(" hook run claude"));
  EXPECT_EQ(skein.run({"hook", "install", "claude"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read(path), changed);
  ASSERT_EQ(skein.run({"hook", "remove", "claude"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read(path), theirs);
}

TEST_F(AgentHook, OfClaudeMakesAndRemovesAFileOfItsOwnAndRefusesABrokenOne) {
  ASSERT_EQ(skein.run({"hook", "install", "claude"}).exit_code, 0);
  EXPECT_TRUE(exists(".claude/settings.local.json"));
  ASSERT_EQ(skein.run({"hook", "remove", "claude"}).exit_code, 0);
  EXPECT_FALSE(exists(".claude/settings.local.json"));
  skein.workspace.write(".claude/settings.local.json", "{ broken");
  const auto refused = skein.run({"hook", "install", "claude"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.err.find("settings.local.json"), std::string::npos) << refused.err;
  EXPECT_EQ(skein.workspace.read(".claude/settings.local.json"), "{ broken");
}

TEST_F(AgentHook, OfClaudeRunsTheCommandUnderExec) {
  ASSERT_EQ(skein.run({"hook", "install", "claude"}).exit_code, 0);
  const auto settings = engine::parse_json(skein.workspace.read(".claude/settings.local.json")).value_or(Json());
  const std::string hook = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"];
  skein.workspace.write("call.json", R"({"hook_event_name": "PreToolUse", "tool_name": "Bash",
      "tool_input": {"command": "sh -c 'seq 9000; exit 3'", "description": "count", "timeout": 5}})");
  const auto answer = skein.run_program({"sh", "-c", hook + " < call.json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const auto json = engine::parse_json(answer.out).value_or(Json())["hookSpecificOutput"];
  EXPECT_EQ(json["updatedInput"]["description"], "count");
  EXPECT_FALSE(json.contains("permissionDecision"));
  const auto ran = skein.run_program({"bash", "-c", json["updatedInput"]["command"]});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_LE(ran.out.size(), 10'240U);
  EXPECT_TRUE(ran.out.starts_with("fail: exit code 3")) << ran.out.substr(0, 500);
  for (const auto* call : {"", "[]", R"({"tool_name": "Bash"})", R"({"tool_name": "Read", "tool_input": {}})",
                           R"({"tool_name": "Bash", "tool_input": {"command": "cat x"}})"}) {
    skein.workspace.write("call.json", call);
    const auto unchanged = skein.run_program({"sh", "-c", hook + " < call.json"});
    EXPECT_EQ(unchanged.exit_code, 0) << call;
    EXPECT_EQ(unchanged.out, "") << call;
  }
}

TEST_F(AgentHook, OfOpenCodeIsAPluginThatRunsTheCommandUnderExec) {
  ASSERT_EQ(skein.run({"hook", "install", "opencode"}).exit_code, 0);
  if (skein.run_program({"node", "--version"}).exit_code == 0) {
    skein.workspace.write("try.mjs",
                          "import { SkeinExec } from './.opencode/plugin/skein.js';\n"
                          "const hooks = await SkeinExec({});\n"
                          "for (const command of ['make', 'cat x']) {\n"
                          "  const output = { args: { command } };\n"
                          "  await hooks['tool.execute.before']({ tool: 'bash' }, output);\n"
                          "  console.log(output.args.command);\n"
                          "}\n");
    skein.workspace.write("package.json", "{\"type\": \"module\"}");
    const auto tried = skein.run_program({"node", "try.mjs"});
    EXPECT_NE(tried.out.find("exec --format agent -- bash -c 'make'\ncat x\n"), std::string::npos)
        << tried.out << tried.err;
  }
  skein.workspace.make_folder("x");
  ASSERT_EQ(skein.run({"hook", "remove", "opencode"}).exit_code, 0);
  EXPECT_FALSE(exists(".opencode/plugin/skein.js"));
  skein.workspace.write(".opencode/plugin/skein.js", "// mine\n");
  EXPECT_NE(skein.run({"hook", "install", "opencode"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read(".opencode/plugin/skein.js"), "// mine\n");
}

TEST_F(AgentHook, OfCodexIsASectionInAgentsMdAndSaysWhy) {
  const std::string theirs = "# Mine\n\nRules.\n";
  skein.workspace.write("AGENTS.md", theirs);
  const auto installed = skein.run({"hook", "install", "codex"});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  EXPECT_NE(installed.out.find("AGENTS.md"), std::string::npos);
  EXPECT_NE(installed.out.find("approves"), std::string::npos) << installed.out;
  const std::string once = skein.workspace.read("AGENTS.md");
  EXPECT_TRUE(once.starts_with(theirs));
  EXPECT_NE(once.find("skein exec"), std::string::npos);
  ASSERT_EQ(skein.run({"hook", "install", "codex"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read("AGENTS.md"), once);
  ASSERT_EQ(skein.run({"hook", "remove", "codex"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read("AGENTS.md"), theirs);
}

}  // namespace
}  // namespace skein
