// A run on virtual time with everything of it in memory: for tests of one behaviour each.
#pragma once

#include "base/sim_file_system.h"
#include "base/sim_loop.h"
#include "engine/plan_builder.h"
#include "engine/sim_plan.h"

namespace skein::engine::testing {

/// Suspends a coroutine until its step is told to stop.
struct UntilStopped {
  EventLoop& loop;
  std::stop_token token;
  std::optional<std::stop_callback<std::function<void()>>> callback{};
  bool await_ready() const { return token.stop_requested(); }
  void await_suspend(std::coroutine_handle<> self) {
    callback.emplace(token, [&on = loop, self] { on.post([self] { self.resume(); }); });
  }
  void await_resume() const {}
};

struct SimBench final : Observer {
  SeededRandom random{1};
  SimLoop loop{random};
  SimExecutor pool{loop, random, 64, Millis(10)};
  SimExecutor disk_thread{loop, random, 1, Millis(5)};
  SimFileSystem disk{random};
  MemoryResults results;
  MemoryMetrics metrics;
  History history;
  SimWorld world;
  std::vector<std::string> events;  // JSON.
  RunOptions options{.id = "20260101-000000-test", .capacity = {.cpu = 4, .providers = 4, .memory = {1'000}}};
  store::RecordLogWriter journal;
  ResultStore* store = &results;
  OutputSink* outputs = nullptr;
  std::stop_source stop;

  SimBench() : journal(open_journal()) {}

  bool wants_every_step() const override { return true; }
  void on(const Event& event) override { events.push_back(to_json(event)); }

  Result<RunReport> run(Plan& plan, std::vector<Digest>* artifacts = nullptr) {
    const RunEnvironment environment{.loop = loop,
                                     .pool = pool,
                                     .disk = disk_thread,
                                     .results = *store,
                                     .journal = &journal,
                                     .world = &world,
                                     .random = random,
                                     .history = history,
                                     .clock = &loop.clock(),
                                     .metrics = &metrics,
                                     .outputs = outputs,
                                     .observers = {this},
                                     .stop = stop.get_token()};
    auto report = execute(plan, environment, options, artifacts);
    EXPECT_TRUE(loop.was_stopped() || !report) << "the run hangs";
    return report;
  }

  std::vector<JournalRecord> journaled() {
    std::vector<JournalRecord> records;
    EXPECT_TRUE(
        read_journal(disk, "j/run", [&](const JournalRecord& record) { return records.push_back(record), true; }));
    return records;
  }

  [[nodiscard]] bool saw(std::string_view part) const {
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.find(part) != std::string::npos; });
  }

 private:
  store::RecordLogWriter open_journal() {
    EXPECT_TRUE(disk.make_directories("j"));
    return std::move(*store::RecordLogWriter::open(disk, "j/run", store::LogKind::journal));
  }
};

}  // namespace skein::engine::testing
