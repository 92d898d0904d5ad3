// The engine's small parts, each on its own: keys, retry, ready queue, history, metrics, resources.
#include <gtest/gtest.h>

#include "base/platform/machine.h"
#include "base/sim_file_system.h"
#include "engine/history.h"
#include "engine/metrics.h"
#include "engine/plan_builder.h"
#include "engine/ready_queue.h"
#include "engine/resources.h"
#include "engine/retry.h"

namespace skein::engine {
namespace {

const std::vector<KeyPart> kParts{{"language", "python@1.0"}, {"content", "abc"}};

TEST(Key, DependsOnEveryDeclaredPart) {
  const std::vector<Digest> inputs{sha256("1"), sha256("2")};
  const Digest key = declared_digest("agent", "1.0", kParts, inputs);
  EXPECT_EQ(key, declared_digest("agent", "1.0", kParts, inputs));
  EXPECT_NE(key, declared_digest("agen", "t1.0", kParts, inputs));
  EXPECT_NE(key, declared_digest("agent", "1.1", kParts, inputs));
  EXPECT_NE(key, declared_digest("agent", "1.0", kParts, std::vector<Digest>{inputs[1], inputs[0]}));
  EXPECT_NE(key, declared_digest("agent", "1.0", kParts, std::vector<Digest>{inputs[0]}));
  EXPECT_NE(key, declared_digest("agent", "1.0", std::vector<KeyPart>{kParts[0]}, inputs));
  EXPECT_NE(key, declared_digest("agent", "1.0", std::vector<KeyPart>{kParts[1], kParts[0]}, inputs));
}

TEST(Key, IsCompletedByWhatWasReadInAnyOrder) {
  const Digest declared = sha256("declared");
  const Read a{ReadKind::file, "a", sha256("a")};
  const Read b{ReadKind::absence, "b", {}};
  EXPECT_EQ(complete_key(declared, {}), declared);
  EXPECT_EQ(complete_key(declared, std::vector{a, b}), complete_key(declared, std::vector{b, a}));
  EXPECT_NE(complete_key(declared, std::vector{a}), complete_key(declared, std::vector{a, b}));
  const Read listing{ReadKind::listing, "a", sha256("a")};
  EXPECT_NE(complete_key(declared, std::vector{a}), complete_key(declared, std::vector{listing}));
}

TEST(Key, NamesTheFirstPartThatDiffers) {
  EXPECT_EQ(first_difference(kParts, kParts), "");
  EXPECT_EQ(first_difference(kParts, std::vector<KeyPart>{{"language", "python@1.1"}, {"content", "abc"}}),
            "language: python@1.0 -> python@1.1");
  EXPECT_EQ(
      first_difference(kParts, std::vector<KeyPart>{{"language", "python@1.0"}, {"content", "abc"}, {"new", "x"}}),
      "new: (not there) -> x");
  EXPECT_EQ(first_difference(kParts, std::vector<KeyPart>{{"content", "abc"}}), "language: python@1.0 -> (not there)");
}

TEST(Retry, WaitsUniformlyBelowABoundThatGrowsToTheCeiling) {
  SeededRandom random(1);
  const RetryPolicy policy{.first = Millis(100), .ceiling = Millis(1'000), .factor = 2};
  for (int attempt = 1; attempt <= 8; ++attempt) {
    const Millis bound = std::min(Millis(100 << (attempt - 1)), Millis(1'000));
    Nanos longest{};
    Nanos shortest = bound;
    for (int i = 0; i < 2'000; ++i) {
      const Nanos delay = retry_delay(policy, attempt, random);
      ASSERT_GE(delay, Nanos(0));
      ASSERT_LT(delay, Nanos(bound));
      longest = std::max(longest, delay);
      shortest = std::min(shortest, delay);
    }
    EXPECT_GT(longest, Nanos(bound) * 9 / 10) << "full jitter uses the whole span";
    EXPECT_LT(shortest, Nanos(bound) / 10);
  }
}

TEST(Retry, SortsEveryCode) {
  for (int i = 0; i <= static_cast<int>(Code::internal); ++i) {
    const auto code = static_cast<Code>(i);
    const auto expected = code == Code::unavailable || code == Code::timed_out ? FailureClass::transient
                          : code == Code::budget                               ? FailureClass::budget
                                                                               : FailureClass::permanent;
    EXPECT_EQ(classify(code), expected) << to_string(code);
  }
}

TEST(ReadyQueue, GivesTheLongestRemainingPathFirstAndTiesInThePlansOrder) {
  ReadyQueue queue;
  queue.push(StepId{2}, 5);
  queue.push(StepId{1}, 5);
  queue.push(StepId{3}, 9);
  queue.push(StepId{4}, 1);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.top(), StepId{3});
  std::vector<std::uint32_t> order;
  while (!queue.empty()) order.push_back(index_of(queue.pop()));
  EXPECT_EQ(order, (std::vector<std::uint32_t>{3, 1, 2, 4}));
}

TEST(RemainingPaths, AreThoseOfTheLongestChainAbove) {
  const testing::FunctionAgent agent(testing::concatenate);
  const Plan p = testing::plan("a -> b, b -> c, a -> c, d", agent);
  History history;
  history.of("test.agent").record(Micros(10), true);
  EXPECT_EQ(remaining_paths(p, 0, history), (std::vector<float>{30, 20, 10, 10}));
  EXPECT_EQ(remaining_paths(p, 0, History{}, 7), (std::vector<float>{21, 14, 7, 7}));
  EXPECT_EQ(remaining_paths(p, 2, history), (std::vector<float>{10, 10})) << "of new steps only";
}

TEST(History, LeansToWhatIsNewAndStaysOnTheDisk) {
  History history;
  EXPECT_FALSE(history.executed_us("a"));
  history.of("a").record(Micros(800), true);
  EXPECT_EQ(history.executed_us("a"), 800);
  history.of("a").record(Micros(0), true);
  EXPECT_EQ(history.executed_us("a"), 700);
  history.of("b").record(Micros(5), true);
  SeededRandom random(1);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  ASSERT_TRUE(history.save(disk, "d/history"));
  const History again = History::load(disk, "d/history");
  EXPECT_EQ(again.executed_us("a"), 700);
  EXPECT_EQ(again.executed_us("b"), 5);
}

TEST(History, DoesNotTakeWhatTheCacheGaveForTheWorkItself) {
  AgentHistory agent;
  agent.record(Micros(10), false);
  EXPECT_FALSE(agent.executed_us()) << "never done here";
  EXPECT_EQ(agent.attempt_us(), 10);
  agent.record(Micros(810), true);
  EXPECT_EQ(agent.executed_us(), 810);
  EXPECT_EQ(agent.attempt_us(), 110);
}

TEST(History, ThatIsDamagedForeignOrAbsentIsEmpty) {
  SeededRandom random(1);
  SimFileSystem disk(random);
  ASSERT_TRUE(disk.make_directories("d"));
  EXPECT_FALSE(History::load(disk, "d/none").executed_us("a"));
  History history;
  history.of("a").record(Micros(800), true);
  ASSERT_TRUE(history.save(disk, "d/history"));
  const std::string good = read_file(disk, "d/history").value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bytes = good;
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
    ASSERT_TRUE(write_file_atomically(disk, "d/history", bytes, false));
    EXPECT_FALSE(History::load(disk, "d/history").executed_us("a")) << i;
    ASSERT_TRUE(write_file_atomically(disk, "d/history", good.substr(0, i), false));
    EXPECT_FALSE(History::load(disk, "d/history").executed_us("a")) << i;
  }
}

TEST(MemoryMetrics, CountsSetsAndObserves) {
  MemoryMetrics metrics;
  metrics.count("steps", {{"state", "hit"}}, 2);
  metrics.count("steps", {{"state", "hit"}}, 3);
  metrics.gauge("load", {}, 7);
  metrics.gauge("load", {}, 4);
  metrics.observe("seconds", {{"a", "1"}, {"b", "2"}}, 0.5);
  metrics.observe("seconds", {{"a", "1"}, {"b", "2"}}, 1.5);
  EXPECT_EQ(metrics.value("steps{state=\"hit\"}"), 5);
  EXPECT_EQ(metrics.value("load"), 4);
  EXPECT_EQ(metrics.value("seconds{a=\"1\",b=\"2\"}"), 2);
  EXPECT_EQ(metrics.observations("seconds{a=\"1\",b=\"2\"}"), 2u);
  EXPECT_EQ(metrics.value("none"), 0);
  EXPECT_EQ(metrics.observations("none"), 0u);
}

TEST(Resources, FitGrowAndShrink) {
  Resources free{.cpu = 2, .providers = 1, .memory = {100}};
  const Resources needs{.cpu = 1, .providers = 1, .memory = {60}};
  EXPECT_TRUE(needs.fits_in(free));
  free -= needs;
  EXPECT_FALSE(needs.fits_in(free));
  EXPECT_FALSE((Resources{.memory = {50}}).fits_in(free));
  free += needs;
  EXPECT_TRUE(needs.fits_in(free));
}

TEST(Profile, GrowsFromSmallToEnterprise) {
  Resources last;
  for (const auto profile : {Profile::small, Profile::medium, Profile::large, Profile::enterprise}) {
    const Resources now = profile_resources(profile);
    EXPECT_TRUE(last.fits_in(now));
    EXPECT_GT(now.cpu, last.cpu);
    last = now;
  }
  EXPECT_EQ(profile_resources(Profile::automatic).cpu, usable_processors());
}

}  // namespace
}  // namespace skein::engine
