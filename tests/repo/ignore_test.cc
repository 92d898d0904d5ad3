#include "repo/ignore.h"

#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "repo/git_program.h"
#include "repo/snapshot.h"
#include "support/scratch_tree.h"

namespace skein::repo {
namespace {

bool matches(std::string_view pattern, std::string_view text, Glob::Slash slash = Glob::Slash::separates) {
  return Glob(pattern, slash).matches(text);
}

TEST(Glob, KnowsStarsQuestionMarksAndSets) {
  EXPECT_TRUE(matches("a*c", "abbc"));
  EXPECT_TRUE(matches("a*c", "ac"));
  EXPECT_FALSE(matches("a*c", "ab/c"));
  EXPECT_TRUE(matches("a*c", "ab/c", Glob::Slash::is_plain));
  EXPECT_TRUE(matches("?[a-c]", "xb"));
  EXPECT_FALSE(matches("?[!a-c]", "xb"));
  EXPECT_TRUE(matches("[]-]", "]"));
  EXPECT_TRUE(matches("[[:digit:]_]", "7"));
  EXPECT_FALSE(matches("[^x]", "/"));
  EXPECT_TRUE(matches("\\*", "*"));
}

TEST(Glob, KnowsTwoStarsBetweenSlashesOnly) {
  EXPECT_TRUE(matches("**/b", "b"));
  EXPECT_TRUE(matches("**/b", "a/x/b"));
  EXPECT_TRUE(matches("a/**/b", "a/b"));
  EXPECT_TRUE(matches("a/**", "a/b/c"));
  EXPECT_FALSE(matches("a/**", "a"));
  EXPECT_FALSE(matches("a/x**b", "a/x/b"));
}

TEST(Glob, MatchesNothingByAMalformedPattern) {
  for (const char* pattern : {"[", "[a", "a\\", "[[:nope:]]", "[a-"}) {
    EXPECT_FALSE(matches(pattern, "a")) << pattern;
    EXPECT_FALSE(matches(pattern, pattern)) << pattern;
  }
}

TEST(Glob, StaysFastOnAHostilePattern) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(5'000, 'a')));
}

Verdict verdict(std::string_view rules, std::string_view path, bool is_folder = false) {
  return IgnoreRules::parse(rules).match(path, is_folder);
}

TEST(Ignore, TakesTheLastRuleThatMatches) {
  EXPECT_EQ(verdict("*.log\n!keep.log\n", "a/keep.log"), Verdict::included);
  EXPECT_EQ(verdict("!keep.log\n*.log\n", "a/keep.log"), Verdict::ignored);
  EXPECT_EQ(verdict("*.log\n", "a.txt"), Verdict::none);
}

TEST(Ignore, ReadsLinesAsGitDoes) {
  EXPECT_EQ(verdict("# a\n\\#b\n", "#b"), Verdict::ignored);
  EXPECT_EQ(verdict("a  \n", "a"), Verdict::ignored);
  EXPECT_EQ(verdict("a\\ \n", "a "), Verdict::ignored);
  EXPECT_EQ(verdict("a\t\n", "a"), Verdict::none);
  EXPECT_EQ(verdict("\xEF\xBB\xBFz\r\n", "z"), Verdict::ignored);
  EXPECT_EQ(verdict("/\n//\n!\n", "a"), Verdict::none);
  EXPECT_EQ(verdict("build/\n", "build", true), Verdict::ignored);
  EXPECT_EQ(verdict("build/\n", "build", false), Verdict::none);
  EXPECT_EQ(verdict("/a\n", "b/a"), Verdict::none);
  EXPECT_EQ(verdict("b/a\n", "c/b/a"), Verdict::none);
}

// Random trees with random rules: skein's snapshot lists what the real git lists.
class AgainstGit : public ::testing::TestWithParam<int> {};

std::string random_name(Random& random) {
  static const std::vector<std::string> kNames = {"a",  "b",  "c.x", "d.x",   "ab",    "a b", "[a]", "foo",
                                                  "!n", "#n", "b\\", "build", "x.log", "é",   "-q",  "a*"};
  return kNames[random.below(kNames.size())];
}

std::string random_pattern(Random& random) {
  static const std::vector<std::string> kParts = {"*",           "**",  "?",   "[a-c]", "[!b]", "\\*", "\\",
                                                  "[",           "*.x", "a",   "b",     "foo",  "a*",  "*b",
                                                  "[[:alpha:]]", " ",   "**a", "a**",   "[]a]", "é",   "[a-"};
  std::string pattern;
  if (random.chance(0.25)) pattern += '!';
  if (random.chance(0.2)) pattern += '/';
  const auto parts = 1 + random.below(3);
  for (std::uint64_t i = 0; i < parts; ++i) {
    if (i != 0 && random.chance(0.7)) pattern += '/';
    pattern += random.chance(0.4) ? random_name(random) : kParts[random.below(kParts.size())];
  }
  if (random.chance(0.25)) pattern += '/';
  if (random.chance(0.1)) pattern += ' ';
  return pattern;
}

std::string random_rules(Random& random) {
  std::string rules;
  const auto lines = random.below(5);
  for (std::uint64_t i = 0; i < lines; ++i) rules += random_pattern(random) + (random.chance(0.1) ? "\r\n" : "\n");
  return rules;
}

void fill(const test::ScratchTree& tree, const std::string& folder, int depth, Random& random) {
  if (random.chance(depth == 0 ? 0.9 : 0.3)) tree.write(folder + ".gitignore", random_rules(random));
  const auto entries = 1 + random.below(5);
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::string path = folder + random_name(random);
    if (std::filesystem::exists(tree.path(path))) continue;
    if (depth < 3 && random.chance(0.5))
      fill(tree, path + "/", depth + 1, random);
    else
      tree.write(path, "x");
  }
}

TEST_P(AgainstGit, ListsTheFilesThatGitLists) {
  SeededRandom random(static_cast<std::uint64_t>(GetParam()));
  for (int round = 0; round < 5; ++round) {
    const test::ScratchTree tree;
    fill(tree, "", 0, random);
    test::git(tree.root(), {"init", "-q"});
    tree.write(".git/info/exclude", random_rules(random));
    tree.write(".git/global", random_rules(random));
    test::git(tree.root(), {"config", "core.excludesFile", tree.path(".git/global")});
    // Some files are tracked whatever the rules say.
    std::string all = test::git(tree.root(), {"ls-files", "-o", "-z"});
    std::string tracked;
    std::set<std::string> expected;
    for (std::stringstream names(all); !names.eof();) {
      std::string name;
      std::getline(names, name, '\0');
      if (!name.empty() && random.chance(0.2)) tracked += name + '\0';
    }
    if (!tracked.empty())
      test::git(tree.root(), {"--literal-pathspecs", "add", "-f", "--pathspec-from-file=-", "--pathspec-file-nul"},
                tracked);
    for (std::stringstream names(test::git(tree.root(), {"ls-files", "-co", "--exclude-standard", "-z"}));
         !names.eof();) {
      std::string name;
      std::getline(names, name, '\0');
      if (!name.empty()) expected.insert(name);
    }
    InlineExecutor here;
    const auto snapshot = scan(tree.root(), {}, here);
    ASSERT_TRUE(snapshot.has_value());
    std::set<std::string> found;
    for (const auto& file : snapshot->files) found.insert(file.path);
    std::string rules;
    for (const auto& path : expected)
      if (path.ends_with(".gitignore")) rules += path + ":\n" + tree.read(path);
    EXPECT_EQ(found, expected) << "seed " << GetParam() << " round " << round << "\n"
                               << rules << "exclude:\n"
                               << tree.read(".git/info/exclude") << "global:\n"
                               << tree.read(".git/global");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AgainstGit, ::testing::Range(1, 9));

// Every pattern against every path in one call of `git check-ignore`, which also covers folders.
TEST(Ignore, AnswersAsGitCheckIgnoreDoes) {
  SeededRandom random(99);
  const test::ScratchTree tree;
  test::git(tree.root(), {"init", "-q"});
  for (int round = 0; round < 25; ++round) {
    const std::string rules = random_rules(random) + random_rules(random);
    tree.write(".gitignore", rules);
    std::vector<std::string> paths;
    std::string input;
    for (int i = 0; i < 60; ++i) {
      std::string path = random_name(random);
      while (random.chance(0.5)) path += "/" + random_name(random);
      paths.push_back(path);
      input += path + '\0';
    }
    const std::string output =
        test::git(tree.root(), {"check-ignore", "-z", "--stdin", "-v", "-n", "--no-index"}, input, {0, 1});
    std::vector<std::string> fields;
    for (std::stringstream stream(output); !stream.eof();) {
      fields.emplace_back();
      std::getline(stream, fields.back(), '\0');
    }
    ASSERT_GE(fields.size(), paths.size() * 4);
    const IgnoreRules ours = IgnoreRules::parse(rules);
    for (std::size_t i = 0; i < paths.size(); ++i) {
      // git names the rule that decides, also one that decides over a folder above.
      const std::string& pattern = fields[i * 4 + 2];
      const bool ignored = !pattern.empty() && !pattern.starts_with('!');
      bool expected = false;
      for (std::size_t slash = paths[i].find('/'); !expected && slash != std::string::npos;
           slash = paths[i].find('/', slash + 1))
        expected = ours.match(paths[i].substr(0, slash), true) == Verdict::ignored;
      expected = expected || ours.match(paths[i], false) == Verdict::ignored;
      EXPECT_EQ(expected, ignored) << paths[i] << " by " << pattern << " of\n" << rules;
    }
  }
}

}  // namespace
}  // namespace skein::repo
