// How long the graph of a large tree takes: 100,000 files in 10,000 folders with eight uses each, two of them upwards
// so that there are cycles; and twice as many files, since the time must grow in proportion.
#include <string>

#include "base/random.h"
#include "bench/harness/bench.h"
#include "repo/graph.h"

namespace {

using namespace skein;

std::vector<repo::GraphSource> tree(std::uint32_t files) {
  SeededRandom random(7);
  std::vector<repo::GraphSource> sources(files);
  const auto path = [](std::uint64_t i) { return "src/d" + std::to_string(i / 10) + "/f" + std::to_string(i) + ".py"; };
  for (std::uint32_t i = 0; i < files; ++i) {
    sources[i].path = path(i);
    sources[i].by_import = true;
    for (int k = 0; k < 6; ++k) sources[i].uses.push_back(path(random.below(i + 1)));
    for (int k = 0; k < 2; ++k) sources[i].uses.push_back(path(std::min<std::uint64_t>(i + random.below(100), files)));
  }
  return sources;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (!report.wants("repo.graph")) return report.finish();
  const auto timed = [](std::uint32_t files) {
    const auto sources = tree(files);
    return bench::median_seconds(3, [&] { bench::keep(repo::make_graph(sources).files.layers); });
  };
  const double once = timed(100'000);
  report.figure("repo.graph.100k_files", 1e3 * once, "ms", bench::Op::at_most, 1'000);
  report.figure("repo.graph.twice_the_files", timed(200'000) / once, "times", bench::Op::at_most, 2.6);
  const auto graph = repo::make_graph(tree(100'000));
  const std::string bytes = repo::encode(graph);
  report.note("repo.graph.encoded", static_cast<double>(bytes.size()) / 1e6, "MB");
  report.note("repo.graph.encode", 1e3 * bench::median_seconds(3, [&] { bench::keep(repo::encode(graph)); }), "ms");
  report.note("repo.graph.decode", 1e3 * bench::median_seconds(3, [&] { bench::keep(repo::decode_graph(bytes)); }),
              "ms");
  return report.finish();
}
