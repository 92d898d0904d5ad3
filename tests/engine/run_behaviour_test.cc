// One behaviour of a run each, on virtual time: limits, stops, failures, recorded reads, off switches, durability.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <sstream>

#include "engine/sim_bench.h"
#include "net/asio_loop.h"

namespace skein::engine {
namespace {

using namespace testing;

Step step_of(Plan& plan, const Agent& agent, const std::string& name, const std::vector<std::string>& inputs = {}) {
  Step step;
  step.name = name;
  step.agent = &agent;
  step.parts = {{"name", name}};
  for (const auto& input : inputs) step.inputs.push_back(plan.artifact(input));
  step.outputs = {plan.artifact(name)};
  return step;
}

TEST(TimeLimit, EndsAWaitingStepAndTriesItAgain) {
  int attempts = 0;
  const CoroutineAgent agent([&](StepContext& context, EventLoop& loop) -> Task<Status> {
    if (++attempts == 1) {
      UntilStopped answer{loop, context.stop()};
      co_await answer;
      co_return fail(Code::cancelled, "no answer");
    }
    co_return context.output(0, "answer");
  });
  SimBench bench;
  bench.options.time_limit = Millis(500);
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, agent, "ask")));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(attempts, 2);
  EXPECT_TRUE(bench.saw("took longer than its limit of 500 ms"));
  EXPECT_GE(bench.loop.now() - Instant{}, Millis(500));
}

TEST(TimeLimit, OfAComputingStepIsKeptByItsStopToken) {
  SimBench bench;
  bench.options.retry.max_attempts = 1;
  ThreadPool pool(2);
  const auto loop = net::make_asio_loop();
  const FunctionAgent agent([](StepContext& context) -> Status {
    // Waits as long work does: until it is told to stop.
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait(lock, context.stop(), [] { return false; });
    return fail(Code::cancelled, "told to stop");
  });
  Plan plan;
  Step slow = step_of(plan, agent, "slow");
  slow.time_limit = Millis(5);
  ASSERT_TRUE(plan.add(std::move(slow)));
  const RunEnvironment environment{.loop = *loop,
                                   .pool = pool,
                                   .disk = pool,
                                   .results = bench.results,
                                   .random = bench.random,
                                   .history = bench.history};
  const auto report = execute(plan, environment, bench.options);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->failures.size(), 1u);
  EXPECT_EQ(report->failures[0].error.code(), Code::timed_out);
}

TEST(Stop, CancelsWaitingStepsPromptlyAndRetriesNothing) {
  const CoroutineAgent agent([&](StepContext& context, EventLoop& loop) -> Task<Status> {
    if (context.step().name == "busy") co_return fail(Code::unavailable, "busy");
    UntilStopped answer{loop, context.stop()};
    co_await answer;
    co_return fail(Code::cancelled, "told to stop");
  });
  SimBench bench;
  bench.options.retry = {.max_attempts = 100, .first = Millis(60'000)};
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, agent, "ask")));
  ASSERT_TRUE(plan.add(step_of(plan, agent, "busy")));
  ASSERT_TRUE(plan.add(step_of(plan, agent, "above", {"ask"})));
  bench.loop.call_at(Instant{} + Millis(10), [&] { bench.stop.request_stop(); });
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::cancelled);
  EXPECT_EQ(report->skipped, 3u);
  EXPECT_EQ(report->failed, 0u);
  EXPECT_LT(bench.loop.now() - Instant{}, Millis(100));
}

TEST(Stop, RequestedBeforeTheStartDoesNothing) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  bench.stop.request_stop();
  auto p = plan("a -> b", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::cancelled);
  EXPECT_EQ(to_string(report->status), "cancelled");
}

TEST(FailFast, StartsNothingMoreAfterAFailure) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name == "bad") return fail(Code::io, "broken");
    return concatenate(context);
  });
  SimBench bench;
  bench.options.keep_going = false;
  bench.options.serial = true;
  auto p = plan("bad, a -> b, b -> c", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::failed);
  EXPECT_EQ(to_string(report->status), "failed");
  EXPECT_EQ(report->executed, 0u);
  EXPECT_EQ(report->skipped, 3u);
}

TEST(WhatThereIs, IsEnoughForAStepThatTakesIt) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name == "bad") return fail(Code::io, "broken");
    return concatenate(context);
  });
  const FunctionAgent all([](StepContext& context) -> Status {
    std::string text;
    for (std::size_t i = 0; i < context.input_count(); ++i) text += context.input_digest(i).is_none() ? '-' : '+';
    return context.output(0, text);
  });
  for (const char* names : {"good bad after-bad", "bad after-bad good"}) {
    SimBench bench;
    Plan p;
    Step last;
    last.name = "all";
    last.agent = &all;
    last.takes_what_there_is = true;
    last.outputs = {p.artifact("all")};
    std::istringstream words(names);
    for (std::string name; words >> name;) {
      Step step = step_of(p, agent, name);
      if (name == "after-bad") step.inputs = {p.artifact("bad")};
      last.inputs.push_back(step.outputs[0]);
      ASSERT_TRUE(p.add(std::move(step)));
    }
    const auto output = last.outputs[0];
    ASSERT_TRUE(p.add(std::move(last)));
    std::vector<Digest> artifacts;
    const auto report = bench.run(p, &artifacts);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, RunStatus::failed);
    EXPECT_EQ(report->executed, 2u);
    EXPECT_EQ(report->skipped, 1u);
    const auto bytes = bench.results.get_blob(artifacts[index_of(output)]);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, std::string_view(names).starts_with("good") ? "+--" : "--+");
  }
}

/// Counts how many of its steps are at work at once.
class BlockingAgent final : public Agent {
 public:
  std::string_view name() const override { return "test.blocking"; }
  std::string_view result_version() const override { return "1.0"; }
  WorkKind kind() const override { return WorkKind::blocking; }
  Status run(StepContext& context) const override { return concatenate(context); }
};

TEST(Blocking, StepsTakeSlotsAndNoTokens) {
  const BlockingAgent agent;
  SimBench bench;
  bench.options.capacity.cpu = 1;
  bench.options.capacity.slots = 3;
  std::size_t most = 0, now = 0;
  struct Counting final : Observer {
    std::size_t *now, *most;
    bool wants_every_step() const override { return true; }
    void on(const Event& event) override {
      if (std::holds_alternative<StepStarted>(event)) *most = std::max(*most, ++*now);
      if (std::holds_alternative<StepFinished>(event)) --*now;
    }
  } counting;
  counting.now = &now;
  counting.most = &most;
  auto p = plan("a, b, c, d, e, f", agent);
  const RunEnvironment environment{.loop = bench.loop,
                                   .pool = bench.pool,
                                   .disk = bench.disk_thread,
                                   .results = bench.results,
                                   .random = bench.random,
                                   .history = bench.history,
                                   .clock = &bench.loop.clock(),
                                   .observers = {&counting}};
  const auto report = execute(p, environment, bench.options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 6u);
  EXPECT_EQ(most, 3u);
}

/// Keeps all in memory.
struct MemorySink final : OutputSink {
  struct Kept {
    std::string step, bytes;
    bool failed;
    int exit_code;
  };
  std::mutex mutex;
  std::vector<Kept> kept;
  bool broken = false;
  Result<std::string> keep(const StepOutput& output) override {
    if (broken) return fail(Code::io, "no room");
    const std::scoped_lock lock(mutex);
    kept.push_back({std::string(output.step), std::string(output.bytes), output.failed, output.exit_code});
    return "log" + std::to_string(kept.size());
  }
};

TEST(OutputSink, GetsTheWholeOfWhatEachAttemptPrintedAndTheJournalItsName) {
  const std::string much(100'000, 'x');
  const FunctionAgent agent([&](StepContext& context) -> Status {
    if (context.step().name == "quiet") return concatenate(context);
    context.print(much + context.step().name);
    context.program_ended(context.step().name == "bad" ? 3 : 0, false);
    if (context.step().name == "bad") return fail(Code::unavailable, "no server");
    return concatenate(context);
  });
  SimBench bench;
  MemorySink sink;
  bench.outputs = &sink;
  bench.options.retry = {.max_attempts = 2, .first = Millis(10)};
  auto p = plan("a -> quiet, quiet -> bad", agent);
  ASSERT_TRUE(bench.run(p));
  ASSERT_EQ(sink.kept.size(), 3u);  // Of the failed step each attempt.
  EXPECT_EQ(sink.kept[0].step, "a");
  EXPECT_FALSE(sink.kept[0].failed);
  EXPECT_EQ(sink.kept[0].exit_code, 0);
  EXPECT_EQ(sink.kept[2].exit_code, 3);
  EXPECT_EQ(sink.kept[2].bytes, much + "bad");
  EXPECT_TRUE(sink.kept[2].failed);
  std::vector<std::string> names;
  for (const auto& record : bench.journaled())
    if (const auto* output = std::get_if<JournalOutput>(&record)) names.push_back(output->step + "=" + output->name);
  EXPECT_EQ(names, (std::vector<std::string>{"a=log1", "bad=log2", "bad=log3"}));
}

TEST(OutputSink, ThatCannotKeepAnythingCostsNoStep) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    context.print("something");
    return concatenate(context);
  });
  SimBench bench;
  MemorySink sink;
  sink.broken = true;
  bench.outputs = &sink;
  auto p = plan("a -> b", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 2u);
}

TEST(Failure, LeavesARecordThatExplainsIt) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name != "bad") return concatenate(context);
    context.print(std::string(5'000, 'x') + "the last words");
    return fail(Code::unavailable, "no server");
  });
  SimBench bench;
  bench.options.retry = {.max_attempts = 3, .first = Millis(10)};
  auto p = plan("a -> bad, bad -> x, x -> y", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failures.at(0).attempts, 3);
  const auto records = bench.journaled();
  ASSERT_EQ(records.size(), 2u);
  const auto& failure = std::get<JournalFailure>(records[1]);
  EXPECT_EQ(failure.name, "bad");
  EXPECT_EQ(failure.agent, "test.agent@1.0");
  EXPECT_EQ(failure.code, "unavailable");
  EXPECT_EQ(failure.attempts, 3);
  EXPECT_EQ(failure.parts, (std::vector<KeyPart>{{"name", "bad"}}));
  EXPECT_EQ(failure.inputs, std::vector<Digest>{sha256("a()")});
  EXPECT_EQ(failure.not_run, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(failure.last_output.size(), 4'096u);
  EXPECT_TRUE(failure.last_output.ends_with("the last words"));
  EXPECT_EQ(bench.metrics.value("skein_steps_total{state=\"failed\"}"), 1);
  EXPECT_EQ(bench.metrics.value("skein_steps_total{state=\"skipped\"}"), 2);
}

TEST(Failure, OfAnAgentThatForgetsAnOutputOrDoesOtherWorkIsNamed) {
  const FunctionAgent forgetful([](StepContext&) -> Status { return {}; }, "forgetful");
  class Neither final : public Agent {
   public:
    explicit Neither(WorkKind kind) : kind_(kind) {}
    std::string_view name() const override { return "neither"; }
    std::string_view result_version() const override { return "1.0"; }
    WorkKind kind() const override { return kind_; }
    WorkKind kind_;
  };
  const Neither computes(WorkKind::computing);
  const Neither waits(WorkKind::waiting);
  SimBench bench;
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, forgetful, "f")));
  ASSERT_TRUE(plan.add(step_of(plan, computes, "c")));
  ASSERT_TRUE(plan.add(step_of(plan, waits, "w")));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->failures.size(), 3u);
  EXPECT_EQ(report->failures[0].error.message(), "agent forgetful did not give output 1 of step 'f'");
  EXPECT_EQ(report->failures[1].error.message(), "agent neither does not compute, but step 'c' was given to it");
  EXPECT_EQ(report->failures[2].error.message(), "agent neither does not wait, but step 'w' was given to it");
}

TEST(RecordedReads, DecideWhetherAResultStillFits) {
  int done = 0;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    ++done;
    const auto config = context.read_file("config");
    const auto listing = context.read_listing("folder");
    return context.output(0, config.value_or("absent") + listing.hex());
  });
  SimBench bench;
  const auto run = [&] {
    auto p = plan("a", agent);
    const auto report = bench.run(p);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->status, RunStatus::ok);
  };
  const auto expect_done = [&](int expected, std::string_view why) {
    run();
    EXPECT_EQ(done, expected) << why;
  };
  expect_done(1, "new");
  expect_done(1, "the same");
  bench.world.files["config"] = "there";
  expect_done(2, "what was absent is there");
  expect_done(2, "the same");
  bench.world.files["config"] = "changed";
  expect_done(3, "other bytes");
  bench.world.files["config"] = "there";
  expect_done(3, "as it was before: found again");
  bench.world.files["other"] = "";
  expect_done(4, "another name in the folder");
}

TEST(RecordedReads, NeedAWorld) {
  SimBench bench;
  const FunctionAgent agent([](StepContext& context) -> Status {
    SKEIN_TRY(const auto bytes, context.read_file("x"));
    return context.output(0, bytes);
  });
  Plan plan;
  const Step step = step_of(plan, agent, "a");
  StepContext context(step, {}, bench.results, nullptr, {});
  EXPECT_EQ(context.read_file("x").error().code(), Code::internal);
  EXPECT_EQ(context.part("name"), "a");
  EXPECT_EQ(context.part("none"), "");
  // A result with reads does not fit a run without a world.
  bench.world.files["x"] = "1";
  auto first = testing::plan("a", agent);
  ASSERT_TRUE(bench.run(first));
  auto second = testing::plan("a", agent);
  const RunEnvironment environment{.loop = bench.loop,
                                   .pool = bench.pool,
                                   .disk = bench.disk_thread,
                                   .results = bench.results,
                                   .random = bench.random,
                                   .history = bench.history};
  const auto report = execute(second, environment, bench.options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->hits, 0u);
  EXPECT_EQ(report->failed, 1u);
}

TEST(Refresh, DoesTheNamedStepsOnly) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  auto first = plan("a -> b, b -> c", agent);
  ASSERT_TRUE(bench.run(first));
  bench.options.refresh = {"b"};
  auto second = plan("a -> b, b -> c", agent);
  const auto report = bench.run(second);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 1u);
  EXPECT_EQ(report->hits, 2u);
}

TEST(OffSwitches, ChangeNoByteOfTheOutputs) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SeededRandom random(seed);
    auto steps = random_plan(random);
    SimWorld world;
    world.files["file1"] = "content";
    const auto expected = reference(steps, world);
    std::map<std::string, const SimStep*> by_name;
    for (auto& step : steps) {
      step.needs = {};
      step.loses_first_answer = false;
      by_name[step.name] = &step;
      for (auto& child : step.children) by_name[child.name] = &child;
    }
    const auto body = [&](StepContext& context) -> Status {
      const SimStep& step = *by_name.at(context.step().name);
      std::vector<std::string> inputs;
      for (std::size_t i = 0; i < context.input_count(); ++i) {
        SKEIN_TRY(inputs.emplace_back(), context.input(i));
      }
      return context.output(
          0, sim_value(step.salt, inputs, step.reads.empty() ? "" : context.read_file(step.reads).value_or("absent")));
    };
    const FunctionAgent computing(body, std::string(kSimComputing));
    const CoroutineAgent waiting(
        [&](StepContext& context, EventLoop& loop) -> Task<Status> {
          co_await sleep(loop, Millis(1));
          co_return body(context);
        },
        std::string(kSimWaiting));
    SimBench bench;
    bench.world = world;
    for (int switches = 0; switches < 8; ++switches) {
      bench.options.serial = (switches & 1) != 0;
      bench.options.use_cache = (switches & 2) == 0;
      bench.options.use_cutoff = (switches & 4) == 0;
      Plan plan;
      for (const auto& step : steps) ASSERT_TRUE(add_to(plan, step, computing, waiting));
      std::vector<Digest> artifacts;
      const auto report = bench.run(plan, &artifacts);
      ASSERT_TRUE(report) << report.error().to_string();
      ASSERT_EQ(report->status, RunStatus::ok);
      for (const auto& [name, one] : expected)
        ASSERT_EQ(artifacts[index_of(*plan.find_artifact(name))], sha256(one.value)) << name << " seed " << seed;
      EXPECT_TRUE(bench.options.use_cache || report->hits == 0) << seed;
    }
  }
}

TEST(Serial, RunsOneStepAtATimeInThePlansOrder) {
  std::string order;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    order += context.step().name;
    return concatenate(context);
  });
  SimBench bench;
  bench.options.serial = true;
  auto p = plan("d, a -> b, c", agent);
  ASSERT_TRUE(bench.run(p));
  EXPECT_EQ(order, "dabc");
}

TEST(Effects, RunOneAtATimeAndNeverFromTheCache) {
  int running = 0;
  int done = 0;
  const CoroutineAgent agent([&](StepContext& context, EventLoop& loop) -> Task<Status> {
    EXPECT_EQ(++running, 1);
    co_await sleep(loop, Millis(3));
    --running;
    ++done;
    co_return context.output(0, "effect");
  });
  SimBench bench;
  for (int run = 1; run <= 2; ++run) {
    Plan plan;
    for (int i = 0; i < 5; ++i) {
      Step step = step_of(plan, agent, "e" + std::to_string(i));
      step.purity = Purity::effectful;
      ASSERT_TRUE(plan.add(std::move(step)));
    }
    ASSERT_TRUE(bench.run(plan));
    EXPECT_EQ(done, 5 * run);
  }
}

TEST(Effects, RecordInTheJournalBeforeTheyGoOnAndTellWhichFilesChanged) {
  const auto loop = net::make_asio_loop();
  ThreadPool pool(2);
  ThreadPool disk_thread(1);
  SimBench bench;
  std::size_t seen = 0;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    if (context.step().purity != Purity::effectful) return concatenate(context);
    SKEIN_DO(context.record(JournalCommit{"/target", "pages", {}}));
    seen = bench.journaled().size();
    context.file_changed("index.html", false);
    context.file_changed("old.html", true);
    context.usage().money = {5};
    context.print("published");
    return context.output(0, "done");
  });
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, agent, "page")));
  Step publish = step_of(plan, agent, "publish", {"page"});
  publish.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(publish)));
  const RunEnvironment environment{.loop = *loop,
                                   .pool = pool,
                                   .disk = disk_thread,
                                   .results = bench.results,
                                   .journal = &bench.journal,
                                   .random = bench.random,
                                   .history = bench.history,
                                   .observers = {&bench}};
  const auto report = execute(plan, environment, bench.options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_EQ(seen, 2u) << "the page's record and the commit";
  EXPECT_EQ(report->usage.money.value, 5);
  for (const auto* part : {"\"path\":\"index.html\",\"change\":\"written\"", "\"change\":\"removed\"",
                           "\"micro_dollars\":5", "\"text\":\"published\""})
    EXPECT_TRUE(bench.saw(part)) << part;
}

class RecordsFirst final : public Agent {
 public:
  explicit RecordsFirst(std::function<Status(StepContext&)> body) : body_(std::move(body)) {}
  std::string_view name() const override { return "test.records-first"; }
  std::string_view result_version() const override { return "1.0"; }
  bool records_first() const override { return true; }
  Status run(StepContext& context) const override { return body_(context); }

 private:
  std::function<Status(StepContext&)> body_;
};

/// Real threads and a real loop over the simulated disk. All arguments outlive the run.
RunEnvironment environment_of(SimBench& bench, EventLoop& loop, Executor& pool, Executor& disk) {
  return {.loop = loop,
          .pool = pool,
          .disk = disk,
          .results = bench.results,
          .journal = &bench.journal,
          .random = bench.random,
          .history = bench.history};
}

TEST(Effects, ThatRecordFirstBeginBeforeAndGoOnAfterWhatTheyStandOnIsDurable) {
  const auto loop = net::make_asio_loop();
  std::promise<void> begun;
  SimBench bench;
  std::vector<JournalRecord> at_the_record;
  const FunctionAgent page(concatenate);
  const RecordsFirst publisher([&](StepContext& context) -> Status {
    begun.set_value();
    SKEIN_DO(context.note(JournalInstalled{7}));
    SKEIN_DO(context.record(JournalCommit{"/target", "pages", {}}));
    at_the_record = bench.journaled();
    SKEIN_DO(context.note(JournalInstalled{8}));
    return context.output(0, "done");
  });
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, page, "page")));
  Step publish = step_of(plan, publisher, "publish", {"page"});
  publish.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(publish)));
  ThreadPool pool(2);
  ThreadPool disk_thread(1);
  bool came = false;
  // Nothing becomes durable before the effect has begun.
  disk_thread.submit([&, begins = begun.get_future()] {
    came = begins.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  });
  const auto report = execute(plan, environment_of(bench, *loop, pool, disk_thread), bench.options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::ok);
  EXPECT_TRUE(came);
  ASSERT_EQ(at_the_record.size(), 3u) << "the page's record, the note and the commit";
  EXPECT_EQ(std::get<JournalStep>(at_the_record[0]).name, "page");
  EXPECT_EQ(std::get<JournalInstalled>(at_the_record[1]).commit, 7u);
  EXPECT_EQ(std::get<JournalInstalled>(bench.journaled().at(3)).commit, 8u) << "durable when the run has ended";
}

TEST(Effects, ThatRecordFirstEndWhereNothingCanBeMadeDurable) {
  bool happened = false;
  const FunctionAgent page(concatenate);
  const RecordsFirst publisher([&](StepContext& context) -> Status {
    SKEIN_DO(context.record(JournalCommit{"/target", "pages", {}}));
    happened = true;
    return context.output(0, "done");
  });
  const auto loop = net::make_asio_loop();
  SimBench bench;
  bench.disk.set_faults({.sync_fails = 1});
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, page, "page")));
  Step publish = step_of(plan, publisher, "publish", {"page"});
  publish.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(publish)));
  ThreadPool pool(2);
  ThreadPool disk_thread(1);
  const auto report = execute(plan, environment_of(bench, *loop, pool, disk_thread), bench.options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), Code::io);
  EXPECT_FALSE(happened);
}

TEST(Effects, ThatWaitCannotBlockTheLoopForARecord) {
  const CoroutineAgent agent([](StepContext& context, EventLoop&) -> Task<Status> {
    co_return context.record(JournalCommit{"/target", "pages", {}});
  });
  SimBench bench;
  Plan plan;
  Step step = step_of(plan, agent, "e");
  step.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(step)));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failures.at(0).error.code(), Code::internal);
}

TEST(Effects, DoNotHappenWhenWhatIsBeforeThemCannotBeMadeDurable) {
  bool happened = false;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    happened = happened || context.step().purity == Purity::effectful;
    return concatenate(context);
  });
  SimBench bench;
  bench.disk.set_faults({.sync_fails = 1});
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, agent, "a")));
  Step effect = step_of(plan, agent, "e", {"a"});
  effect.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(effect)));
  const auto report = bench.run(plan);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), Code::io);
  EXPECT_FALSE(happened);
}

TEST(Run, EndsWithAnErrorWhenItsJournalCannotBeWritten) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  bench.disk.set_faults({.append_fails = 1});
  auto p = plan("a -> b", agent);
  EXPECT_EQ(bench.run(p).error().code(), Code::resource_exhausted);
}

TEST(Run, RefusesAStepThatCanNeverHaveWhatItNeeds) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  Plan plan;
  Step step = step_of(plan, agent, "huge");
  step.needs.memory = {1'000'000};
  ASSERT_TRUE(plan.add(std::move(step)));
  const auto report = bench.run(plan);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message().find("'huge' needs more than this run has"), std::string::npos);
}

TEST(Run, EndsWithAnErrorWhenAStepGrowsABadPlan) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  Plan plan;
  Step root = step_of(plan, agent, "root");
  root.expand = [&](Plan& growing, const std::vector<Digest>&) -> Status {
    SKEIN_DO(growing.add(step_of(growing, agent, "child", {"nowhere"})));
    return {};
  };
  ASSERT_TRUE(plan.add(std::move(root)));
  const auto report = bench.run(plan);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().to_string(),
            "step 'child' needs 'nowhere', which no step makes (while step 'root' added steps)");
}

TEST(Run, SkipsAddedStepsThatStandOnAFailedOne) {
  const FunctionAgent agent([](StepContext& context) -> Status {
    if (context.step().name == "bad") return fail(Code::io, "broken");
    return concatenate(context);
  });
  SimBench bench;
  bench.options.serial = true;
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, agent, "bad")));
  Step root = step_of(plan, agent, "root");
  root.expand = [&](Plan& growing, const std::vector<Digest>&) -> Status {
    SKEIN_DO(growing.add(step_of(growing, agent, "above child", {"child"})));
    SKEIN_DO(growing.add(step_of(growing, agent, "child", {"bad"})));
    return {};
  };
  ASSERT_TRUE(plan.add(std::move(root)));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->skipped, 2u);
  EXPECT_EQ(report->executed, 1u);
}

TEST(Run, StartsAWaitingStepThatAShortStepMadeReady) {
  // The short step runs on the coordinator's thread after the waiting steps were looked at.
  const FunctionAgent computing(concatenate);
  const CoroutineAgent waiting(
      [](StepContext& context, EventLoop&) -> Task<Status> { co_return context.output(0, "w"); });
  SimBench bench;
  bench.history.of("test.agent").record(Micros(1), true);
  Plan plan;
  ASSERT_TRUE(plan.add(step_of(plan, computing, "a")));
  ASSERT_TRUE(plan.add(step_of(plan, waiting, "w", {"a"})));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 2u);
}

TEST(Run, LooksPastStepsThatDoNotFitAndForgetsNone) {
  const CoroutineAgent agent([](StepContext& context, EventLoop& loop) -> Task<Status> {
    co_await sleep(loop, Millis(1));
    co_return context.output(0, context.step().name);
  });
  SimBench bench;
  Plan plan;
  for (int i = 0; i < 300; ++i) {
    Step step = step_of(plan, agent, "s" + std::to_string(i));
    step.needs.providers = 1 + i % 4;
    ASSERT_TRUE(plan.add(std::move(step)));
  }
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->executed, 300u);
}

/// Loses the bytes that it is told to lose, for good.
class Losing final : public ResultStore {
 public:
  explicit Losing(MemoryResults& inner) : inner_(inner) {}
  Result<std::vector<StoredResult>> find(const Digest& d) override { return inner_.find(d); }
  Status put(const StoredResult& r) override { return inner_.put(r); }
  Status forget(const Digest& k) override { return inner_.forget(k); }
  Result<Digest> put_blob(std::string_view bytes) override { return inner_.put_blob(bytes); }
  Result<std::string> get_blob(const Digest& d) override {
    if (d == lost) return fail(Code::data_corrupt, "gone");
    return inner_.get_blob(d);
  }
  Status flush() override { return {}; }
  Digest lost;

 private:
  MemoryResults& inner_;
};

TEST(LostInput, ThatCannotBeMadeAgainFailsItsStepAfterSomeTries) {
  const FunctionAgent agent(concatenate);
  SimBench bench;
  Losing losing(bench.results);
  losing.lost = sha256("a()");
  bench.store = &losing;
  auto p = plan("a -> b, b -> c", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::failed);
  EXPECT_EQ(report->failures.at(0).step, "b");
  EXPECT_EQ(report->failures.at(0).error.code(), Code::data_corrupt);
  EXPECT_EQ(report->skipped, 1u);
}

TEST(LostInput, OfAnEffectIsNotMadeAgain) {
  int effects = 0;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    effects += context.step().purity == Purity::effectful ? 1 : 0;
    return concatenate(context);
  });
  SimBench bench;
  Losing losing(bench.results);
  losing.lost = sha256("e()");
  bench.store = &losing;
  Plan plan;
  Step effect = step_of(plan, agent, "e");
  effect.purity = Purity::effectful;
  ASSERT_TRUE(plan.add(std::move(effect)));
  ASSERT_TRUE(plan.add(step_of(plan, agent, "b", {"e"})));
  const auto report = bench.run(plan);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 1u);
  EXPECT_EQ(effects, 1);
}

TEST(LostInput, WhoseMakerFailsTheSecondTimeSkipsWhatStandsOnIt) {
  int calls = 0;
  const FunctionAgent agent([&](StepContext& context) -> Status {
    if (context.step().name == "a" && ++calls > 1) return fail(Code::io, "not any more");
    return concatenate(context);
  });
  SimBench bench;
  Losing losing(bench.results);
  losing.lost = sha256("a()");
  bench.store = &losing;
  auto p = plan("a -> b, a -> c, b -> d", agent);
  const auto report = bench.run(p);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->status, RunStatus::failed);
  EXPECT_EQ(report->failures.at(0).step, "a");
  EXPECT_EQ(report->executed, 1u);
  EXPECT_LE(report->failed + report->skipped, 4u);
}

TEST(GroupCommit, ClosesAGroupByItsWindowItsSizeOrAWaiter) {
  SimBench bench;
  GroupCommit commits(bench.loop, bench.disk_thread, bench.results, &bench.journal,
                      {.window = Millis(10), .records = 5});
  const JournalStep step{"s", "a@1.0", StepState::executed, {}, {}, {}};
  EXPECT_FALSE(commits.busy());
  commits.append(step);
  EXPECT_TRUE(commits.busy());
  EXPECT_EQ(commits.durable(), 0u);
  bench.loop.run();
  EXPECT_EQ(commits.durable(), 1u);
  EXPECT_GE(bench.loop.now() - Instant{}, Millis(10)) << "the window";
  for (int i = 0; i < 12; ++i) commits.append(step);
  bench.loop.run();
  EXPECT_EQ(commits.durable(), 13u);
  EXPECT_GE(commits.groups(), 3u);
  const Instant before = bench.loop.now();
  commits.append(step);
  int told = 0;
  commits.when_durable([&](Status status) {
    EXPECT_TRUE(status);
    EXPECT_EQ(commits.durable(), 14u);
    ++told;
  });
  commits.when_durable([&](Status) { ++told; });
  bench.loop.run();
  EXPECT_EQ(told, 2);
  EXPECT_LT(bench.loop.now() - before, Millis(10)) << "a waiter does not wait for the window";
  EXPECT_EQ(bench.journaled().size(), 14u);
}

TEST(GroupCommit, TheFirstMakesDurableWhatTheJournalWasBegunWith) {
  SimBench bench;
  bench.journal.add(type_of(JournalStart{}), encode(JournalStart{"r", "docs", "{}", "1", {}}));
  ASSERT_TRUE(bench.journal.write());
  ASSERT_TRUE(bench.disk.sync_directory("j"));
  EXPECT_TRUE(bench.disk.durable_bytes("j/run").empty());
  GroupCommit commits(bench.loop, bench.disk_thread, bench.results, &bench.journal, {});
  bool told = false;
  commits.when_durable([&](Status status) { told = status.has_value(); });
  bench.loop.run();
  EXPECT_TRUE(told);
  EXPECT_FALSE(bench.disk.durable_bytes("j/run").empty()) << "also where nothing was added";
}

TEST(GroupCommit, TellsEverybodyAfterAFailureAndWritesNothingMore) {
  SimBench bench;
  GroupCommit commits(bench.loop, bench.disk_thread, bench.results, &bench.journal, {});
  const JournalStep step{"s", "a@1.0", StepState::executed, {}, {}, {}};
  bench.disk.set_faults({.sync_fails = 1});
  int failed = 0;
  const auto expect_failure = [&](Status status) { failed += status ? 0 : 1; };
  commits.append(step);
  commits.when_durable(expect_failure);
  commits.append(step);
  commits.when_durable(expect_failure);
  bench.loop.run();
  bench.disk.set_faults({});
  commits.append(step);
  commits.when_durable(expect_failure);
  bench.loop.run();
  EXPECT_EQ(failed, 3);
  EXPECT_EQ(commits.durable(), 0u);
  EXPECT_LE(bench.journaled().size(), 1u);
}

TEST(Progress, ComesAFewTimesASecondAndAtTheEnd) {
  const CoroutineAgent agent([](StepContext& context, EventLoop& loop) -> Task<Status> {
    co_await sleep(loop, Millis(150));
    co_return context.output(0, context.step().name);
  });
  SimBench bench;
  bench.options.serial = true;
  Plan plan;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(plan.add(step_of(plan, agent, "s" + std::to_string(i))));
  ASSERT_TRUE(bench.run(plan));
  const auto count = std::count_if(bench.events.begin(), bench.events.end(),
                                   [](const auto& event) { return event.find("\"progress\"") != std::string::npos; });
  EXPECT_EQ(count, 5);
  EXPECT_TRUE(bench.saw("\"done\":4,\"total\":4"));
  EXPECT_EQ(bench.metrics.observations("skein_run_seconds"), 1u);
}

}  // namespace
}  // namespace skein::engine
