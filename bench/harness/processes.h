// Times whole processes, as a user meets them.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace skein::bench {

/// What one process took, from its start to its end.
struct ProcessCost {
  double ms = -1;       ///< Negative where it could not be started or failed.
  double peak_mib = 0;  ///< The largest resident size of it or one of its children.
};
/// Runs `argv` in `directory`; its output goes nowhere.
[[nodiscard]] ProcessCost process_cost(const std::vector<std::string>& argv, const std::string& directory = ".");
/// Milliseconds from starting `argv` in `directory` to its end; its output goes nowhere.
/// Negative where it could not be started or failed.
[[nodiscard]] double process_ms(const std::vector<std::string>& argv, const std::string& directory = ".");

/// Times of two commands that took turns, so that both met the same moods of the machine.
struct Turns {
  std::vector<double> first_ms, second_ms;
};
/// `runs` turns after one that is not counted. Empty where a command failed.
[[nodiscard]] Turns take_turns(int runs, const std::vector<std::string>& first, const std::vector<std::string>& second,
                               const std::string& directory = ".");

/// The standard output of a program that ended well; none otherwise.
[[nodiscard]] std::optional<std::string> output_of(const std::vector<std::string>& argv);

/// The binary under test (SKEIN_BINARY) and the folder for trees (SKEIN_BENCH_TREES), as scripts/bench.sh sets them.
[[nodiscard]] std::string skein_binary();
[[nodiscard]] std::string trees_folder();

/// A copy of `source` committed to a git repository of its own, made where it is not there yet; empty where `source` is
/// not on this machine.
[[nodiscard]] std::string committed_copy(const std::string& name, const std::string& source);

/// Moves a workspace's state away, so that the next run is cold, into a folder of trees_folder() that scripts/bench.sh
/// removes at its end. Removed at once, it would slow down the run: on an ext4 without a journal each file that is made
/// within a minute looks at the inodes of all that were just removed (`recently_deleted` of the kernel). With a site of
/// 36,000 pages that took half of the run.
void forget_state(const std::string& workspace);

}  // namespace skein::bench
