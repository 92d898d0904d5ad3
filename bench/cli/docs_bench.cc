// `skein docs` on committed copies of real trees: cold, nothing changed (beside `git status`), one file changed.
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

using namespace skein::bench;

namespace {

struct Tree {
  std::string name;
  std::string source;
  std::string edited;  // A file of it that is changed and changed back.
};

bool measure(Report& report, const Tree& tree) {
  const std::string noop = "docs.noop." + tree.name;
  const std::string cold = "docs.cold." + tree.name;
  const std::string edit = "docs.one_file." + tree.name;
  if (!report.wants(noop) && !report.wants(cold) && !report.wants(edit)) return true;
  const std::string folder = committed_copy(tree.name, tree.source);
  if (folder.empty()) {
    report.note(noop + ".left_out", 0, "no_such_tree");
    return true;
  }
  const std::vector<std::string> docs{skein_binary(), "docs", ".", "--quiet"};
  // With neither the untracked cache nor fsmonitor.
  const std::vector<std::string> status{"git",   "-c", "core.untrackedCache=false", "-c", "core.fsmonitor=false",
                                        "status"};

  forget_state(folder);
  const double cold_ms = process_ms(docs, folder);
  if (cold_ms < 0) return false;
  report.note(cold, cold_ms, "ms");

  // The second run may still learn the table (files as young as it); the third is the steady state.
  if (process_ms(docs, folder) < 0 || process_ms(status, folder) < 0) return false;
  const auto turns = take_turns(21, docs, status, folder);
  if (turns.first_ms.empty()) return false;
  const double git_ms = median(turns.second_ms);
  report.figure(noop, median(turns.first_ms), "ms", Op::at_most, git_ms + 3);
  report.peer(noop, git_ms, "ms", "git status");

  std::ofstream(folder + "/" + tree.edited, std::ios::app) << "\n";
  const double edit_ms = process_ms(docs, folder);
  report.note(edit, edit_ms, "ms");
  const double undone_ms = process_ms({"git", "checkout", "-q", tree.edited}, folder);
  return edit_ms >= 0 && undone_ms >= 0;
}

}  // namespace

int main(int argc, char** argv) {
  Report report(argc, argv);
  bool ok = measure(report, {"boost", "/usr/include/boost", "any.hpp"});
  ok = measure(report, {"python", "/usr/lib/python3.11", "ast.py"}) && ok;
  return ok ? report.finish() : 1;
}
