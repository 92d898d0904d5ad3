#include "engine/run.h"

#include <gtest/gtest.h>

#include <atomic>

#include "base/sim_file_system.h"
#include "engine/plan_builder.h"
#include "net/asio_loop.h"

namespace skein::engine {
namespace {

using testing::concatenate;
using testing::FunctionAgent;
using testing::plan;

/// A run with real threads and a real loop, its results in memory.
struct Bench {
  std::unique_ptr<EventLoop> loop = net::make_asio_loop();
  ThreadPool pool{4};
  ThreadPool disk{1};
  MemoryResults results;
  SeededRandom random{1};
  History history;
  RunOptions options{.id = "20260101-000000-test", .capacity = {.cpu = 4, .providers = 4, .memory = {1 << 30}}};

  Result<RunReport> run(Plan& p, std::vector<Digest>* artifacts = nullptr, std::stop_token stop = {}) {
    const RunEnvironment environment{.loop = *loop,
                                     .pool = pool,
                                     .disk = disk,
                                     .results = results,
                                     .random = random,
                                     .history = history,
                                     .stop = std::move(stop)};
    return execute(p, environment, options, artifacts);
  }
  std::string value(const Plan& p, const std::vector<Digest>& artifacts, std::string_view name) {
    return results.get_blob(artifacts[index_of(*p.find_artifact(name))]).value_or("?");
  }
};

TEST(Run, GivesEachStepWhatItsInputsMade) {
  const FunctionAgent agent(concatenate);
  auto p = plan("a -> c, b -> c, c -> d, a -> d", agent);
  Bench bench;
  std::vector<Digest> artifacts;
  const auto report = bench.run(p, &artifacts);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(report->executed, 4u);
  EXPECT_EQ(bench.value(p, artifacts, "d"), "d(c(a(),b()),a())");
}

TEST(Run, FindsAllResultsAgainInASecondRun) {
  const FunctionAgent agent(concatenate);
  Bench bench;
  auto first = plan("a -> b, b -> c", agent);
  ASSERT_TRUE(bench.run(first));
  auto second = plan("a -> b, b -> c", agent);
  const auto report = bench.run(second);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->hits, 3u);
  EXPECT_EQ(report->executed, 0u);
}

TEST(Run, CutsOffWhatStandsOnAStepThatMadeTheSameBytes) {
  // b ignores its input, so that a change of a does not reach c.
  std::string a = "1";
  const FunctionAgent agent([&](StepContext& context) -> Status {
    const auto& name = context.step().name;
    if (name == "a") return context.output(0, a);
    if (name == "b") return context.output(0, "same");
    return concatenate(context);
  });
  Bench bench;
  auto first = plan("a -> b, b -> c", agent);
  ASSERT_TRUE(bench.run(first));
  a = "2";
  const auto changed = [&] {
    Plan p;
    for (auto& step : testing::parse_steps("a -> b, b -> c", agent, [&](auto name) { return p.artifact(name); })) {
      if (step.name == "a") step.parts.push_back({"content", a});
      EXPECT_TRUE(p.add(std::move(step)));
    }
    return p;
  };
  auto second = changed();
  const auto report = bench.run(second);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 2u);
  EXPECT_EQ(report->hits, 1u);
  a = "3";
  bench.options.use_cutoff = false;
  auto third = changed();
  const auto without = bench.run(third);
  ASSERT_TRUE(without);
  EXPECT_EQ(without->executed, 3u);
}

TEST(Run, KeepsGoingAfterAFailureAndNamesWhatWasNotRun) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name == "bad") return fail(Code::invalid_argument, "no such thing");
    return concatenate(context);
  });
  auto p = plan("bad -> x, x -> y, good -> z", agent);
  Bench bench;
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::failed);
  EXPECT_EQ(report->failed, 1u);
  EXPECT_EQ(report->skipped, 2u);
  EXPECT_EQ(report->executed, 2u);
  ASSERT_EQ(report->failures.size(), 1u);
  EXPECT_EQ(report->failures[0].step, "bad");
}

TEST(Run, TriesTransientFailuresAgain) {
  std::atomic<int> calls = 0;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    if (++calls < 3) return fail(Code::unavailable, "busy");
    return concatenate(context);
  });
  auto p = plan("a", agent);
  Bench bench;
  bench.options.retry.first = Millis(1);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(calls, 3);
}

/// Bytes that it forgets after they were stored, until they are stored again.
class Forgetful final : public ResultStore {
 public:
  Forgetful(MemoryResults& inner, std::string bytes) : inner_(inner), bytes_(std::move(bytes)) {}
  Result<std::vector<StoredResult>> find(const Digest& d) override { return inner_.find(d); }
  Status put(const StoredResult& r) override { return inner_.put(r); }
  Status forget(const Digest& k) override { return inner_.forget(k); }
  Result<Digest> put_blob(std::string_view bytes) override {
    if (bytes == bytes_) lost_ = false;
    return inner_.put_blob(bytes);
  }
  Result<std::string> get_blob(const Digest& d) override {
    if (lost_ && d == sha256(bytes_)) return fail(Code::data_corrupt, "gone");
    return inner_.get_blob(d);
  }
  Status flush() override { return {}; }
  std::atomic<bool> lost_ = false;  // Both threads of the pool ask.

 private:
  MemoryResults& inner_;
  std::string bytes_;
};

TEST(Run, MakesALostInputAgain) {
  // The blob of `a` is forgotten after its result was stored.
  const FunctionAgent agent(concatenate);
  Bench bench;
  Forgetful store(bench.results, "a()");
  const auto run = [&](std::string_view text) {
    auto p = plan(text, agent);
    const RunEnvironment environment{.loop = *bench.loop,
                                     .pool = bench.pool,
                                     .disk = bench.disk,
                                     .results = store,
                                     .random = bench.random,
                                     .history = bench.history};
    return execute(p, environment, bench.options);
  };
  ASSERT_TRUE(run("a"));
  store.lost_ = true;
  const auto report = run("a -> b, a -> c");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(report->failed, 0u);
}

TEST(Run, KeepsWhatIsAttachedToAnOutputAndMakesItAgainWhereItIsLost) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name == "many") {
      SKEIN_TRY(const auto one, context.attach("one"));
      SKEIN_TRY(const auto two, context.attach("two"));
      return context.output(0, one.hex() + two.hex());
    }
    return concatenate(context);
  });
  Bench bench;
  Forgetful store(bench.results, "two");
  const FunctionAgent taker([&](StepContext& context) -> Status {
    SKEIN_TRY(const auto names, context.input(0));
    std::string all;
    for (std::size_t at = 0; at < names.size(); at += 64) {
      const auto bytes = store.get_blob(*Digest::parse(names.substr(at, 64)));
      if (!bytes) {
        context.attachment_lost(0);
        return std::unexpected(bytes.error());
      }
      all += *bytes;
    }
    return context.output(0, all);
  });
  std::vector<Digest> artifacts;
  const auto run = [&](std::string_view taken_by) {
    Plan p;
    Step many, take;
    many.name = "many";
    many.agent = &agent;
    many.outputs = {p.artifact("many")};
    take.name = taken_by;
    take.parts = {{"name", take.name}};
    take.agent = &taker;
    take.inputs = many.outputs;
    take.outputs = {p.artifact("taken")};
    EXPECT_TRUE(p.add(std::move(many)));
    EXPECT_TRUE(p.add(std::move(take)));
    const RunEnvironment environment{.loop = *bench.loop,
                                     .pool = bench.pool,
                                     .disk = bench.disk,
                                     .results = store,
                                     .random = bench.random,
                                     .history = bench.history};
    return execute(p, environment, bench.options, &artifacts);
  };
  auto report = run("first");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(store.get_blob(artifacts[1]).value_or("?"), "onetwo");
  // They are the result's, after its outputs: a collection of what is stored keeps them.
  const auto declared = declared_digest(agent.name(), agent.result_version(), {}, {});
  const auto kept = store.find(declared);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ(kept->front().outputs, (std::vector<Digest>{artifacts[0], sha256("one"), sha256("two")}));
  report = run("second");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->hits, 1u);
  store.lost_ = true;
  report = run("third");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(report->failed, 0u);
  EXPECT_FALSE(store.lost_) << "it was made again";
  EXPECT_EQ(store.get_blob(artifacts[1]).value_or("?"), "onetwo");
}

TEST(Run, GrowsWhileItGoesOn) {
  const FunctionAgent agent(concatenate);
  Plan p;
  Step root;
  root.name = "root";
  root.agent = &agent;
  root.outputs = {p.artifact("root")};
  root.expand = [&](Plan& growing, const std::vector<Digest>&) -> Status {
    for (int i = 0; i < 3; ++i) {
      Step step;
      step.name = "child " + std::to_string(i);
      step.parts = {{"name", step.name}};
      step.agent = &agent;
      step.inputs = {growing.artifact("root")};
      step.outputs = {growing.artifact(step.name)};
      SKEIN_DO(growing.add(std::move(step)));
    }
    return {};
  };
  ASSERT_TRUE(p.add(std::move(root)));
  Bench bench;
  const auto report = bench.run(p);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->executed, 4u) << report->hits << " hits, " << report->failed << " failed, " << report->skipped
                                  << " skipped";
}

TEST(Run, RunsAThousandWaitingStepsAtOnce) {
  const testing::CoroutineAgent agent([](StepContext& context, EventLoop& loop) -> Task<Status> {
    co_await sleep(loop, Millis(20));
    co_return context.output(0, context.step().name);
  });
  Plan p;
  for (int i = 0; i < 1000; ++i) {
    Step step;
    step.name = "wait " + std::to_string(i);
    step.agent = &agent;
    step.outputs = {p.artifact(step.name)};
    ASSERT_TRUE(p.add(std::move(step)));
  }
  Bench bench;
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 1000u);
  EXPECT_LT(report->usage.wall, Micros(10'000'000));  // One after the other would take 20 s.
}

TEST(Run, StopsPromptlyWhenAskedAndSaysCancelled) {
  std::stop_source stop;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    stop.request_stop();
    return concatenate(context);
  });
  auto p = plan("a -> b, b -> c", agent);
  Bench bench;
  const auto report = bench.run(p, nullptr, stop.get_token());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::cancelled);
  EXPECT_GE(report->skipped, 1u);
}

}  // namespace
}  // namespace skein::engine
