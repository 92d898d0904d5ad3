#include "engine/plan.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "engine/plan_builder.h"

namespace skein::engine {
namespace {

using testing::FunctionAgent;
using testing::try_plan;

const FunctionAgent kAgent(testing::concatenate);

Step step_of(Plan& plan, const std::string& name, const std::vector<std::string>& inputs,
             const std::vector<std::string>& outputs) {
  Step step;
  step.name = name;
  step.agent = &kAgent;
  for (const auto& input : inputs) step.inputs.push_back(plan.artifact(input));
  for (const auto& output : outputs) step.outputs.push_back(plan.artifact(output));
  return step;
}

TEST(Plan, NamesTheStepsOfACycleInTheirOrder) {
  const auto made = try_plan("a -> b, b -> c, c -> a, d -> a", kAgent);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code(), Code::invalid_argument);
  EXPECT_EQ(made.error().message(), "steps wait for each other: 'a' needs 'c' needs 'b' needs 'a'");
  EXPECT_EQ(try_plan("a -> a", kAgent).error().message(), "steps wait for each other: 'a' needs 'a'");
}

TEST(Plan, NamesTheStepThatNeedsWhatNobodyMakes) {
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, "page", {"facts"}, {"html"})));
  EXPECT_EQ(plan.check().error().message(), "step 'page' needs 'facts', which no step makes");
  ASSERT_TRUE(plan.add(step_of(plan, "analyse", {}, {"facts"})));
  EXPECT_TRUE(plan.check()) << "it is made now";
}

TEST(Plan, NamesBothStepsThatMakeOneThing) {
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, "first", {}, {"x"})));
  EXPECT_EQ(plan.add(step_of(plan, "second", {}, {"x"})).error().message(),
            "'x' is made by two steps: 'first' and 'second'");
  EXPECT_EQ(plan.add(step_of(plan, "both", {}, {"y", "y"})).error().message(),
            "'y' is made by two steps: 'both' and 'both'");
  EXPECT_EQ(plan.add(step_of(plan, "first", {}, {"z"})).error().message(),
            "two steps are named 'first'; give one of them another name");
  Step none = step_of(plan, "none", {}, {"n"});
  none.agent = nullptr;
  EXPECT_EQ(plan.add(std::move(none)).error().message(), "step 'none' has no agent");
  EXPECT_EQ(plan.size(), 1u) << "refused steps leave nothing behind";
  ASSERT_TRUE(plan.add(step_of(plan, "third", {}, {"y"})));
}

TEST(Plan, FindsStepsAndArtifactsByName) {
  Plan plan;
  const auto id = plan.add(step_of(plan, "s", {}, {"x"}));
  EXPECT_EQ(plan.find("s"), *id);
  EXPECT_FALSE(plan.find("t"));
  EXPECT_EQ(plan.artifact("x"), *plan.find_artifact("x"));
  EXPECT_FALSE(plan.find_artifact("y"));
  ASSERT_TRUE(plan.check());
  EXPECT_EQ(plan.maker(plan.artifact("x")), *id);
  EXPECT_EQ(plan.artifact_name(plan.artifact("x")), "x");
  EXPECT_EQ(plan.artifact_count(), 1u);
}

TEST(Plan, CountsAfterAsADependency) {
  Plan plan;
  Step first = step_of(plan, "first", {}, {"x"});
  first.after = {plan.artifact("y")};
  ASSERT_TRUE(plan.add(std::move(first)));
  ASSERT_TRUE(plan.add(step_of(plan, "second", {"x"}, {"y"})));
  EXPECT_FALSE(plan.check());
}

TEST(Plan, OfAnyDepthIsChecked) {
  Plan plan;
  for (int i = 200'000; i > 0; --i)
    ASSERT_TRUE(plan.add(step_of(plan, "s" + std::to_string(i),
                                 i > 1 ? std::vector{"a" + std::to_string(i - 1)} : std::vector<std::string>{},
                                 {"a" + std::to_string(i)})));
  EXPECT_TRUE(plan.check());
}

TEST(Plan, FindsACycleIfAndOnlyIfOneWasMade) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededRandom random(seed);
    const auto count = 2 + random.below(12);
    // Edges from lower to higher numbers make no cycle; one back edge along a path makes one.
    std::vector<std::vector<bool>> reach(count, std::vector<bool>(count));
    std::vector<std::vector<std::string>> inputs(count);
    for (std::size_t to = 1; to < count; ++to)
      for (std::size_t from = 0; from < to; ++from)
        if (random.chance(0.3)) {
          inputs[to].push_back("a" + std::to_string(from));
          reach[from][to] = true;
          for (std::size_t i = 0; i < from; ++i) reach[i][to] = reach[i][to] || reach[i][from];
        }
    const auto low = random.below(count - 1);
    const auto high = low + 1 + random.below(count - 1 - low);
    inputs[low].push_back("a" + std::to_string(high));
    Plan plan;
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_TRUE(plan.add(step_of(plan, "s" + std::to_string(i), inputs[i], {"a" + std::to_string(i)})));
    EXPECT_EQ(plan.check().has_value(), !reach[low][high]) << seed;
  }
}

}  // namespace
}  // namespace skein::engine
