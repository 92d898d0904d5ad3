// Thousands of seeded schedules on virtual time and a disk that fails: random plans with pure, sampled and effectful
// steps, that compute and that wait; failed and torn writes, crashes at any write, slow steps, transient failures, lost
// answers, stops. SKEIN_SEEDS sets how many, SKEIN_SEED tries one alone.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/sim_file_system.h"
#include "base/sim_loop.h"
#include "engine/plan_builder.h"
#include "engine/sim_bench.h"
#include "engine/store_results.h"
#include "store/pack_records.h"
#include "support/bytes_file.h"

namespace skein::engine {
namespace {

using namespace testing;

/// What would survive if the power went now.
struct Durable {
  std::set<Digest> keys;  // Of results whose blobs are durable too.
  std::set<Digest> blobs;
  std::set<std::string> journaled;  // Steps in the journal of this run.
};

Durable durable_now(const SimFileSystem& disk, const std::string& journal) {
  Durable durable;
  std::vector<store::ResultRecord> results;
  const auto packs = disk.list("state/packs");
  if (!packs) return durable;
  for (const auto& entry : *packs) {
    const test::BytesFile pack(disk.durable_bytes("state/packs/" + entry.name));
    [[maybe_unused]] const auto end =
        store::scan_records(pack, store::LogKind::pack, 0, [&](const store::Record& record) {
          if (record.type == 1) durable.blobs.insert(store::decode_blob(record.payload)->digest);
          if (record.type == 2) results.push_back(*store::decode_result(record.payload));
          return true;
        });
  }
  for (const auto& result : results)
    if (std::all_of(result.blobs.begin(), result.blobs.end(),
                    [&](const Digest& blob) { return durable.blobs.contains(blob); }))
      durable.keys.insert(result.key);
  const test::BytesFile file(disk.durable_bytes(journal));
  [[maybe_unused]] const auto end =
      store::scan_records(file, store::LogKind::journal, 0, [&](const store::Record& record) {
        const auto decoded = decode_record(record.type, record.payload);
        if (decoded && *decoded)
          if (const auto* step = std::get_if<JournalStep>(&**decoded)) durable.journaled.insert(step->name);
        return true;
      });
  return durable;
}

/// One seed: a plan, run and crashed and run again until it ends well.
class Simulation : public Observer {
 public:
  explicit Simulation(std::uint64_t seed) : seed_(seed), random_(seed), disk_(random_) {
    steps_ = random_plan(random_);
    for (int i = 0; i < 3; ++i)
      if (random_.chance(0.5)) world_.files["file" + std::to_string(i)] = "content " + std::to_string(i);
    learn();
    if (std::getenv("SKEIN_TRACE") != nullptr) print_plan(steps_);
    capacity_ = {.cpu = 2 + static_cast<int>(random_.below(3)),
                 .providers = 2 + static_cast<int>(random_.below(3)),
                 .memory = {100 + static_cast<std::int64_t>(random_.below(200))}};
    EXPECT_TRUE(disk_.make_directories("state/journals"));
  }

  void run() {
    until_it_ends_well();
    if (::testing::Test::HasFailure()) return;
    // Nothing changed: nothing pure is done. A file changed: the outputs follow.
    expect_no_work_ = true;
    until_it_ends_well();
    if (::testing::Test::HasFailure()) return;
    expect_no_work_ = false;
    world_.files["file1"] = "changed";
    world_.files.erase("file2");
    learn();
    until_it_ends_well();
  }

  std::uint64_t crashes = 0;
  std::uint64_t incarnations = 0;
  std::uint64_t effects = 0;

  bool wants_every_step() const override { return true; }
  void on(const Event& event) override {
    if (std::getenv("SKEIN_TRACE") != nullptr) std::printf("%s\n", to_json(event).c_str());
    if (const auto* started = std::get_if<StepStarted>(&event)) running_.insert(std::string(started->step));
    if (const auto* finished = std::get_if<StepFinished>(&event)) running_.erase(std::string(finished->step));
    if (const auto* failed = std::get_if<StepFailed>(&event)) running_.erase(std::string(failed->step));
    check_resources();
  }

 private:
  static void print_plan(const std::vector<SimStep>& steps) {
    for (const auto& step : steps) {
      std::printf("%s%s%s <-", step.name.c_str(), step.purity == Purity::effectful ? " effect" : "",
                  step.waits ? " waits" : "");
      for (const auto& input : step.inputs) std::printf(" %s", input.c_str());
      for (const auto& name : step.after) std::printf(" (%s)", name.c_str());
      std::printf(" cpu %d providers %d\n", step.needs.cpu, step.needs.providers);
      print_plan(step.children);
    }
  }

  void learn() {
    expected_ = reference(steps_, world_);
    const std::function<void(const std::vector<SimStep>&)> add = [&](const std::vector<SimStep>& steps) {
      for (const auto& step : steps) {
        by_name_[step.name] = &step;
        if (step.needs.cpu > 0 || step.needs.providers > 1) serial_possible_ = false;
        add(step.children);
      }
    };
    add(steps_);
  }

  void until_it_ends_well() {
    for (int attempt = 0;; ++attempt) {
      ASSERT_LT(attempt, 20) << "never ends well";
      ++incarnations;
      const bool calm = attempt >= 6;  // Then nothing more goes wrong.
      if (incarnation(calm)) return;
      if (::testing::Test::HasFailure()) return;
    }
  }

  /// A process from its start to its end or death. True if all is done.
  bool incarnation(bool calm) {
    journal_ = "state/journals/" + std::to_string(incarnations) + ".journal";
    const Durable before = durable_now(disk_, journal_);
    if (!calm && random_.chance(0.4)) disk_.set_faults({0.02, 0.01});
    if (!calm && random_.chance(0.7)) disk_.crash_after(1 + random_.below(40));
    faults_before_ = disk_.faults_met();
    const bool done = process(calm, before);
    disk_.set_faults({});
    if (std::getenv("SKEIN_TRACE") != nullptr)
      std::printf("incarnation %llu: done %d down %d faults %llu\n", static_cast<unsigned long long>(incarnations),
                  done, disk_.is_down(), static_cast<unsigned long long>(disk_.faults_met() - faults_before_));
    if (disk_.is_down() || random_.chance(0.5)) {
      ++crashes;
      disk_.crash();
    }
    disk_.crash_after(0);
    return done;
  }

  bool process(bool calm, const Durable& before) {
    auto store = store::Store::open(disk_, "state", {.pack_bytes = 2'000 + random_.below(20'000), .shared = false});
    if (!store) return false;
    for (const auto& key : before.keys) {
      if (disk_.is_down()) return false;
      EXPECT_TRUE(is_kept(**store, key)) << "a durable result is lost";
    }
    auto journal = store::RecordLogWriter::open(disk_, journal_, store::LogKind::journal);
    if (!journal || !disk_.sync_directory("state/journals")) return false;

    SimLoop loop(random_);
    loop_ = &loop;
    const Millis slow(random_.chance(0.2) ? 60'000 : 20);
    SimExecutor pool(loop, random_, 64, slow);
    SimExecutor disk(loop, random_, 1, Millis(1 + static_cast<int>(random_.below(30))));
    pool_ = &pool;
    StoreResults results(**store);
    const FunctionAgent computing([&](StepContext& context) { return compute(context); }, std::string(kSimComputing));
    const CoroutineAgent waiting([&](StepContext& context, EventLoop& on) { return wait(context, on); },
                                 std::string(kSimWaiting));
    Plan plan;
    for (const auto& step : steps_) EXPECT_TRUE(add_to(plan, step, computing, waiting));
    failures_left_.clear();
    answers_lost_.clear();
    done_here_.clear();
    running_.clear();

    RunOptions options{.id = "20260101-000000-simu", .capacity = capacity_};
    options.serial = serial_possible_ && random_.chance(0.3);
    options.retry.first = Millis(50);
    options.inline_below_us = random_.chance(0.5) ? 0 : 50;
    options.group = {Millis(1 + static_cast<int>(random_.below(10))), 1 + random_.below(20)};
    std::stop_source stop;
    if (!calm && random_.chance(0.15))
      loop.call_at(loop.now() + Millis(random_.below(200)), [&] { stop.request_stop(); });
    History history;
    const RunEnvironment environment{.loop = loop,
                                     .pool = pool,
                                     .disk = disk,
                                     .results = results,
                                     .journal = &*journal,
                                     .world = &world_,
                                     .random = random_,
                                     .history = history,
                                     .clock = &loop.clock(),
                                     .observers = {this},
                                     .stop = stop.get_token()};
    std::vector<Digest> artifacts;
    const auto report = execute(plan, environment, options, &artifacts);
    EXPECT_TRUE(loop.was_stopped()) << "the run hangs";
    if (!report) {
      EXPECT_TRUE(faulty()) << report.error().to_string();
      return false;
    }
    EXPECT_EQ(report->executed + report->hits + report->failed + report->skipped, plan.size());
    if (report->status != RunStatus::ok) {
      EXPECT_TRUE(faulty() || report->status == RunStatus::cancelled) << describe(*report);
      return false;
    }
    if (disk_.is_down()) return false;
    const Durable after = durable_now(disk_, journal_);
    for (const auto& [name, expected] : expected_) {
      const auto id = plan.find_artifact(name);
      if (!id || artifacts[index_of(*id)].is_none()) {
        ADD_FAILURE() << name << " was not made";
        continue;
      }
      EXPECT_EQ(artifacts[index_of(*id)], sha256(expected.value)) << name << " has other bytes than in a serial run";
      EXPECT_TRUE(after.blobs.contains(sha256(expected.value))) << name << " is reported and not durable";
      EXPECT_TRUE(!done_here_.contains(name) || after.journaled.contains(name)) << name;
    }
    return true;
  }

  static std::string describe(const RunReport& report) {
    std::string text(to_string(report.status));
    for (const auto& failure : report.failures) text += " " + failure.step + ": " + failure.error.to_string();
    return text;
  }

  /// Whether the disk failed since this process started.
  [[nodiscard]] bool faulty() const { return disk_.is_down() || disk_.faults_met() > faults_before_; }

  bool is_kept(store::Store& store, const Digest& key) {
    // A result is found by its declared digest, which the simulation knows for its own steps.
    for (const auto& result : store_results(store))
      if (result.key == key) {
        for (const auto& blob : result.blobs)
          if (!store.get_blob(blob) && !disk_.is_down()) return false;
        return true;
      }
    return disk_.is_down();
  }

  std::vector<store::ResultRecord> store_results(store::Store& store) {
    std::vector<store::ResultRecord> all;
    for (const auto& declared : declared_seen_) {
      auto found = store.find_results(declared);
      if (found) all.insert(all.end(), found->begin(), found->end());
    }
    return all;
  }

  /// What every body does first; then an error to give, if any.
  Status begin(StepContext& context, const SimStep& step) {
    running_.insert(step.name);
    check_resources();
    const auto& expected = expected_.at(step.name);
    if (disk_.is_down()) return {};  // The process is dead; only its memory goes on.
    const Agent& agent = *context.step().agent;
    const Durable durable = durable_now(disk_, journal_);
    if (step.purity == Purity::effectful) {
      ++effects;
      for (const auto& name : expected.before) {
        EXPECT_TRUE(durable.blobs.contains(sha256(expected_.at(name).value)))
            << step.name << " takes effect before the bytes of " << name << " are durable";
        EXPECT_TRUE(by_name_.at(name)->purity == Purity::effectful || durable.keys.contains(expected_.at(name).key))
            << step.name << " takes effect before the result of " << name << " is durable";
        EXPECT_TRUE(!done_here_.contains(name) || durable.journaled.contains(name))
            << step.name << " takes effect before " << name << " is in the journal";
      }
    } else {
      declared_seen_.insert(
          declared_digest(agent.name(), agent.result_version(), context.step().parts, context.inputs()));
      EXPECT_FALSE(durable.keys.contains(expected.key)) << step.name << " is done although its result is durable";
      EXPECT_FALSE(expect_no_work_) << step.name << " is done although nothing changed";
    }
    const auto [left, is_new] = failures_left_.try_emplace(step.name, step.transient_failures);
    if (left->second > 0) {
      --left->second;
      return fail(Code::unavailable, "busy");
    }
    return {};
  }

  Status finish(StepContext& context, const SimStep& step) {
    running_.erase(step.name);
    std::vector<std::string> inputs;
    for (std::size_t i = 0; i < context.input_count(); ++i) {
      SKEIN_TRY(inputs.emplace_back(), context.input(i));
    }
    std::string read;
    if (!step.reads.empty()) {
      const auto bytes = context.read_file(step.reads);
      read = bytes.value_or("absent");
    }
    const std::string value = sim_value(step.salt, inputs, read);
    EXPECT_EQ(value, expected_.at(step.name).value) << step.name << " sees other inputs than in a serial run";
    SKEIN_DO(context.output(0, value));
    done_here_.insert(step.name);
    return {};
  }

  Status compute(StepContext& context) {
    const SimStep& step = *by_name_.at(context.step().name);
    auto begun = begin(context, step);
    if (!begun) {
      running_.erase(step.name);
      return begun;
    }
    return finish(context, step);
  }

  Task<Status> wait(StepContext& context, EventLoop& loop) {
    const SimStep& step = *by_name_.at(context.step().name);
    auto begun = begin(context, step);
    if (!begun) {
      running_.erase(step.name);
      co_return begun;
    }
    if (step.loses_first_answer && answers_lost_.insert(step.name).second) {
      UntilStopped answer{loop, context.stop()};
      co_await answer;
      running_.erase(step.name);
      co_return fail(Code::cancelled, "no answer");
    }
    co_await sleep(loop, Micros(random_.below(random_.chance(0.1) ? 1'500'000 : 30'000)));
    co_return finish(context, step);
  }

  void check_resources() {
    Resources used;
    for (const auto& name : running_) {
      used += by_name_.at(name)->needs;
    }
    // Short steps travel in batches, which hold one token: tasks are counted, not steps.
    EXPECT_LE(pool_->busy() + used.cpu, capacity_.cpu) << "more computes than there are CPU tokens";
    EXPECT_LE(used.providers, capacity_.providers);
    EXPECT_LE(used.memory.value, capacity_.memory.value);
  }

  std::uint64_t seed_;
  SeededRandom random_;
  SimFileSystem disk_;
  SimWorld world_;
  std::vector<SimStep> steps_;
  std::map<std::string, const SimStep*> by_name_;
  std::map<std::string, Expected> expected_;
  Resources capacity_;
  std::string journal_;
  SimLoop* loop_ = nullptr;
  SimExecutor* pool_ = nullptr;
  std::set<Digest> declared_seen_;
  std::map<std::string, int> failures_left_;
  std::set<std::string> answers_lost_;
  std::set<std::string> done_here_;
  std::set<std::string> running_;
  bool serial_possible_ = true;  // One token of each kind is enough for every step.
  bool expect_no_work_ = false;
  std::uint64_t faults_before_ = 0;
};

TEST(Simulation, EverySeedEndsWellAndBreaksNoPromise) {
  const char* many = std::getenv("SKEIN_SEEDS");
  const char* one = std::getenv("SKEIN_SEED");
  const std::uint64_t first = one != nullptr ? std::strtoull(one, nullptr, 10) : 0;
  const std::uint64_t count = one != nullptr ? 1 : many != nullptr ? std::strtoull(many, nullptr, 10) : 2'000;
  std::uint64_t crashes = 0;
  std::uint64_t incarnations = 0;
  std::uint64_t effects = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("SKEIN_SEED=" + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run();
    crashes += simulation.crashes;
    incarnations += simulation.incarnations;
    effects += simulation.effects;
    if (HasFailure()) return;
  }
  RecordProperty("crashes", std::to_string(crashes));
  std::printf("%llu seeds, %llu runs, %llu crashes, %llu effects\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(incarnations), static_cast<unsigned long long>(crashes),
              static_cast<unsigned long long>(effects));
}

}  // namespace
}  // namespace skein::engine
