// Summaries: speed of the library and of whole processes beside ripgrep and zstd on one file, the memory they take, and
// a short log end to end. The log is made here: builds, tests and downloads of many lines, with one line in fifty that
// says that something is wrong, time stamps in a third of it and colours in a tenth.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "summary/render.h"
#include "summary/summarizer.h"

namespace {

using namespace skein;

std::string mixed_log(std::size_t size) {
  constexpr std::array<std::string_view, 8> kPlain{
      "[{0}/412] Building CXX object src/store/CMakeFiles/store.dir/segment_{0}.cc.o",
      "npm http fetch GET 200 https://registry.example.org/package-{0} {0}ms (cache hit)",
      "[INFO] Compiling {0} source files to /builds/project/module-{0}/target/classes",
      "test module_{0}::parses_what_it_printed ... ok",
      "Get:{0} https://deb.example.org/debian bookworm/main amd64 library{0} amd64 1.{0}-2 [{0} kB]",
      "   Compiling crate-{0} v0.{0}.3",
      "=== RUN   TestHandlesRequest/case_{0}",
      "{0} of 20000 documents were indexed, 12 workers, 48 MB in the queue"};
  constexpr std::array<std::string_view, 4> kBad{"src/store/segment_{0}.cc:{0}:17: error: 'offset' was not declared",
                                                 "src/store/segment_{0}.cc:{0}:9: warning: unused variable 'x'",
                                                 "--- FAIL: TestHandlesRequest/case_{0} (0.01s)",
                                                 "make[2]: *** [segment_{0}.o] Error 1"};
  std::mt19937 random(17);
  std::string log;
  log.reserve(size + 200);
  while (log.size() < size) {
    const std::string number = std::to_string(random() % 20'000);
    const bool bad = random() % 50 == 0;
    const std::string_view form = bad ? kBad[random() % kBad.size()] : kPlain[random() % kPlain.size()];
    const bool colored = random() % 10 == 0;
    if (random() % 3 == 0) log += "2026-03-04T10:11:12.0000000Z ";
    if (colored) log += "\x1b[36m";
    for (std::size_t at = 0; at < form.size();) {
      if (form.substr(at).starts_with("{0}")) {
        log += number;
        at += 3;
      } else {
        log += form[at++];
      }
    }
    if (colored) log += "\x1b[0m";
    log += '\n';
  }
  return log;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (!report.wants("summary/summarize")) return report.finish();
  const std::string log = mixed_log(std::size_t{128} << 20);
  const auto megabytes = static_cast<double>(log.size()) / 1e6;
  const double seconds = bench::median_seconds(3, [&] { bench::keep(summary::summarize(log).failures.size()); });
  report.figure("summary/summarize_mixed_log_one_thread", megabytes / seconds, "MB/s", bench::Op::at_least, 400);
  const summary::Summary made = summary::summarize(log);
  if (const auto shown = summary::render(made, {}))
    report.note("summary/bytes_out_of_in_percent",
                100 * static_cast<double>(shown->text.size()) / static_cast<double>(log.size()), "%");

  std::string scratch = (std::filesystem::temp_directory_path() / "skein-bench-XXXXXX").string();
  if (::mkdtemp(scratch.data()) == nullptr) return 1;
  const std::string file = scratch + "/build.log", small = scratch + "/short.log";
  std::ofstream(file, std::ios::binary) << log;
  std::ofstream(small, std::ios::binary) << log.substr(0, 10'240);
  const std::vector<std::string> skein{bench::skein_binary(), "summarize", file};
  const auto beside = [&](std::string_view name, const std::vector<std::string>& peer, double bound,
                          std::string_view who) {
    const bench::Turns turns = bench::take_turns(5, skein, peer, scratch);
    if (turns.first_ms.empty()) return std::fprintf(stderr, "no figure beside %s\n", peer[0].c_str()), void();
    const double own = bench::median(turns.first_ms), other = bench::median(turns.second_ms);
    report.peer(std::string(name) + "_ms", other, "ms", who);
    report.figure(name, own / other, "times", bench::Op::at_most, bound);
  };
  beside("summary/summarize_file_of_rg", {"rg", "-c", "-e", "error", "-e", "FAIL", file}, 5, "rg -c -e error -e FAIL");
  beside("summary/summarize_file_of_zstd", {"zstd", "-1", "-T2", "-q", "-f", "-o", scratch + "/out.zst", file}, 2,
         "zstd -1 -T2");
  std::vector<double> short_ms;
  for (int i = 0; i < 15; ++i)
    if (const double ms = bench::process_ms({bench::skein_binary(), "summarize", small}, scratch); ms >= 0)
      short_ms.push_back(ms);
  if (short_ms.size() < 15) {
    std::fprintf(stderr, "no figures of processes: %s does not run (SKEIN_BINARY)\n", bench::skein_binary().c_str());
    std::filesystem::remove_all(scratch);
    return report.finish();
  }
  report.figure("summary/summarize_10_kib_log", bench::median(short_ms), "ms", bench::Op::at_most, 10);
  const std::string measured = bench::output_of({"sh", "-c",
                                                 "\"$0\" summarize \"$1\" >/dev/null & p=$!; m=; while kill -0 $p "
                                                 "2>/dev/null; do n=$(awk '/VmHWM/{print $2}' /proc/$p/status "
                                                 "2>/dev/null); [ -n \"$n\" ] && m=$n; done; echo $m",
                                                 bench::skein_binary(), file})
                                   .value_or("");
  if (!measured.empty())
    report.figure("summary/summarize_memory", std::strtod(measured.c_str(), nullptr) / 1024, "MiB", bench::Op::at_most,
                  64);
  std::filesystem::remove_all(scratch);
  return report.finish();
}
