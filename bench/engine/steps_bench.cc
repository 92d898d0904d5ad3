// What the engine itself costs: steps that do nothing, in memory and journaled, as a fan-out and as a chain.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/platform/machine.h"
#include "bench/harness/bench.h"
#include "bench/harness/peers.h"
#include "engine/run.h"
#include "engine/step_context.h"
#include "net/asio_loop.h"

namespace skein {
namespace {

using bench::Op;

class NullAgent final : public engine::Agent {
 public:
  std::string_view name() const override { return "bench.null"; }
  std::string_view result_version() const override { return "1.0"; }
  Status run(engine::StepContext& context) const override { return context.output(0, ""); }
};

enum class Shape { fan, chain };

struct Times {
  double build_s = 0;
  double run_s = 0;
  std::uint64_t groups = 0;
};

/// Builds and runs a plan of `count` null steps, everything new.
std::optional<Times> run_steps(int count, Shape shape, bool journaled, const std::string& folder) {
  const NullAgent agent;
  const auto loop = net::make_asio_loop();
  ThreadPool pool(2);
  ThreadPool disk(1);
  engine::MemoryResults results;
  SeededRandom random(1);
  engine::History history;
  history.of(agent.name()).record(Micros(1), true);
  const auto files = make_system_file_system();
  std::optional<store::RecordLogWriter> journal;
  if (journaled) {
    const std::string path = folder + "/bench.journal";
    [[maybe_unused]] const auto removed = files->remove(path);
    auto opened = store::RecordLogWriter::open(*files, path, store::LogKind::journal);
    if (!opened) return std::nullopt;
    journal.emplace(std::move(*opened));
  }
  Times times;
  engine::Plan plan;
  times.build_s = bench::seconds([&] {
    engine::ArtifactId last{};
    for (int i = 0; i < count; ++i) {
      engine::Step step;
      step.name = fmt::format("step {}", i);
      step.agent = &agent;
      step.parts = {{"i", fmt::format("{}", i)}};
      step.outputs = {plan.artifact(step.name)};
      if (shape == Shape::chain && i > 0) step.inputs = {last};
      last = step.outputs[0];
      if (!plan.add(std::move(step))) std::abort();
    }
  });
  const engine::RunOptions options{.id = "20260101-000000-benc", .capacity = {.cpu = 2}};
  const engine::RunEnvironment environment{.loop = *loop,
                                           .pool = pool,
                                           .disk = disk,
                                           .results = results,
                                           .journal = journal ? &*journal : nullptr,
                                           .random = random,
                                           .history = history};
  bool ok = false;
  times.run_s = bench::seconds([&] {
    const auto report = engine::execute(plan, environment, options);
    ok = report && report->executed == static_cast<std::size_t>(count);
    if (ok) times.groups = report->groups;
  });
  return ok ? std::optional(times) : std::nullopt;
}

/// Finish to durable: records appended at a fixed rate on the loop, each waited for by the group it is in.
double paced_p99_ms(int per_second, const std::string& folder, double& writer_us) {
  const auto loop = net::make_asio_loop();
  ThreadPool disk(1);
  engine::MemoryResults results;
  const auto files = make_system_file_system();
  const std::string path = folder + "/paced.journal";
  [[maybe_unused]] const auto removed = files->remove(path);
  auto journal = store::RecordLogWriter::open(*files, path, store::LogKind::journal);
  if (!journal) return 1e9;
  engine::GroupCommit commits(*loop, disk, results, &*journal, {});
  const int total = per_second * 2;
  std::vector<double> waits_ms;
  waits_ms.reserve(static_cast<std::size_t>(total));
  std::vector<Instant> finished;
  std::size_t durable = 0;
  const Instant start = loop->now();
  Nanos appending{};
  std::function<void()> tick = [&] {
    const Instant now = loop->now();
    while (durable < commits.durable())
      waits_ms.push_back(std::chrono::duration<double, std::milli>(now - finished[durable++]).count());
    const auto due = std::min<std::int64_t>(
        total, static_cast<std::int64_t>(std::chrono::duration<double>(now - start).count() * per_second));
    const Instant before = loop->now();
    while (static_cast<std::int64_t>(finished.size()) < due) {
      finished.push_back(loop->now());
      commits.append(
          engine::JournalStep{"step 12345", "bench.null@1.0", engine::StepState::executed, {}, {Digest{}}, {}});
    }
    appending += loop->now() - before;
    if (durable == static_cast<std::size_t>(total)) return loop->stop();
    loop->call_at(now + Micros(200), [&] { tick(); });
  };
  loop->post([&] { tick(); });
  loop->run();
  writer_us = std::chrono::duration<double, std::micro>(appending).count() / total;
  return bench::quantile(waits_ms, 0.99);
}

void measure(bench::Report& report, const std::string& folder, int count, Shape shape, int runs) {
  const std::string name = fmt::format("{}_{}", shape == Shape::fan ? "fan" : "chain", count);
  const auto median_us = [&](bool journaled) {
    std::vector<double> us;
    for (int i = 0; i < runs; ++i)
      if (const auto times = run_steps(count, shape, journaled, folder)) us.push_back(times->run_s * 1e6 / count);
    return us.empty() ? 1e9 : bench::median(us);
  };
  if (report.wants("engine/null_step_" + name))
    report.figure("engine/null_step_" + name, median_us(false), "us", Op::at_most, 2);
  if (report.wants("engine/journaled_step_" + name))
    report.figure("engine/journaled_step_" + name, median_us(true), "us", Op::at_most, 5);
}

/// This program again, in a process of its own that ran nothing else: its peak memory and time.
void measure_memory(bench::Report& report, const char* self, Shape shape) {
  const std::string name = shape == Shape::fan ? "fan" : "chain";
  const auto text = bench::output_of({self, "--once", name});
  double total_s = 0;
  double rss_mb = 0;
  if (!text || std::sscanf(text->c_str(), "%lf %lf", &total_s, &rss_mb) != 2) return;
  report.figure(fmt::format("engine/100000_steps_{}_s", name), total_s, "s", Op::below, 1);
  report.figure(fmt::format("engine/100000_steps_{}_memory", name), rss_mb, "MB", Op::below, 150);
}

}  // namespace
}  // namespace skein

int main(int argc, char** argv) {
  using namespace skein;
  const std::string folder =
      (std::filesystem::temp_directory_path() / fmt::format("skein-bench-{}", ::getpid())).string();
  std::filesystem::create_directories(folder);
  if (argc == 3 && std::string_view(argv[1]) == "--once") {
    const auto times = run_steps(100'000, std::string_view(argv[2]) == "fan" ? Shape::fan : Shape::chain, true, folder);
    std::filesystem::remove_all(folder);
    if (!times) return 1;
    fmt::print("{} {}\n", times->build_s + times->run_s, static_cast<double>(peak_resident_memory().value) / 1e6);
    return 0;
  }
  bench::Report report(argc, argv);
  for (const auto shape : {Shape::fan, Shape::chain}) {
    measure(report, folder, 1'000, shape, 21);
    measure(report, folder, 100'000, shape, 3);
  }
  if (report.wants("engine/100000_steps"))
    for (const auto shape : {Shape::fan, Shape::chain}) measure_memory(report, argv[0], shape);
  if (report.wants("engine/finish_to_durable_p99")) {
    double writer_us = 0;
    const double p99 = paced_p99_ms(50'000, folder, writer_us);
    report.figure("engine/finish_to_durable_p99_at_50000_per_s", p99, "ms", Op::at_most, 20);
    report.note("engine/append_to_group", writer_us, "us");
  }
  if (report.wants("engine/langgraph_chain_1000")) {
    std::vector<double> ms;
    for (int i = 0; i < 11; ++i)
      if (const auto times = run_steps(1'000, Shape::chain, true, folder))
        ms.push_back((times->build_s + times->run_s) * 1e3);
    const auto peer = bench::langgraph_chain(1'000);
    if (peer && !ms.empty()) {
      report.note("engine/langgraph_chain_1000_ours", bench::median(ms), "ms");
      report.peer("engine/langgraph_chain_1000", peer->ms, "ms", peer->who);
      report.figure("engine/langgraph_chain_1000_times_faster", peer->ms / bench::median(ms), "x", Op::at_least, 300);
    } else {
      std::puts("engine/langgraph_chain_1000: peer not installed");
    }
  }
  std::filesystem::remove_all(folder);
  return report.finish();
}
