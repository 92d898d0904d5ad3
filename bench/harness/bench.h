// What every benchmark program of skein uses: times things, prints figures beside their goals and their peers' figures.
// The lines on standard output are the result; scripts/bench.sh gathers them into build/bench.json:
//
//   BENCH <name> <value> <unit> goal <op> <bound> met|missed
//   PEER <name> <value> <unit> <who and which version>
//   NOTE <name> <value> <unit>                              a figure without a goal
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skein::bench {

/// How a figure is held against its bound.
enum class Op : std::uint8_t { at_most, below, at_least, above };
[[nodiscard]] std::string_view to_string(Op op);  ///< "<=", "<", ">=", ">".
[[nodiscard]] bool holds(double value, Op op, double bound);

/// The middle of `values`; the mean of the two middle ones for an even count. `values` is not empty.
[[nodiscard]] double median(std::vector<double> values);
/// The value below which `q` (0 to 1) of `values` lie, by nearest rank. `values` is not empty.
[[nodiscard]] double quantile(std::vector<double> values, double q);

/// Seconds that one call of `work` takes.
[[nodiscard]] double seconds(const std::function<void()>& work);
/// The median seconds of `runs` calls, after one that is not counted.
[[nodiscard]] double median_seconds(int runs, const std::function<void()>& work);

/// How much more a plain spin loop gets done by two threads than by one, right now: 2.0 where two whole cores are free.
/// Takes about 0.2 s.
[[nodiscard]] double spin_speedup();

/// Keeps the compiler from leaving out the making of `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// The program's figures. The first of its arguments, if there is one, is a part of a name: `wants` tells which
/// sections to run.
class Report {
 public:
  Report(int argc, char** argv);

  /// Whether the figures of this name were asked for.
  [[nodiscard]] bool wants(std::string_view name) const;

  /// Prints a figure beside its goal.
  void figure(std::string_view name, double value, std::string_view unit, Op op, double bound);
  /// The speed-up that two threads bring, as it is and relative to what a spin loop gets in the same run;
  /// the goal is on the relative one.
  void two_cores(std::string_view name, double one_thread_s, double two_threads_s, double least_relative);
  void peer(std::string_view name, double value, std::string_view unit, std::string_view who);
  void note(std::string_view name, double value, std::string_view unit);

  /// What main returns: 0, since a missed goal is a figure and no failure.
  [[nodiscard]] int finish() const { return 0; }

 private:
  std::string part_;
};

/// One figure's line, without the newline.
[[nodiscard]] std::string bench_line(std::string_view name, double value, std::string_view unit, Op op, double bound);

}  // namespace skein::bench
