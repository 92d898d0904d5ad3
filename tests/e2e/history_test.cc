// `skein history`, as a user runs it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "e2e/skein_program.h"

namespace skein {
namespace {

using test::Outcome;
using test::SkeinProgram;

class HistoryCommand : public ::testing::Test {
 protected:
  void git(std::vector<std::string> words, const std::string& author = "Ann") {
    words.insert(words.begin(), "git");
    const std::string email = author + "@example.org";
    const Outcome done = skein_.run_program(words, {},
                                            {{"GIT_AUTHOR_NAME", author},
                                             {"GIT_AUTHOR_EMAIL", email},
                                             {"GIT_COMMITTER_NAME", author},
                                             {"GIT_COMMITTER_EMAIL", email}});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  void commit(const std::string& author) {
    git({"add", "-A"});
    git({"commit", "-q", "-m", "x"}, author);
  }
  nlohmann::json json(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"history", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = skein_.run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }
  SkeinProgram skein_;
};

TEST_F(HistoryCommand, ShowsHotSpotsPeopleAndFolders) {
  git({"init", "-q"});
  skein_.workspace.write("src/a.py", "def f(x):\n    if x and f:\n        return 1\n");
  skein_.workspace.write("src/b.py", "y = 1\n");
  commit("Ann");
  skein_.workspace.write("src/a.py", "def f(x):\n    if x and f:\n        return 2\n");
  commit("Bob");
  skein_.workspace.write("src/b.py", "y = 2\n");
  commit("Bob");
  auto found = json();
  EXPECT_EQ(found["commits"], 3);
  EXPECT_EQ(found["compared"], 3);
  EXPECT_EQ(found["complete"], true);
  ASSERT_EQ(found["hot_spots"].size(), 1U) << "b.py decides nothing";
  EXPECT_EQ(found["hot_spots"][0]["path"], "src/a.py");
  EXPECT_EQ(found["hot_spots"][0]["complexity"], 2);
  EXPECT_EQ(found["hot_spots"][0]["score"], 4);
  EXPECT_EQ(found["people"][0]["name"], "Bob");
  EXPECT_EQ(found["folders"][1]["path"], "src");
  EXPECT_EQ(found["folders"][1]["owner"], "Bob");
  found = json();
  EXPECT_EQ(found["compared"], 0) << "remembered by commit";
  EXPECT_EQ(found["commits"], 3);
  skein_.workspace.write("skein.toml", "[history]\ncommits = 2\n");
  EXPECT_EQ(json()["commits"], 2);
  skein_.workspace.write("skein.toml", "[history]\nby = \"months\"\nmonths = 1\n");
  EXPECT_EQ(json()["commits"], 3);
  const Outcome text = skein_.run({"history", "--top", "1"});
  EXPECT_TRUE(text.out.contains("src/a.py (2 x 2)")) << text.out;
  EXPECT_FALSE(text.out.contains("Ann"));
}

TEST_F(HistoryCommand, SaysThatThereIsNoHistory) {
  const auto found = json();
  EXPECT_EQ(found["commits"], 0);
  EXPECT_TRUE(found["notes"][0].get<std::string>().contains("no git repository"));
}

TEST_F(HistoryCommand, ADamagedMemoryIsMadeAgain) {
  git({"init", "-q"});
  skein_.workspace.write("a.py", "x = 1\n");
  commit("Ann");
  json();
  skein_.workspace.write(".skein/tables/history", "damaged");
  EXPECT_EQ(json()["compared"], 1);
  EXPECT_EQ(json()["compared"], 0);
}

}  // namespace
}  // namespace skein
