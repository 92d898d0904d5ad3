#include "engine/regrowth.h"

#include <gtest/gtest.h>

#include <deque>
#include <latch>
#include <map>
#include <set>

#include "base/random.h"
#include "engine/plan_builder.h"
#include "net/asio_loop.h"
#include "support/scratch_tree.h"

namespace skein::engine {
namespace {

using testing::FunctionAgent;

/// A random graph of steps whose own values can be changed. A step's artifacts are made of its value and its inputs;
/// some steps look only at the length of what they take, so that changes often end at them.
class Graph {
 public:
  explicit Graph(std::uint64_t seed) : random_(seed), agent_([](StepContext& context) { return body(context); }) {
    const std::size_t count = 3 + random_.below(20);
    for (std::size_t i = 0; i < count; ++i) {
      Node node;
      node.outputs = 1 + random_.below(3);
      node.deaf = random_.chance(0.4);
      for (std::size_t k = random_.below(4); k > 0 && i > 0; --k) {
        const std::size_t maker = random_.below(i);
        node.inputs.emplace_back(maker, random_.below(nodes_[maker].outputs));
      }
      nodes_.push_back(std::move(node));
    }
  }

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  std::size_t change_one() {
    const std::size_t at = random_.below(nodes_.size());
    nodes_[at].value = static_cast<int>(random_.below(3));
    return at;
  }

  [[nodiscard]] Step bare(std::size_t i) const {
    Step step;
    step.name = "s" + std::to_string(i);
    step.agent = &agent_;
    // What a step makes follows from its key, so how many outputs it has must stand there, too.
    step.parts = {{"value", std::to_string(nodes_[i].value)},
                  {"deaf", nodes_[i].deaf ? "1" : "0"},
                  {"outputs", std::to_string(nodes_[i].outputs)}};
    return step;
  }
  Plan whole(std::vector<std::uint64_t>& tags) const {
    Plan plan;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      Step step = bare(i);
      for (const auto& [maker, output] : nodes_[i].inputs) step.inputs.push_back(plan.artifact(name(maker, output)));
      for (std::size_t k = 0; k < nodes_[i].outputs; ++k) step.outputs.push_back(plan.artifact(name(i, k)));
      EXPECT_TRUE(plan.add(std::move(step)));
      tags.push_back(1000 + i);
    }
    return plan;
  }

 private:
  struct Node {
    std::vector<std::pair<std::size_t, std::size_t>> inputs;
    std::size_t outputs = 1;
    int value = 0;
    bool deaf = false;
  };
  static std::string name(std::size_t step, std::size_t output) {
    return std::to_string(step) + "/" + std::to_string(output);
  }
  static Status body(StepContext& context) {
    std::string text(context.part("value"));
    for (std::size_t i = 0; i < context.input_count(); ++i) {
      SKEIN_TRY(const auto bytes, context.input(i));
      text += context.part("deaf") == "1" ? "." : sha256(bytes).hex();
    }
    for (std::size_t i = 0; i < context.step().outputs.size(); ++i)
      SKEIN_DO(context.output(i, i % 2 == 0 ? text : "always"));
    return {};
  }

  SeededRandom random_;
  FunctionAgent agent_;
  std::vector<Node> nodes_;
};

struct Bench {
  std::unique_ptr<EventLoop> loop = net::make_asio_loop();
  ThreadPool pool{2};
  ThreadPool disk{1};
  MemoryResults results;
  SeededRandom random{1};
  History history;
  test::ScratchTree place;
  std::unique_ptr<FileSystem> files = make_system_file_system();
  RunOptions options{.id = "20260101-000000-test", .capacity = {.cpu = 2, .providers = 1, .memory = {1 << 30}}};

  RunReport run(Plan& plan, std::vector<Digest>* artifacts = nullptr) {
    const RunEnvironment environment{
        .loop = *loop, .pool = pool, .disk = disk, .results = results, .random = random, .history = history};
    auto report = execute(plan, environment, options, artifacts);
    EXPECT_TRUE(report) << report.error().to_string();
    return report ? std::move(*report) : RunReport{};
  }
  RememberedPlan reopened(const std::string& bytes) {
    place.write("plan", bytes);
    auto opened = RememberedPlan::open(place.path("plan"));
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }
};

TEST(Regrowth, GivesWhatTheWholePlanGivesAfterAnyChange) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Graph graph(seed);
    Bench bench;
    std::vector<std::uint64_t> tags;
    std::vector<Digest> artifacts;
    auto first = graph.whole(tags);
    bench.run(first, &artifacts);
    std::string bytes = *remember(first, tags, artifacts, sha256("request"), "extra");
    for (int change = 0; change < 4; ++change) {
      std::set<std::uint32_t> changed;
      for (std::size_t i = 0; i <= seed % 3; ++i) changed.insert(static_cast<std::uint32_t>(graph.change_one()));
      const auto before = bench.reopened(bytes);
      EXPECT_EQ(before.request(), sha256("request"));
      EXPECT_EQ(before.extra(), "extra");
      int done = 0;
      Regrowth regrowth(
          before, [&](std::uint64_t tag) { return graph.bare(tag - 1000); },
          [&](Plan&) {
            ++done;
            return Status{};
          });
      Plan plan;
      ASSERT_TRUE(regrowth.begin(plan, std::vector<std::uint32_t>(changed.begin(), changed.end())));
      const auto report = bench.run(plan);
      ASSERT_EQ(report.status, RunStatus::ok);
      EXPECT_EQ(done, 1);
      EXPECT_EQ(report.executed + report.hits, graph.size()) << "what was left counts as reused";
      tags.clear();
      auto whole = graph.whole(tags);
      const auto reference = bench.run(whole, &artifacts);
      EXPECT_EQ(reference.executed, 0u) << "what was not made again is as it was";
      const auto now = [&](std::uint32_t artifact) {
        const auto other = regrowth.changed().find(artifact);
        return other == regrowth.changed().end() ? before.digests()[artifact] : other->second;
      };
      // The artifacts of what is remembered are in the order of the steps that make them.
      std::size_t at = 0;
      for (std::size_t i = 0; i < graph.size(); ++i)
        for (const auto output : whole.step(static_cast<StepId>(i)).outputs)
          ASSERT_EQ(now(static_cast<std::uint32_t>(at++)), artifacts[index_of(output)]) << i;
      // Each step that was added either changed itself or takes something that is different.
      for (const auto step : regrowth.redone()) {
        bool touched = changed.contains(step);
        for (const auto input : before.inputs(step)) touched = touched || before.digests()[input] != now(input);
        EXPECT_TRUE(touched) << step;
      }
      ASSERT_TRUE(before.save_renewed(*bench.files, bench.place.path("renewed"), regrowth.changed(), "extra"));
      bytes = bench.place.read("renewed");
    }
  }
}

TEST(Regrowth, StopsWhereAStepFails) {
  Graph graph(5);
  Bench bench;
  std::vector<std::uint64_t> tags;
  std::vector<Digest> artifacts;
  auto first = graph.whole(tags);
  bench.run(first, &artifacts);
  const auto before = bench.reopened(*remember(first, tags, artifacts, {}, ""));
  const FunctionAgent failing([](StepContext&) -> Status { return fail(Code::internal, "no"); }, "test.failing");
  bool done = false;
  Regrowth regrowth(
      before,
      [&](std::uint64_t tag) {
        Step step = graph.bare(tag - 1000);
        step.agent = &failing;
        return step;
      },
      [&](Plan&) {
        done = true;
        return Status{};
      });
  Plan plan;
  ASSERT_TRUE(regrowth.begin(plan, std::vector<std::uint32_t>{0}));
  EXPECT_EQ(bench.run(plan).status, RunStatus::failed);
  EXPECT_FALSE(done);
}

TEST(RememberedPlan, SeesAnyDamage) {
  Graph graph(7);
  Bench bench;
  std::vector<std::uint64_t> tags;
  std::vector<Digest> artifacts;
  auto plan = graph.whole(tags);
  bench.run(plan, &artifacts);
  const std::string bytes = *remember(plan, tags, artifacts, sha256("r"), "more");
  const auto opens = [&](const std::string& text) {
    bench.place.write("damaged", text);
    return RememberedPlan::open(bench.place.path("damaged")).has_value();
  };
  EXPECT_TRUE(opens(bytes));
  for (std::size_t size = 0; size < bytes.size(); size += 7) EXPECT_FALSE(opens(bytes.substr(0, size))) << size;
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] ^ 4);
    EXPECT_FALSE(opens(other)) << at;
  }
  EXPECT_EQ(RememberedPlan::open(bench.place.path("none")).error().code(), Code::not_found);
}

TEST(RememberedPlan, LeavesOutStepsWithoutATag) {
  Graph graph(9);
  Bench bench;
  std::vector<std::uint64_t> tags;
  std::vector<Digest> artifacts;
  auto plan = graph.whole(tags);
  bench.run(plan, &artifacts);
  tags.back() = 0;
  const auto remembered = bench.reopened(*remember(plan, tags, artifacts, {}, ""));
  EXPECT_EQ(remembered.step_count(), graph.size() - 1);
  EXPECT_EQ(remembered.find(1000), 0u);
  EXPECT_FALSE(remembered.find(1000 + graph.size() - 1));
  // What was not made cannot be remembered.
  artifacts.front() = {};
  EXPECT_FALSE(remember(plan, tags, artifacts, {}, ""));
}

TEST(Plan, AgentsThatComeWhileOthersWorkLeaveTheirNamesAlone) {
  Bench bench;
  std::latch grown(1);
  const FunctionAgent slow(
      [&](StepContext& context) -> Status {
        grown.wait();  // Its name is asked for after this, by its worker.
        return context.output(0, "slow");
      },
      "test.with-a-name-of-some-length.slow");
  std::deque<FunctionAgent> more;
  for (int i = 0; i < 100; ++i)
    more.emplace_back([](StepContext& context) -> Status { return context.output(0, "more"); },
                      "test.more." + std::to_string(i));
  const FunctionAgent first([](StepContext& context) -> Status { return context.output(0, "first"); });
  Plan plan;
  const auto made = [](Plan& to, const Agent& agent, const std::string& name) {
    Step step;
    step.name = name;
    step.agent = &agent;
    step.parts = {{"name", name}};
    step.outputs = {to.artifact(name)};
    return step;
  };
  ASSERT_TRUE(plan.add(made(plan, slow, "slow")));
  Step growing = made(plan, first, "first");
  growing.expand = [&](Plan& now, const std::vector<Digest>&) -> Status {
    for (std::size_t i = 0; i < more.size(); ++i) SKEIN_DO(now.add(made(now, more[i], "more " + std::to_string(i))));
    // After they have their places.
    bench.loop->call_at(bench.loop->now() + Millis(20), [&] { grown.count_down(); });
    return {};
  };
  ASSERT_TRUE(plan.add(std::move(growing)));
  const auto report = bench.run(plan);
  EXPECT_EQ(report.status, RunStatus::ok);
  EXPECT_EQ(report.executed, 102u);
  const KeyPart part{"name", "slow"};
  const auto kept = bench.results.find(declared_digest(slow.name(), slow.result_version(), {&part, 1}, {}));
  ASSERT_TRUE(kept && kept->size() == 1);
  EXPECT_EQ(kept->front().agent, "test.with-a-name-of-some-length.slow@1.0");
}

TEST(Plan, TakesOverWhatAnotherOneLeft) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    SKEIN_TRY(const auto bytes, context.input(0));
    return context.output(0, bytes + "!");
  });
  Bench bench;
  const Digest there = *bench.results.put_blob("x");
  Plan plan;
  plan.take_over({there, {}});
  Step step;
  step.name = "s";
  step.agent = &agent;
  step.inputs = {ArtifactId{0}};
  step.outputs = {plan.artifact("new")};
  ASSERT_TRUE(plan.add(step));
  std::vector<Digest> artifacts;
  EXPECT_EQ(bench.run(plan, &artifacts).status, RunStatus::ok);
  EXPECT_EQ(plan.artifact_name(plan.artifact("new")), "new");
  EXPECT_EQ(*bench.results.get_blob(artifacts[2]), "x!");
  // One without a digest is not there, and one whose bytes are lost cannot be made again.
  step.name = "t";
  step.inputs = {ArtifactId{1}};
  step.outputs = {plan.artifact("other")};
  ASSERT_TRUE(plan.add(step));
  EXPECT_FALSE(plan.check());
  Plan lost;
  lost.take_over({sha256("nobody has this")});
  step.inputs = {ArtifactId{0}};
  step.outputs = {lost.artifact("new")};
  ASSERT_TRUE(lost.add(step));
  const auto report = bench.run(lost);
  EXPECT_EQ(report.status, RunStatus::failed);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures[0].error.code(), Code::not_found);
}

}  // namespace
}  // namespace skein::engine
