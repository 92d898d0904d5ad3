// A whole cold site of an npm tree beside repomix, which packs the same tree into one file. Both read every file once;
// neither keeps anything from the run before. Each as it is without settings.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

using namespace skein::bench;

namespace fs = std::filesystem;

int main(int argc, char** argv) {
  Report report(argc, argv);
  const std::string name = "docs.packing.npm";
  if (!report.wants(name)) return report.finish();
  const char* source = std::getenv("SKEIN_BENCH_SOURCE");
  const std::string peers = std::string(source == nullptr ? "." : source) + "/bench/peers/repomix/node_modules/";
  const std::string program = peers + "repomix/bin/repomix.cjs";
  if (!fs::exists(program)) {
    report.note(name + ".left_out", 0, "repomix_is_not_installed");
    return report.finish();
  }
  // The tree is repomix' own package and those that it stands on, as npm installed them.
  const std::string folder = committed_copy("npm", peers);
  if (folder.empty()) return 1;
  // What was packed before is no part of the tree.
  const std::string packed = trees_folder() + "/npm-packed.xml";
  double ours = 0, theirs = 0;
  for (int run = 0; run < 3; ++run) {
    forget_state(folder);
    const double docs_ms = process_ms({skein_binary(), "docs", ".", "--quiet"}, folder);
    forget_state(folder);
    const double pack_ms = process_ms({"node", program, "--quiet", "-o", packed, "."}, folder);
    if (docs_ms < 0 || pack_ms < 0) return 1;
    ours = run == 0 ? docs_ms : std::min(ours, docs_ms);
    theirs = run == 0 ? pack_ms : std::min(theirs, pack_ms);
  }
  report.figure(name + ".cold", ours, "ms", Op::below, theirs);
  report.peer(name + ".cold", theirs, "ms", "repomix (bench/peers/repomix)");
  return report.finish();
}
