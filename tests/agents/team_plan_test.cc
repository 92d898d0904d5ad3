#include "agents/team_plan.h"

#include <gtest/gtest.h>

namespace skein::agents {
namespace {

std::string step(const std::string& id, const std::string& after, double minutes) {
  return "[[steps]]\nid = \"" + id + "\"\nagent = \"x\"\ntask = \"t\"\nafter = [" + after +
         "]\nminutes = " + std::to_string(minutes) + "\n";
}
std::string error_of(const std::string& text) {
  const auto plan = parse_team_plan(text, "team.toml");
  return plan ? "" : plan.error().message();
}

TEST(TeamPlan, IsReadFromTomlAndJsonAlike) {
  const auto toml =
      parse_team_plan("version = 1\nverify = [\"make\"]\n" + step("b", "\"a\"", 2) + step("a", "", 1), "f");
  ASSERT_TRUE(toml) << toml.error().to_string();
  const auto json = parse_team_plan(R"({"version": 1, "verify": ["make"], "steps": [
      {"id": "b", "agent": "x", "task": "t", "after": ["a"], "minutes": 2}, {"id": "a", "agent": "x", "task": "t"}]})",
                                    "f");
  ASSERT_TRUE(json) << json.error().to_string();
  for (const auto* plan : {&*toml, &*json}) {
    ASSERT_EQ(plan->steps.size(), 2u);
    EXPECT_EQ(plan->steps[0].id, "a") << "each after what it stands on";
    EXPECT_EQ(plan->steps[1].after, std::vector<std::string>{"a"});
    EXPECT_EQ(plan->verify, std::vector<std::string>{"make"});
  }
}

TEST(TeamPlan, GroupsAndTheCriticalPathFollowFromItsDependencies) {
  const auto plan = parse_team_plan("version = 1\n" + step("a", "", 10) + step("b", "\"a\"", 1) +
                                        step("c", "\"a\"", 5) + step("d", "\"b\", \"c\"", 2) + step("alone", "", 3),
                                    "f");
  ASSERT_TRUE(plan);
  const PlanOutlook outlook = outlook_of(*plan);
  EXPECT_EQ(outlook.groups, (std::vector<std::vector<std::size_t>>{{0, 4}, {1, 2}, {3}}));
  EXPECT_EQ(outlook.critical_path, (std::vector<std::size_t>{0, 2, 3}));
  EXPECT_EQ(outlook.critical_minutes, 17);
  EXPECT_EQ(outlook.all_minutes, 21);
  EXPECT_EQ(plan->before(3), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(plan->before(4).empty());
}

TEST(TeamPlan, SaysWhatIsWrongAndWhere) {
  EXPECT_NE(error_of("version = 2\n" + step("a", "", 1)).find("version"), std::string::npos);
  EXPECT_NE(error_of("version = 1\n").find("steps"), std::string::npos);
  EXPECT_NE(error_of("version = 1\nsteps = []\n").find("needs a step"), std::string::npos);
  EXPECT_NE(error_of("version = 1\n" + step("a", "\"bee\"", 1) + step("bees", "", 1)).find("did you mean \"bees\""),
            std::string::npos);
  EXPECT_NE(error_of("version = 1\n" + step("a", "", 1) + step("a", "", 1)).find("two steps"), std::string::npos);
  EXPECT_NE(error_of("version = 1\n" + step("a b", "", 1)).find("no name"), std::string::npos);
  EXPECT_NE(error_of("version = 1\nwhat = 1\n" + step("a", "", 1)).find("what"), std::string::npos);
  EXPECT_NE(error_of("version = 1\n[[steps]]\nid = \"a\"\nagent = \"x\"\ntask = \" \"\n").find("no task"),
            std::string::npos);
  EXPECT_NE(error_of("version = ").find("line 1"), std::string::npos);
  EXPECT_NE(error_of("{").find("team.toml"), std::string::npos);
}

TEST(TeamPlan, NamesTheStepsOfACycle) {
  const std::string error = error_of("version = 1\n" + step("start", "", 1) + step("a", "\"c\", \"start\"", 1) +
                                     step("b", "\"a\"", 1) + step("c", "\"b\"", 1) + step("end", "\"a\"", 1));
  EXPECT_NE(error.find("a after c after b after a"), std::string::npos) << error;
}

TEST(TeamPlan, ItsSchemaNamesEveryKey) {
  const std::string schema = team_plan_schema().dump();
  for (const char* key : {"version", "steps", "after", "verify", "minutes", "task", "agent"})
    EXPECT_NE(schema.find('"' + std::string(key) + '"'), std::string::npos) << key;
}

}  // namespace
}  // namespace skein::agents
