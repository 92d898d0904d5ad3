// A tree of 100,000 small files: its site cold, with nothing changed beside `git status`, with one file changed, and
// how memory grows with the tree: beside a tenth of it.
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

using namespace skein::bench;

namespace {

namespace fs = std::filesystem;

constexpr int kFiles = 100'000;
constexpr int kPerFolder = 100;

/// A committed tree of so many Python files, each importing its neighbour; made where it is not there yet.
std::string tree_of(int files) {
  const std::string folder = trees_folder() + "/files-" + std::to_string(files);
  if (fs::exists(folder + "/.git/HEAD")) return folder;
  for (int i = 0; i < files; ++i) {
    const auto below =
        folder + "/part" + std::to_string(i / kPerFolder / 10) + "/unit" + std::to_string(i / kPerFolder);
    if (i % kPerFolder == 0) fs::create_directories(below);
    std::ofstream(below + "/m" + std::to_string(i) + ".py")
        << "\"\"\"Module " << i << ".\"\"\"\nimport m" << (i % kPerFolder == 0 ? i : i - 1) << "\n\n\ndef work_" << i
        << "(value):\n    \"\"\"Adds " << i << ".\"\"\"\n    return value + " << i << "\n";
  }
  for (const std::vector<std::string>& step :
       {std::vector<std::string>{"git", "init", "-q", "."},
        {"git", "add", "-A"},
        {"git", "-c", "user.name=skein", "-c", "user.email=skein@localhost", "commit", "-q", "-m", "The tree"}})
    if (process_ms(step, folder) < 0) return {};
  return folder;
}

}  // namespace

int main(int argc, char** argv) {
  Report report(argc, argv);
  const std::string name = "docs.large";
  if (!report.wants(name)) return report.finish();
  const std::vector<std::string> docs{skein_binary(), "docs", ".", "--quiet"};
  const auto cold = [&](const std::string& folder) {
    forget_state(folder);
    return process_cost(docs, folder);
  };
  const std::string small = tree_of(kFiles / 10);
  if (small.empty()) return 1;
  const ProcessCost small_cost = cold(small);
  const std::string large = tree_of(kFiles);
  if (large.empty()) return 1;
  const ProcessCost large_cost = cold(large);
  if (small_cost.ms < 0 || large_cost.ms < 0) return 1;
  report.note(name + ".cold", large_cost.ms, "ms");
  report.note(name + ".peak_memory", large_cost.peak_mib, "MiB");
  report.figure(name + ".memory_growth", large_cost.peak_mib / small_cost.peak_mib, "times", Op::below, 10);
  if (process_ms(docs, large) < 0) return 1;
  const auto turns =
      take_turns(7, docs, {"git", "-c", "core.untrackedCache=false", "-c", "core.fsmonitor=false", "status"}, large);
  if (turns.first_ms.empty()) return 1;
  report.figure(name + ".noop", median(turns.first_ms), "ms", Op::at_most, median(turns.second_ms) + 3);
  report.peer(name + ".noop", median(turns.second_ms), "ms", "git status");
  std::ofstream(large + "/part0/unit0/m0.py", std::ios::app) << "# changed\n";
  const double edit_ms = process_ms(docs, large);
  report.note(name + ".one_file", edit_ms, "ms");
  return edit_ms >= 0 && process_ms({"git", "checkout", "-q", "part0/unit0/m0.py"}, large) >= 0 ? report.finish() : 1;
}
