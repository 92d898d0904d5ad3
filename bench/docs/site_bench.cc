// A whole site on committed copies of real trees: cold beside the parse alone, what pictures take of it, the first
// overview beside ctags, one file changed beside git status, two cores beside a spin loop, and memory.
// The parse is that of our own core and grammars; Debian's core at -O2 is slower, so this
// bound is the stricter one. Pictures are timed by a run without Graphviz in PATH.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "repo/extract.h"
#include "repo/languages.h"

using namespace skein::bench;

namespace {

namespace fs = std::filesystem;

struct Tree {
  std::string name, source, edited;
};

/// Seconds of one thread to parse every file of a language with a grammar.
double parse_seconds(const std::string& folder) {
  const auto& languages = skein::repo::builtin_languages();
  double total = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().string().contains("/.")) continue;
    const auto* language = languages.by_path_and_content(entry.path().filename().string(), {});
    if (language == nullptr || !language->has_grammar() || entry.file_size() > (8U << 20)) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    total += seconds([&] { keep(skein::repo::parse_only(*language, bytes)); });
  }
  return total;
}

/// A number of the run's JSON.
double number_of(const std::string& json, std::string_view key) {
  const auto at = json.find("\"" + std::string(key) + "\":");
  return at == std::string::npos ? -1 : std::strtod(json.c_str() + at + key.size() + 3, nullptr);
}

bool measure(Report& report, const Tree& tree) {
  const std::string name = "docs.site." + tree.name;
  if (!report.wants(name)) return true;
  const std::string folder = committed_copy(tree.name, tree.source);
  if (folder.empty()) {
    report.note(name + ".left_out", 0, "no_such_tree");
    return true;
  }
  const std::vector<std::string> docs{skein_binary(), "docs", ".", "--quiet"};
  const auto cold = [&](const std::vector<std::string>& before) {
    forget_state(folder);
    auto command = before;
    command.insert(command.end(), docs.begin(), docs.end());
    return process_cost(command, folder);
  };
  // With pictures and without in turns, so that both meet the same moods of the machine and its disk.
  std::vector<double> all, without, memory;
  for (int turn = 0; turn < 3; ++turn) {
    const ProcessCost whole = cold({});
    const ProcessCost plain = cold({"env", "PATH=/nonexistent"});
    if (whole.ms < 0 || plain.ms < 0) return false;
    all.push_back(whole.ms);
    without.push_back(plain.ms);
    memory.push_back(whole.peak_mib);
  }
  const double with = median(all);
  report.figure(name + ".peak_memory", median(memory), "MiB", Op::at_most, 350);
  report.note(name + ".cold", with, "ms");
  report.figure(name + ".pictures_share", 100 * (with - median(without)) / with, "%", Op::at_most, 20);
  const double parse_ms = 1000 * parse_seconds(folder) / (spin_speedup() >= 1.5 ? 2 : 1);
  report.figure(name + ".of_parse", with / parse_ms, "times", Op::at_most, 2.5);
  if (const double one = cold({"taskset", "-c", "0"}).ms; one > 0)
    report.two_cores(name + ".two_cores", one, with, 0.85);

  forget_state(folder);
  const auto run = output_of({skein_binary(), "docs", folder, "--json"});
  if (run) {
    const double first = number_of(*run, "first_overview_us") / 1000;
    report.figure(name + ".first_overview_of_cold", 100 * first / with, "%", Op::at_most, 10);
    const double ctags = process_ms({"ctags", "-R", "-f", "/dev/null", "--exclude=.skein", "."}, folder);
    if (ctags > 0) {
      report.figure(name + ".first_overview", first, "ms", Op::at_most, 1.5 * ctags);
      report.peer(name + ".first_overview", ctags, "ms", "ctags -R");
    }
  }

  if (process_ms(docs, folder) < 0) return false;
  const std::vector<std::string> status{"git",   "-c", "core.untrackedCache=false", "-c", "core.fsmonitor=false",
                                        "status"};
  std::vector<double> edits, statuses;
  double written = 0;
  for (int i = 0; i < 5; ++i) {
    std::ofstream(folder + "/" + tree.edited, std::ios::app) << "\n";
    statuses.push_back(process_ms(status, folder));
    const double begun = seconds([&] {
      if (const auto out = output_of({skein_binary(), "docs", folder, "--json"})) written = number_of(*out, "written");
    });
    edits.push_back(begun * 1000);
  }
  report.figure(name + ".one_file", median(edits), "ms", Op::at_most, 3 * median(statuses) + 10);
  report.peer(name + ".one_file", median(statuses), "ms", "git status");
  report.note(name + ".one_file.written", written, "files");
  return process_ms({"git", "checkout", "-q", tree.edited}, folder) >= 0;
}

}  // namespace

int main(int argc, char** argv) {
  Report report(argc, argv);
  bool ok = measure(report, {"python", "/usr/lib/python3.11", "ast.py"});
  ok = measure(report, {"boost", "/usr/include/boost", "any.hpp"}) && ok;
  // scripts/bench.sh unpacks it there.
  const std::string packages = trees_folder() + "/django-source/usr/lib/python3/dist-packages";
  ok = measure(report, {"django", packages + "/django", "shortcuts.py"}) && ok;
  return ok ? report.finish() : 1;
}
