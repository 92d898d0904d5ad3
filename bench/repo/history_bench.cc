// How long reading the last 1,000 commits of a large repository takes: 15,000 files in 1,500 folders, 1,500 commits
// with five edited files each, made with git fast-import. Beside it `git log --numstat`, which does the same
// comparisons. With SKEIN_BENCH_REPOSITORY set, that repository instead.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "bench/harness/bench.h"
#include "repo/history.h"

namespace {

using namespace skein;

constexpr int kFiles = 15'000;
constexpr int kCommits = 1'500;

void make(const std::string& root) {
  SeededRandom random(3);
  const auto path = [](std::uint64_t i) { return fmt::format("src/d{}/f{}.c", i / 10, i); };
  const auto text = [&](std::uint64_t i, std::uint64_t version) {
    std::string out;
    for (std::uint64_t k = 0; k < 120; ++k)
      out += fmt::format("line {} of {} {}\n", k, i, k % 40 == version % 40 ? version : 0);
    return out;
  };
  const std::string command = fmt::format("git init -q '{0}' && git -C '{0}' fast-import --quiet", root);
  FILE* pipe = ::popen(command.c_str(), "w");
  if (pipe == nullptr) return;
  for (int c = 0; c <= kCommits; ++c) {
    std::string out = fmt::format("commit HEAD\ncommitter a{} <a{}@example.org> {} +0000\ndata 1\nx\n", c % 17, c % 17,
                                  1'600'000'000 + c * 3'600);
    const auto add = [&](std::uint64_t i) {
      const auto bytes = text(i, static_cast<std::uint64_t>(c));
      out += fmt::format("M 100644 inline {}\ndata {}\n{}\n", path(i), bytes.size(), bytes);
    };
    if (c == 0)
      for (std::uint64_t i = 0; i < kFiles; ++i) add(i);
    else
      for (int k = 0; k < 5; ++k) add(random.below(kFiles));
    std::fwrite(out.data(), 1, out.size(), pipe);
  }
  ::pclose(pipe);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (!report.wants("repo.history")) return report.finish();
  namespace fs = std::filesystem;
  const char* given = std::getenv("SKEIN_BENCH_REPOSITORY");
  const std::string made = (fs::temp_directory_path() / "skein-history-bench").string();
  const std::string root = given != nullptr ? given : made;
  if (given == nullptr) {
    fs::remove_all(made);
    make(made);
  }
  const auto git = repo::read_git(root);
  std::vector<std::string_view> present;
  const auto log = repo::read_history_log(git, {});
  for (const auto& path : log.paths) present.push_back(path);
  std::ranges::sort(present);
  std::vector<double> ours;
  std::vector<double> theirs;
  const std::string command =
      fmt::format("git -C '{}' log -1000 --no-merges --numstat --format=%H >/dev/null 2>&1", root);
  for (int round = 0; round < 3; ++round) {
    ours.push_back(bench::seconds([&] { bench::keep(repo::read_history_log(git, {}).commits.size()); }));
    theirs.push_back(bench::seconds([&] { bench::keep(std::system(command.c_str())); }));
  }
  report.note("repo.history.commits", static_cast<double>(log.commits.size()), "commits");
  report.note("repo.history.cold", 1e3 * bench::median(ours), "ms");
  report.peer("repo.history.git_log_numstat", 1e3 * bench::median(theirs), "ms", "git log -1000 --numstat");
  report.figure("repo.history.of_git_log", bench::median(ours) / bench::median(theirs), "times", bench::Op::at_most,
                1.5);
  const double again =
      bench::median_seconds(3, [&] { bench::keep(repo::read_history_log(git, {}, &log).commits.size()); });
  report.figure("repo.history.remembered", 1e3 * again, "ms", bench::Op::at_most, 100);
  report.note("repo.history.summary",
              1e3 * bench::median_seconds(3, [&] { bench::keep(repo::summarize_history(log, present).commits); }),
              "ms");
  report.note("repo.history.stored", static_cast<double>(repo::encode(log, "").size()) / 1e3, "KB");
  if (given == nullptr) fs::remove_all(made);
  return report.finish();
}
