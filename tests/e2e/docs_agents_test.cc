// `skein docs agents` as a user runs it.
#include <filesystem>

#include <gtest/gtest.h>

#include "e2e/skein_program.h"

namespace skein {
namespace {

TEST(DocsAgents, WritesRefreshesAndChecksTheSection) {
  test::SkeinProgram skein;
  skein.workspace.write("Makefile", "test:\n\ttrue\n");
  skein.workspace.write("src/main.c", "int main(void) { return 0; }\n");
  EXPECT_EQ(skein.run({"docs", "agents", "--check"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path("AGENTS.md")));
  const auto written = skein.run({"docs", "agents"});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  EXPECT_EQ(written.out, "wrote AGENTS.md\n");
  const auto text = skein.workspace.read("AGENTS.md");
  EXPECT_NE(text.find("`src/main.c` (has a main)"), std::string::npos) << text;
  EXPECT_EQ(skein.run({"docs", "agents", "--check"}).exit_code, 0);
  skein.workspace.write("AGENTS.md", "# Be kind\n\n" + text + "\nAnd brief.\n");
  EXPECT_EQ(skein.run({"docs", "agents", "--check"}).exit_code, 0);
  skein.workspace.write(".clang-format", "BasedOnStyle: LLVM\n");
  const auto stale = skein.run({"docs", "agents", "--check"});
  EXPECT_EQ(stale.exit_code, 1);
  EXPECT_NE(stale.out.find("AGENTS.md is stale"), std::string::npos) << stale.out;
  EXPECT_EQ(skein.run({"docs", "agents"}).exit_code, 0);
  const auto after = skein.workspace.read("AGENTS.md");
  EXPECT_TRUE(after.starts_with("# Be kind\n\n<!-- skein:facts:begin"));
  EXPECT_TRUE(after.ends_with("<!-- skein:facts:end -->\n\nAnd brief.\n"));
  EXPECT_NE(after.find("clang-format"), std::string::npos);
}

TEST(DocsAgents, OnlyTheFileThatIsThereIsWritten) {
  test::SkeinProgram skein;
  skein.workspace.write("CLAUDE.md", "mine\n");
  EXPECT_EQ(skein.run({"docs", "agents"}).out, "wrote CLAUDE.md\n");
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path("AGENTS.md")));
  skein.workspace.write("AGENTS.md", "mine\n");
  skein.workspace.write("CLAUDE.md", "@AGENTS.md\n");
  EXPECT_EQ(skein.run({"docs", "agents"}).out, "wrote AGENTS.md\n");
  EXPECT_EQ(skein.workspace.read("CLAUDE.md"), "@AGENTS.md\n");
}

TEST(DocsAgents, BrokenMarksAreAnErrorThatNamesFileAndLine) {
  test::SkeinProgram skein;
  skein.workspace.write("AGENTS.md", "x\n<!-- skein:facts:begin -->\n");
  const auto outcome = skein.run({"docs", "agents"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("AGENTS.md"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("line 2"), std::string::npos) << outcome.err;
  EXPECT_EQ(skein.workspace.read("AGENTS.md"), "x\n<!-- skein:facts:begin -->\n");
}

}  // namespace
}  // namespace skein
