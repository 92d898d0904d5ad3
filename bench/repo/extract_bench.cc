// How fast files become facts, beside tree-sitter's parse alone: on Python's library and on Boost.Asio's headers where
// Debian has put them, else the figure is left out. One thread.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/harness/bench.h"
#include "repo/extract.h"
#include "repo/resolve.h"

namespace {

using namespace skein;
namespace fs = std::filesystem;

struct Source {
  std::string path, bytes;
  const repo::Language* language;
};

std::vector<Source> sources_of(const fs::path& root) {
  std::vector<Source> sources;
  std::error_code error;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    if (at->is_symlink() || !at->is_regular_file()) continue;
    std::ostringstream bytes;
    bytes << std::ifstream(at->path(), std::ios::binary).rdbuf();
    Source source{fs::relative(at->path(), root).string(), std::move(bytes).str(), nullptr};
    source.language = repo::builtin_languages().by_path_and_content(source.path, source.bytes);
    if (source.language != nullptr && source.language->has_grammar()) sources.push_back(std::move(source));
  }
  std::ranges::sort(sources, {}, &Source::path);
  return sources;
}

void measure(bench::Report& report, const std::string& name, const std::vector<Source>& sources) {
  double megabytes = 0;
  for (const auto& source : sources) megabytes += static_cast<double>(source.bytes.size()) / 1e6;
  // In turns, so that what else the machine does meets both.
  std::vector<double> raw, all;
  for (int round = 0; round < 3; ++round) {
    raw.push_back(bench::seconds([&] {
      for (const auto& source : sources) bench::keep(repo::parse_only(*source.language, source.bytes));
    }));
    all.push_back(bench::seconds([&] {
      for (const auto& source : sources) bench::keep(repo::extract(*source.language, source.bytes).has_value());
    }));
  }
  report.note(name + ".parse", megabytes / bench::median(raw), "MB/s");
  report.note(name, megabytes / bench::median(all), "MB/s");
  report.figure(name + ".of_parse", 100 * bench::median(raw) / bench::median(all), "%", bench::Op::at_least, 80);
}

void measure_resolve(bench::Report& report, const std::vector<Source>& sources) {
  std::vector<std::string_view> paths;
  std::vector<repo::FileFacts> facts;
  std::size_t imports = 0;
  for (const auto& source : sources) {
    paths.push_back(source.path);
    facts.push_back(*repo::extract(*source.language, source.bytes));
    imports += facts.back().imports.size();
  }
  const repo::PathIndex index(paths);
  const double taken = bench::median_seconds(3, [&] {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      for (const auto& import : facts[i].imports) {
        bench::keep(repo::resolve(*sources[i].language, sources[i].path, import, index).size());
      }
    }
  });
  report.note("repo.resolve.import", 1e6 * taken / static_cast<double>(std::max<std::size_t>(imports, 1)), "us");
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (report.wants("repo.extract.python")) {
    const auto sources = sources_of("/usr/lib/python3.11");
    if (!sources.empty()) measure(report, "repo.extract.python", sources);
    if (!sources.empty()) measure_resolve(report, sources);
  }
  if (report.wants("repo.extract.cpp")) {
    const auto sources = sources_of("/usr/include/boost/asio");
    if (!sources.empty()) measure(report, "repo.extract.cpp", sources);
  }
  return report.finish();
}
