#include "prose/lint.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "prose/path_index.h"
#include "support/scratch_tree.h"

namespace skein::prose {
namespace {

class LintTree : public testing::Test {
 protected:
  LintReport run() {
    auto snapshot = repo::scan(tree.root(), {}, pool);
    EXPECT_TRUE(snapshot.has_value());
    std::vector<std::string> pages;
    for (const auto& file : snapshot->files)
      if (is_prose(file)) pages.push_back(file.path);
    const auto past = Past::open(*snapshot);
    auto report = lint(*snapshot, pages, past.get(), *files, pool);
    EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().to_string());
    return report ? std::move(*report) : LintReport{};
  }
  void fix(const LintReport& report) {
    std::map<std::string, std::vector<Edit>> edits;
    for (const auto& finding : report.findings)
      edits[finding.file].insert(edits[finding.file].end(), finding.edits.begin(), finding.edits.end());
    for (const auto& [file, all] : edits) tree.write(file, with_edits(tree.read(file), all));
  }
  void git(const std::string& command) {
    ASSERT_EQ(
        std::system(("cd '" + tree.root() + "' && git -c user.name=a -c user.email=a@b -c init.defaultBranch=main " +
                     command + " >/dev/null 2>&1")
                        .c_str()),
        0)
        << command;
  }
  test::ScratchTree tree;
  InlineExecutor pool;
  std::unique_ptr<FileSystem> files = make_system_file_system();
};

TEST_F(LintTree, WhatIsThereIsNoFinding) {
  tree.write("src/engine/run.cc", "int run_it() {\n  return 1;\n}\n");
  tree.write(
      "README.md",
      "See `src/engine/run.cc:2`, `engine/run.cc`, `run.cc`, `src/`, [it](src/engine/run.cc#L1-L3), `run_it()`,\n"
      "[more](docs/more.md), `std::expected`, `make -j2`, `path/to/file.cc`, `application/json`, `v1.2`.\n");
  tree.write("docs/more.md", "[up](../README.md) `../src/engine/run.cc` [away](../../issues) [b](#x)\n\n# X\n");
  const auto report = run();
  for (const auto& finding : report.findings) ADD_FAILURE() << finding.file << ": " << finding.message;
  EXPECT_GT(report.claims, 8u);
}

TEST_F(LintTree, HeadingsThatLinksNameAreLookedFor) {
  tree.write("a.md",
             "# The `first` one, & more\n\n## Twice\n\n## Twice\n\n<a id=\"by-hand\"></a>\n\n"
             "[1](#the-first-one--more) [2](#twice-1) [3](b.md#other) [4](b.md#gone) [5](#by-hand) [6](#nowhere)\n"
             "[7](b.md#L1) [8](src/x.py#L1) [9](src/x.py#anything) [10](#the-first-one-more) [11](#top)\n");
  tree.write("b.md", "Other\n=====\n");
  tree.write("src/x.py", "x = 1\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].message, "b.md has no heading #gone");
  EXPECT_EQ(report.findings[0].kind, FindingKind::anchor);
  EXPECT_EQ(report.findings[1].message, "a.md has no heading #nowhere");
  EXPECT_TRUE(report.findings[1].edits.empty());
}

TEST_F(LintTree, LinksOfRawHtmlAreLookedForAndRewritten) {
  tree.write("img/deep/logo.svg", "<svg/>");
  tree.write("README.md",
             "<p align=\"center\">\n  <img src=\"img/logo.svg\" width=\"3\"></p>\n\n"
             "See <a href='docs/x.md'>it</a> <a href=\"https://example.org/\">far</a>\n\n"
             "<!-- <a href=\"nowhere.md\"> -->\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].replacement, "img/deep/logo.svg");
  EXPECT_EQ(report.findings[1].message, "docs/x.md is not there");
  fix(report);
  EXPECT_TRUE(
      tree.read("README.md").starts_with("<p align=\"center\">\n  <img src=\"img/deep/logo.svg\" width=\"3\"></p>\n"));
}

TEST_F(LintTree, CommandsOfFencedCodeNameFilesThatGitKnowsToBeGone) {
  tree.write("tools/build.sh", "echo one\n");
  tree.write("old.py", "print(1)\n");
  git("init");
  git("add -A");
  git("commit -m one");
  git("mv tools/build.sh tools/make.sh");
  git("rm -q old.py");
  tree.write("README.md",
             "```console\n$ sh tools/build.sh --out build/x.txt && python3 old.py\nold.py was run\n```\n\n"
             "```python\nopen('old.py')\n```\n\n```sh\n# old.py\n./tools/build.sh > out.log\n```\n");
  git("add -A");
  git("commit -m two");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 3u);
  EXPECT_EQ(report.findings[0].replacement, "tools/make.sh");
  EXPECT_EQ(report.findings[1].text, "old.py");
  EXPECT_EQ(report.findings[1].line, 2u);
  EXPECT_EQ(report.findings[2].replacement, "./tools/make.sh");
}

TEST_F(LintTree, ARenamedFileIsFoundByItsNameAndRewritten) {
  tree.write("src/deep/scheduler.cc", "int a;\n");
  tree.write("src/other.cc", "int b;\n");
  tree.write("README.md", "Look at `src/scheduler.cc:1` and [here](src/scheduler.cc#L1).\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].replacement, "src/deep/scheduler.cc:1");
  EXPECT_EQ(report.findings[0].column, 10u);
  fix(report);
  EXPECT_EQ(tree.read("README.md"), "Look at `src/deep/scheduler.cc:1` and [here](src/deep/scheduler.cc#L1).\n");
  EXPECT_TRUE(run().findings.empty());
}

TEST_F(LintTree, ARenameIsFoundInTheHistoryByItsBytes) {
  tree.write("src/old_name.py", "def answer():\n    return 42\n");
  tree.write("README.md", "`src/old_name.py` and `old_name.py`\n");
  git("init -q .");
  git("add -A");
  git("commit -qm one");
  git("mv src/old_name.py src/new_name.py");
  auto report = run();  // Not committed yet.
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].replacement, "src/new_name.py");
  git("commit -qam two");
  tree.write("src/new_name.py", "def answer():\n    return 43\n");
  report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].replacement, "src/new_name.py");
  EXPECT_EQ(report.findings[1].replacement, "new_name.py");
  fix(report);
  EXPECT_TRUE(run().findings.empty());
}

TEST_F(LintTree, AMovedFolderIsFollowed) {
  tree.write("lib/a/x.py", "x1 = 1\n");
  tree.write("lib/a/yy.py", "y1 = 2\n");
  tree.write("README.md", "All in `lib/a/`, see [x](lib/a).\n");
  git("init -q .");
  git("add -A");
  git("commit -qm one");
  git("mv lib src");
  git("commit -qm two");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  fix(report);
  EXPECT_EQ(tree.read("README.md"), "All in `src/a/`, see [x](src/a).\n");
}

TEST_F(LintTree, ALineBehindTheEndIsStale) {
  tree.write("src/a.cc", "int a;\nint b;\n");
  tree.write("README.md", "`src/a.cc:3` and [r](src/a.cc#L1-L9)\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].kind, FindingKind::line);
  EXPECT_TRUE(report.findings[0].edits.empty());
}

TEST_F(LintTree, AMovedSymbolTakesItsLineAlong) {
  tree.write("src/a.py", "import os\n\n\n\n\ndef start_here():\n    pass\n\n\ndef other():\n    pass\n");
  tree.write("src/b.py", "def gone_there():\n    pass\n");
  tree.write("README.md",
             "[`start_here`](src/a.py#L1), `start_here` (`src/a.py:2`), `src/a.py::gone_there`, `gone_there` in "
             "`src/a.py`.\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 4u);
  fix(report);
  EXPECT_EQ(tree.read("README.md"),
            "[`start_here`](src/a.py#L6), `start_here` (`src/a.py:6`), `src/b.py::gone_there`, `gone_there` in "
            "`src/b.py`.\n");
  EXPECT_TRUE(run().findings.empty());
}

TEST_F(LintTree, ASymbolThatTheCodeOnceHadIsStale) {
  tree.write("src/a.py", "class OldParser:\n    def next_token(self):\n        pass\n\n\ndef old_way():\n    pass\n");
  tree.write("README.md", "`OldParser`, `OldParser.next_token()`, `old_way()`, `never_was()`, `GitHub`.\n");
  git("init -q .");
  git("add -A");
  git("commit -qm one");
  tree.write("src/a.py", "class NewParser:\n    def next_token(self):\n        pass\n\n\ndef new_way():\n    pass\n");
  auto report = run();
  ASSERT_EQ(report.findings.size(), 3u);
  EXPECT_EQ(report.findings[1].replacement, "NewParser.next_token()");
  git("commit -qam two");
  report = run();
  ASSERT_EQ(report.findings.size(), 3u);
  EXPECT_NE(report.findings[2].message.find("until commit"), std::string::npos) << report.findings[2].message;
}

TEST_F(LintTree, IgnoredPathsAndChangeLogsAreNoClaims) {
  tree.write(".gitignore", "/src/made/\n*.out\n");
  tree.write("src/a.cc", "int a;\n");
  git("init -q .");
  tree.write("README.md", "`src/made/a.cc`, `src/run.out`, [x](src/made/report.html)\n");
  tree.write("CHANGELOG.md", "- removed `src/was.cc`\n");
  EXPECT_TRUE(run().findings.empty());
}

TEST_F(LintTree, ARemovedFileIsStaleWithoutAReplacement) {
  tree.write("src/a.cc", "int a;\n");
  tree.write("docs/x.md", "[gone](../src/gone.cc) and `src/gone.cc`\n");
  const auto report = run();
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_TRUE(report.findings[0].replacement.empty());
}

/// Random trees, moves and pages: what can be rewritten is right afterwards, once and for all, and the rest is kept.
TEST_F(LintTree, FixLeavesNothingToFixAndTouchesNothingElse) {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    for (const auto* folder : {"src", "lib", "docs", "README.md"}) tree.remove(folder);
    const std::vector<std::string> folders{"src/", "src/core/", "lib/", "lib/deep/er/"};
    std::vector<std::string> now;
    std::string page;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "unit" + std::to_string(i) + ".py";
      const auto was = folders[pick(folders.size())] + name;
      const auto is = pick(2) == 0 ? was : folders[pick(folders.size())] + name;
      tree.write(is, "def fn_" + std::to_string(i) + "():\n    return " + std::to_string(i) + "\n");
      const std::vector<std::string> forms{"`" + was + "`",
                                           "[" + was + "](../" + was + ")",
                                           "`" + was + ":1`",
                                           "![p](../" + was + "#L1-L2)",
                                           "> - *x* `" + was + "::fn_" + std::to_string(i) + "`\n\n",
                                           "\xc3\xa9 `" + was + "` \\` `\r\n"};
      page += forms[pick(forms.size())] + (pick(3) == 0 ? "\r\n\r\n" : " words & more ");
    }
    tree.write("docs/page.md", page);
    const auto before = run();
    std::vector<Edit> edits;
    for (const auto& finding : before.findings) {
      ASSERT_FALSE(finding.edits.empty()) << finding.message;
      edits.insert(edits.end(), finding.edits.begin(), finding.edits.end());
    }
    std::ranges::sort(edits, {}, &Edit::offset);
    fix(before);
    const auto after = tree.read("docs/page.md");
    // All bytes between the edits are there, in their order.
    std::size_t old = 0;
    std::size_t at = 0;
    for (const auto& edit : edits) {
      const auto kept = page.substr(old, edit.offset - old);
      ASSERT_EQ(after.substr(at, kept.size()), kept);
      at += kept.size();
      ASSERT_EQ(after.substr(at, edit.with.size()), edit.with);
      at += edit.with.size();
      old = edit.offset + edit.size;
    }
    ASSERT_EQ(after.substr(at), page.substr(old));
    const auto again = run();
    for (const auto& finding : again.findings) ADD_FAILURE() << finding.text << ": " << finding.message;
  }
}

TEST(RelativePath, LeadsFromTheFolderToThePath) {
  EXPECT_EQ(relative_path("", "a/b"), "a/b");
  EXPECT_EQ(relative_path("a", "a/b"), "b");
  EXPECT_EQ(relative_path("a/c", "a/b"), "../b");
  EXPECT_EQ(relative_path("ab", "a/b"), "../a/b");
  EXPECT_EQ(relative_path("x/y", "a"), "../../a");
  EXPECT_EQ(resolved("x/y", "../z"), "x/z");
  EXPECT_FALSE(resolved("x", "../../z"));
}

}  // namespace
}  // namespace skein::prose
