// `skein exec` and the log store as whole processes: what exec adds to a silent command, what it leaves of a fast
// producer's speed, a large log stored and summarised beside zstd, a range of it, and the same log summarised where it
// lies beside ripgrep.
//
//   exec_bench produce MB_PER_S MIB    is the producer: lines of a build, at most so fast (0: as fast as they go)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <unistd.h>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"

namespace {

using namespace skein;
namespace fs = std::filesystem;

/// A MiB of what a build prints, cut at a line.
std::string build_lines() {
  std::string text;
  for (int i = 0; text.size() < (std::size_t{1} << 20); ++i) {
    text += "[" + std::to_string(i % 4000) + "/4000] Building CXX object src/room" + std::to_string(i % 37) +
            "/CMakeFiles/room.dir/part_" + std::to_string(i * 7919 % 10007) + ".cc.o\n";
    if (i % 97 == 0)
      text += "src/part_" + std::to_string(i) + ".cc:" + std::to_string(i % 900) +
              ":12: warning: unused variable 'count' [-Wunused-variable]\n";
  }
  return text;
}

int produce(double megabytes_per_second, int mebibytes) {
  const std::string text = build_lines();
  const auto started = std::chrono::steady_clock::now();
  double written = 0;
  const double all = mebibytes * 1048576.0;
  while (written < all) {
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t got = ::write(STDOUT_FILENO, left.data(), std::min<std::size_t>(left.size(), 64 << 10));
      if (got <= 0) return 1;
      left.remove_prefix(static_cast<std::size_t>(got));
    }
    written += static_cast<double>(text.size());
    if (megabytes_per_second > 0)
      std::this_thread::sleep_until(started + std::chrono::duration<double>(written / (megabytes_per_second * 1e6)));
  }
  return 0;
}

double least(const std::vector<double>& values) { return values.empty() ? -1 : *std::ranges::min_element(values); }

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "produce") return produce(std::atof(argv[2]), std::atoi(argv[3]));
  bench::Report report(argc, argv);
  const std::string skein = bench::skein_binary();
  const std::string folder = bench::trees_folder() + "/exec";
  fs::remove_all(folder);
  fs::create_directories(folder + "/.git");
  const std::string self = fs::canonical("/proc/self/exe").string();

  if (report.wants("exec.overhead")) {
    const auto turns = bench::take_turns(21, {"true"}, {skein, "exec", "--quiet", "--", "true"}, folder);
    report.figure("exec.overhead", least(turns.second_ms) - least(turns.first_ms), "ms", bench::Op::at_most, 15);
  }
  if (report.wants("exec.producer")) {
    const auto at = [&](const char* rate, const char* mebibytes) {
      return bench::take_turns(3, {self, "produce", rate, mebibytes},
                               {skein, "exec", "--quiet", "--", self, "produce", rate, mebibytes}, folder);
    };
    const auto paced = at("150", "256");
    report.figure("exec.producer.at_150", least(paced.first_ms) / least(paced.second_ms), "x", bench::Op::at_least,
                  0.8);
    const auto free = at("0", "512");
    report.figure("exec.producer.unpaced", 512 * 1.048576 / (least(free.second_ms) / 1e3), "MB/s", bench::Op::at_least,
                  250);
  }
  if (report.wants("exec.large")) {
    const std::string log = folder + "/large.log";
    {
      std::ofstream out(log, std::ios::binary);
      const std::string text = build_lines();
      for (std::uint64_t size = 0; size < (std::uint64_t{1} << 30); size += text.size()) out << text;
      out << "src/part_17.cc:12:5: error: 'count' was not declared in this scope\n";
    }
    const auto turns =
        bench::take_turns(1, {"zstd", "-1", "-T2", "-qc", log}, {skein, "exec", "--quiet", "--", "cat", log}, folder);
    if (!turns.first_ms.empty()) {
      report.peer("exec.large.store_and_summarise", least(turns.first_ms) / 1e3, "s", "zstd -1 -T2");
      report.note("exec.large.store_and_summarise.time", least(turns.second_ms) / 1e3, "s");
      report.figure("exec.large.store_and_summarise", least(turns.second_ms) / least(turns.first_ms), "x",
                    bench::Op::at_most, 2);
    }
    // Of the file itself nothing is copied.
    const auto by_reference = bench::take_turns(5, {"rg", "-c", "-e", "error", "-e", "FAIL", log},
                                                {skein, "summarize", "--quiet", log}, folder);
    if (!by_reference.first_ms.empty()) {
      const double own = bench::median(by_reference.second_ms), other = bench::median(by_reference.first_ms);
      report.peer("exec.large.summarize_file", other, "ms", "rg -c -e error -e FAIL");
      report.note("exec.large.summarize_file.time", own, "ms");
      report.figure("exec.large.summarize_file", own / other, "x", bench::Op::at_most, 5);
    }
    double range = -1;
    for (int i = 0; i < 9; ++i) {
      const double took = bench::process_ms({skein, "log", "show", "last", "--lines", "6000000-6000020"}, folder);
      if (took >= 0 && (range < 0 || took < range)) range = took;
    }
    report.figure("exec.large.range", range, "ms", bench::Op::below, 50);
  }
  fs::remove_all(folder);
  return report.finish();
}
