// Nothing to do, seen from outside: a process that opens the remembered table and checks 10,000 steps' real input and
// output files, beside GNU make and ninja on the same shapes, taking turns.
#include <fcntl.h>

#include <filesystem>
#include <set>
#include <string>

#include "bench/harness/bench.h"
#include "bench/harness/peers.h"
#include "store/file_stamp.h"
#include "store/stat_table.h"

namespace skein {
namespace {

/// Remembers every file that the rules name.
bool remember(const std::string& root, const std::vector<bench::Rule>& rules, const std::string& table_path) {
  std::set<std::string> paths;
  for (const auto& rule : rules) {
    paths.insert(rule.output);
    paths.insert(rule.inputs.begin(), rule.inputs.end());
  }
  store::StatTableBuilder table;
  for (const auto& path : paths) {
    store::FileStamp stamp;
    if (store::stamp_at(AT_FDCWD, (root + "/" + path).c_str(), stamp) != 0) return false;
    const auto digest = store::hash_at(AT_FDCWD, (root + "/" + path).c_str(), stamp.kind);
    if (!digest) return false;
    table.add_path(path, stamp, *digest);
  }
  return table.save(*make_system_file_system(), table_path, {}).has_value();
}

int check(const std::string& root, const std::string& table_path) {
  const auto table = store::StatTable::open(table_path);
  return table && table->check(root).unchanged ? 0 : 1;
}

void measure(bench::Report& report, const char* self, const std::string& shape, const std::vector<bench::Rule>& rules) {
  const std::string name = "engine/noop_" + shape;
  if (!report.wants(name)) return;
  constexpr int kRuns = 11;
  const std::string folder = bench::trees_folder() + "/" + shape;
  // Builds the tree where it is not there.
  if (bench::noop_peers(shape, rules, 1).empty()) {
    std::puts((name + ": make or ninja is not installed").c_str());
    return;
  }
  const std::string table = bench::trees_folder() + "/" + shape + ".table";
  if (!remember(folder, rules, table)) return;
  std::vector<double> ours;
  std::vector<double> make;
  std::vector<double> ninja;
  std::string who_make;
  std::string who_ninja;
  for (int i = 0; i < kRuns; ++i) {
    const double ms = bench::process_ms({self, "--check", folder, table});
    const auto peers = bench::noop_peers(shape, rules, 1);
    if (ms < 0 || peers.size() != 2) return;
    ours.push_back(ms);
    make.push_back(peers[0].ms);
    ninja.push_back(peers[1].ms);
    who_make = peers[0].who;
    who_ninja = peers[1].who;
  }
  report.figure(name, bench::median(ours), "ms", bench::Op::below, std::min(bench::median(make), bench::median(ninja)));
  report.peer(name, bench::median(make), "ms", who_make);
  report.peer(name, bench::median(ninja), "ms", who_ninja);
}

}  // namespace
}  // namespace skein

int main(int argc, char** argv) {
  using namespace skein;
  if (argc == 4 && std::string_view(argv[1]) == "--check") return check(argv[2], argv[3]);
  bench::Report report(argc, argv);
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  measure(report, self.c_str(), "fan_10000", bench::fan_of(10'000));
  measure(report, self.c_str(), "layers_100x100", bench::layers_of(100, 100));
  return report.finish();
}
