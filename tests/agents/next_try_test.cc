#include "agents/next_try.h"

#include <gtest/gtest.h>

#include <set>

namespace skein::agents {
namespace {

const std::string kFailure = "`make test` ended with exit code 2:\n\nFAILED a_test";

TEST(NextTries, TellTheFailureOnceThenMakeTheGoalSmallerThenStop) {
  NextTries tries("the task", 10, false);
  const auto second = tries.after(kFailure, sha256("one"));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->prompt.starts_with("the task\n\nYour work so far"));
  EXPECT_TRUE(second->prompt.ends_with(kFailure));
  const auto third = tries.after(kFailure, sha256("two"));
  ASSERT_TRUE(third);
  EXPECT_NE(third->prompt.find("though the files changed. Do only this now"), std::string::npos) << third->prompt;
  EXPECT_FALSE(tries.after(kFailure, sha256("two")));
  EXPECT_EQ(tries.why_over(), "after 3 tries, it is stuck at the same failure");
}

TEST(NextTries, ANewFailureIsNoRepetition) {
  NextTries tries("the task", 4, false);
  std::set<std::string> prompts;
  for (int i = 0; i < 3; ++i) {
    const auto next = tries.after("failure " + std::to_string(i), sha256(std::to_string(i)));
    ASSERT_TRUE(next);
    prompts.insert(next->prompt);
  }
  EXPECT_EQ(prompts.size(), 3u);
  EXPECT_FALSE(tries.after("failure 4", sha256("4"))) << "the number of tries is bounded";
  EXPECT_EQ(tries.why_over(), "after 4 tries");
}

TEST(NextTries, TheSameFailureIsKnownAgainThoughItTookAnotherTime) {
  NextTries tries("the task", 10, true);
  EXPECT_FALSE(tries.after("1 failed in 0.31s, 3 s", sha256("one"))->stronger);
  EXPECT_TRUE(tries.after("1 failed in 0.29s, 2 s", sha256("two"))->stronger);
  NextTries other("the task", 10, true);
  EXPECT_FALSE(other.after("2 failed in 0.31s", sha256("one"))->stronger);
  EXPECT_FALSE(other.after("1 failed in 0.31s", sha256("two"))->stronger) << "another failure";
}

TEST(NextTries, TheStrongerAgentGetsARepeatedFailureAndTheLastTry) {
  NextTries repeated("the task", 10, true);
  EXPECT_FALSE(repeated.after(kFailure, sha256("one"))->stronger);
  EXPECT_TRUE(repeated.after(kFailure, sha256("one"))->stronger);
  EXPECT_TRUE(repeated.after(kFailure, sha256("one"))->stronger) << "with a smaller goal";
  EXPECT_FALSE(repeated.after(kFailure, sha256("one")));
  NextTries last("the task", 2, true);
  EXPECT_TRUE(last.after(kFailure, sha256("one"))->stronger);
}

}  // namespace
}  // namespace skein::agents
