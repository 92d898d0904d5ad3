#include "bench/harness/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <thread>

namespace skein::bench {

namespace {

// Three significant digits, and every digit before the point.
std::string number(double value) {
  const double size = std::fabs(value);
  if (size >= 100 || size == 0) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  if (size >= 1) return fmt::format("{:.2f}", value);
  return fmt::format("{:.3g}", value);
}

void print(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

// Rounds of work that a thread gets done until `stop`.
std::uint64_t spin(const std::atomic<bool>& stop) {
  std::uint64_t rounds = 0;
  std::uint64_t state = 1;
  while (!stop.load(std::memory_order_relaxed)) {
    for (int i = 0; i < 10'000; ++i) state = state * 6364136223846793005u + 1442695040888963407u;
    keep(state);
    ++rounds;
  }
  return rounds;
}

std::uint64_t spin_for(int threads, std::chrono::milliseconds time) {
  std::atomic<bool> stop{false};
  std::vector<std::uint64_t> rounds(static_cast<std::size_t>(threads));
  {
    std::vector<std::jthread> spinning;
    for (auto& own : rounds) spinning.emplace_back([&stop, &own] { own = spin(stop); });
    std::this_thread::sleep_for(time);
    stop = true;
  }
  std::uint64_t all = 0;
  for (const auto own : rounds) all += own;
  return all;
}

}  // namespace

std::string_view to_string(Op op) {
  switch (op) {
    case Op::at_most:
      return "<=";
    case Op::below:
      return "<";
    case Op::at_least:
      return ">=";
    case Op::above:
      return ">";
  }
  return "";
}

bool holds(double value, Op op, double bound) {
  switch (op) {
    case Op::at_most:
      return value <= bound;
    case Op::below:
      return value < bound;
    case Op::at_least:
      return value >= bound;
    case Op::above:
      return value > bound;
  }
  return false;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median_seconds(int runs, const std::function<void()>& work) {
  work();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(seconds(work));
  return median(std::move(times));
}

double spin_speedup() {
  constexpr std::chrono::milliseconds kTime{100};
  const auto one = spin_for(1, kTime);
  const auto two = spin_for(2, kTime);
  return static_cast<double>(two) / static_cast<double>(std::max<std::uint64_t>(one, 1));
}

Report::Report(int argc, char** argv) : part_(argc > 1 ? argv[1] : "") {}

bool Report::wants(std::string_view name) const { return part_.empty() || name.find(part_) != std::string_view::npos; }

std::string bench_line(std::string_view name, double value, std::string_view unit, Op op, double bound) {
  return fmt::format("BENCH {} {} {} goal {} {} {}", name, number(value), unit, to_string(op), number(bound),
                     holds(value, op, bound) ? "met" : "missed");
}

void Report::figure(std::string_view name, double value, std::string_view unit, Op op, double bound) {
  print(bench_line(name, value, unit, op, bound));
}

void Report::two_cores(std::string_view name, double one_thread_s, double two_threads_s, double least_relative) {
  const double plain = one_thread_s / two_threads_s;
  const double machine = spin_speedup();
  note(fmt::format("{}.speedup", name), plain, "x");
  note(fmt::format("{}.spin_speedup", name), machine, "x");
  figure(fmt::format("{}.relative_speedup", name), plain / machine, "x", Op::at_least, least_relative);
}

void Report::peer(std::string_view name, double value, std::string_view unit, std::string_view who) {
  print(fmt::format("PEER {} {} {} {}", name, number(value), unit, who));
}

void Report::note(std::string_view name, double value, std::string_view unit) {
  print(fmt::format("NOTE {} {} {}", name, number(value), unit));
}

}  // namespace skein::bench
