// The section of AGENTS.md: what is in it, and that nothing else changes.
#include <algorithm>

#include <gtest/gtest.h>

#include "prose/ci_commands.h"
#include "prose/known_facts.h"
#include "prose/marked_section.h"
#include "support/scratch_tree.h"

namespace skein::prose {
namespace {

TEST(MarkedSection, IsAddedAtTheEndAndReplacedInPlace) {
  const auto added = with_section("# Mine\n\nKeep this.", "one\n");
  ASSERT_TRUE(added);
  EXPECT_TRUE(added->starts_with("# Mine\n\nKeep this.\n\n<!-- skein:facts:begin"));
  EXPECT_EQ(with_section(*added, "one\n").value(), *added);
  const auto replaced = with_section(*added + "after\r\n", "two\nthree\n");
  ASSERT_TRUE(replaced);
  EXPECT_TRUE(replaced->ends_with("-->\ntwo\nthree\n<!-- skein:facts:end -->\nafter\r\n")) << *replaced;
}

TEST(MarkedSection, TakesTheLineEndsOfTheFile) {
  const auto added = with_section("# Mine\r\n", "one\n").value();
  EXPECT_EQ(std::ranges::count(added, '\n'), std::ranges::count(added, '\r'));
  EXPECT_EQ(with_section(added, "one\n").value(), added);
}

TEST(MarkedSection, IsAFixedPointBehindALineThatHasNoEndYet) {
  for (const char* text : {"", "\r", "a\r", "a", "a\n\r"}) {
    const auto once = with_section(text, "one\n").value();
    EXPECT_EQ(with_section(once, "one\n").value(), once);
  }
}

TEST(MarkedSection, AMarkWithoutItsOtherIsRefusedWithItsLine) {
  const auto no_end = with_section("a\n<!-- skein:facts:begin -->\nb\n", "x\n");
  ASSERT_FALSE(no_end);
  EXPECT_NE(no_end.error().message().find("line 2"), std::string::npos) << no_end.error().message();
  EXPECT_FALSE(with_section("<!-- skein:facts:end -->\n", "x\n"));
  EXPECT_FALSE(
      with_section("<!-- skein:facts:begin -->\n<!-- skein:facts:begin -->\n<!-- skein:facts:end -->\n", "x\n"));
}

TEST(MarkedSection, WithoutALastNewlineTheFileStaysSo) {
  auto text = with_section("", "one\n").value();
  text.pop_back();
  EXPECT_EQ(with_section(text, "one\n").value(), text);
}

TEST(CiCommands, StepsAndScriptsAreReadAndSetUpIsLeftOut) {
  EXPECT_EQ(ci_commands("jobs:\n  t:\n    steps:\n      - uses: actions/checkout@v4\n      - run: make test\n"
                        "      - name: more\n        run: |\n          cd x\n          npm ci\n\n          npm test\n"
                        "      - run: 'cargo clippy'\n      - run: echo ${{ matrix.x }}\n"),
            (std::vector<std::string>{"make test", "npm ci", "npm test", "cargo clippy"}));
  EXPECT_EQ(ci_commands("test:\n  script:\n    - pytest -q\n    - \"ruff check .\"\n  image: x\n"),
            (std::vector<std::string>{"pytest -q", "ruff check ."}));
}

TEST(KnownFacts, SayCommandsLayoutEntryPointsAndConventions) {
  test::ScratchTree tree;
  tree.write(
      "package.json",
      R"({"name":"shop","description":"A <b>shop</b>.","main":"src/index.js","scripts":{"test":"jest","lint":"eslint ."}})");
  tree.write(".eslintrc.json", "{}\n");
  tree.write("src/index.js", "export const a = 1;\n");
  tree.write("tools/run.py", "if __name__ == \"__main__\":\n    print(1)\n");
  tree.write("tests/a.test.js", "test('x', () => {});\n");
  tree.write(".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: npm test\n");
  const auto files = make_system_file_system();
  InlineExecutor pool;
  const auto snapshot = repo::scan(tree.root(), {}, pool);
  ASSERT_TRUE(snapshot.has_value());
  const auto text = facts_section(*snapshot, *files, pool, "", "");
  for (const std::string_view part :
       {"shop: A \\<b\\>shop\\</b\\>.", "Written mostly in", "JavaScript", "`npm test`", "`lint`",
        "CI (`.github/workflows/ci.yml`) runs: `npm test`", "- `src/`: JavaScript", "- `tests/`: tests",
        "- `src/index.js` (by `package.json`)", "- `tools/run.py` (has a main)",
        "- `.eslintrc.json`: ESLint checks JavaScript"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find(tree.root()), std::string::npos);
  ThreadPool two(2);
  EXPECT_EQ(facts_section(*snapshot, *files, two, "", ""), text);
}

}  // namespace
}  // namespace skein::prose
