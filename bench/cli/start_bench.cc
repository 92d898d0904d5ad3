// Start-up: `skein version` beside the cheapest process there is.
#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

using namespace skein::bench;

int main(int argc, char** argv) {
  Report report(argc, argv);
  if (!report.wants("cli.version")) return report.finish();
  const auto turns = take_turns(51, {skein_binary(), "version"}, {"/bin/true"});
  if (turns.first_ms.empty()) return 1;
  report.figure("cli.version", median(turns.first_ms), "ms", Op::at_most, 3);
  report.figure("cli.version.over_true", median(turns.first_ms) - median(turns.second_ms), "ms", Op::at_most, 3);
  report.peer("cli.version", median(turns.second_ms), "ms", "/bin/true");
  return report.finish();
}
