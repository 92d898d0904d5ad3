// `skein docs lint` as a user runs it.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "e2e/skein_program.h"

namespace skein {
namespace {

TEST(DocsLint, LeavesTheMarkdownOfASiteAlone) {
  test::SkeinProgram skein;
  skein.workspace.write("src/plan.py", "def make_plan():\n    return 1\n");
  skein.workspace.write("README.md", "# Plans\n\nSee `src/plan.py`.\n");
  ASSERT_EQ(skein.run({"docs", "--out", "pages"}).exit_code, 0);
  skein.workspace.write("pages/index.md", "See [plan](../gone/plan.py).\n");
  EXPECT_EQ(skein.run({"docs", "lint", "--fix"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read("pages/index.md"), "See [plan](../gone/plan.py).\n");
}

TEST(DocsLint, NamesWhatIsStaleWithItsPlaceAndRewritesWhatMoved) {
  test::SkeinProgram skein;
  skein.workspace.write("src/core/plan.py", "def make_plan():\n    return 1\n");
  skein.workspace.write("docs/guide.md", "# Guide\n\nSee [plan](../src/plan.py#L1) and `src/gone.py`.\n");
  auto first = skein.run({"docs", "lint"});
  EXPECT_EQ(first.exit_code, 1) << first.err;
  EXPECT_NE(first.out.find("docs/guide.md:3:12: stale: "), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("../src/core/plan.py#L1"), std::string::npos) << first.out;
  const auto json = nlohmann::json::parse(skein.run({"docs", "lint", "--json"}).out);
  EXPECT_EQ(json["schema"], "skein.docs.lint/1");
  EXPECT_EQ(json["stale"], 2);
  EXPECT_EQ(json["findings"][1]["column"], 36);
  const auto fixed = skein.run({"docs", "lint", "--fix"});
  EXPECT_EQ(fixed.exit_code, 1) << fixed.out << fixed.err;
  EXPECT_EQ(skein.workspace.read("docs/guide.md"),
            "# Guide\n\nSee [plan](../src/core/plan.py#L1) and `src/gone.py`.\n");
  skein.workspace.write("src/gone.py", "");
  EXPECT_EQ(skein.run({"docs", "lint", "docs/guide.md"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(skein.workspace.path("docs/guide.md.skein-tmp")));
}

TEST(DocsLint, KeepsTheModeOfWhatItRewrites) {
  test::SkeinProgram skein;
  skein.workspace.write("a/b/unit.py", "x = 1\n");
  skein.workspace.write("README.md", "`a/unit.py`\n");
  std::filesystem::permissions(skein.workspace.path("README.md"), std::filesystem::perms(0600));
  EXPECT_EQ(skein.run({"docs", "lint", "--fix"}).exit_code, 0);
  EXPECT_EQ(skein.workspace.read("README.md"), "`a/b/unit.py`\n");
  EXPECT_EQ(std::filesystem::status(skein.workspace.path("README.md")).permissions(), std::filesystem::perms(0600));
}

TEST(DocsLint, AFileThatIsNotThereIsAnErrorThatNamesIt) {
  test::SkeinProgram skein;
  const auto outcome = skein.run({"docs", "lint", "no.md"});
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_NE(outcome.err.find("no.md"), std::string::npos) << outcome.err;
}

TEST(DocsLint, AFolderOfThatNameIsDocumentedByItsPath) {
  test::SkeinProgram skein;
  skein.workspace.write("lint/a.py", "x = 1\n");
  const auto outcome = skein.run({"docs", "./lint"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(skein.workspace.path("lint/.skein/docs/index.html"))) << outcome.out;
}

}  // namespace
}  // namespace skein
