// Policies of eviction on made traces and on those of real `skein docs` runs, each beside exact LRU on the same bytes.
// Ratios, so a loaded machine changes nothing.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <unordered_map>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "cache/contents.h"
#include "engine/journal.h"
#include "fmt/format.h"
#include "store/store.h"
#include "tests/support/cache_traces.h"

namespace {

using namespace skein;

using Numbers = std::unordered_map<Digest, std::uint64_t>;

/// What the one run of a state folder that found nothing there looked for, in its order: by its journal, with sizes and
/// costs by the store. `numbers` are those of keys, also of earlier calls.
Result<std::vector<test::Access>> recorded_run(const std::string& state, Numbers& numbers) {
  const auto files = make_system_file_system();
  SKEIN_TRY(const auto store, store::Store::open(*files, state, {}));
  SKEIN_TRY(const auto entries, cache::list_entries(*store));
  std::unordered_map<Digest, const cache::Entry*> by_key;
  for (const auto& entry : entries) by_key.emplace(entry.key, &entry);
  std::vector<test::Access> accesses;
  SKEIN_TRY(const auto runs, engine::list_runs(*files, state));
  for (const auto& run : runs)
    SKEIN_DO(engine::read_journal(*files, engine::journal_path(state, run), [&](const engine::JournalRecord& record) {
      const auto* step = std::get_if<engine::JournalStep>(&record);
      const auto found = step == nullptr ? by_key.end() : by_key.find(step->key);
      if (found == by_key.end()) return true;  // An effect: nobody looks for it.
      test::Access access{numbers.emplace(step->key, numbers.size()).first->second, 0, found->second->cost.count()};
      for (const auto& output : found->second->outputs)
        if (const auto size = store->blob_size(output)) access.bytes += static_cast<std::uint32_t>(size->raw);
      accesses.push_back(access);
      return true;
    }));
  return accesses;
}

/// The newest commits of a repository along its first parents, the oldest first.
std::vector<std::string> commits_of(const std::string& folder, int most) {
  const auto listed = bench::output_of(
      {"git", "-C", folder, "rev-list", "--first-parent", fmt::format("--max-count={}", most), "HEAD"});
  std::istringstream lines(listed.value_or(""));
  std::vector<std::string> commits;
  for (std::string commit; lines >> commit;) commits.push_back(commit);
  std::ranges::reverse(commits);
  return commits;
}

/// `skein docs` of commit after commit of this project (SKEIN_BENCH_SOURCE, which scripts/bench.sh sets), and of two of
/// them in turn, as of branches. Each commit's run begins without a cache, so that its journal names every key. None
/// where there is no history, as in a shallow clone.
std::vector<test::Trace> real_traces() {
  const char* source = std::getenv("SKEIN_BENCH_SOURCE");
  if (source == nullptr) return {};
  const std::string folder = bench::trees_folder() + "/cache-history";
  std::error_code none;
  std::filesystem::remove_all(folder, none);
  if (bench::process_ms({"git", "clone", "-q", "--no-hardlinks", source, folder}) < 0) return {};
  Numbers numbers;
  std::vector<std::vector<test::Access>> runs;
  for (const auto& commit : commits_of(folder, 30)) {
    std::filesystem::remove_all(folder + "/.skein", none);
    if (bench::process_ms({"git", "checkout", "-q", commit}, folder) < 0 ||
        bench::process_ms({bench::skein_binary(), "docs", ".", "--quiet"}, folder) < 0)
      return {};
    auto run = recorded_run(folder + "/.skein", numbers);
    if (!run) return {};
    runs.push_back(std::move(*run));
  }
  if (runs.size() < 2) return {};
  test::Trace commits{"docs_commits", {}}, branches{"docs_branches", {}};
  for (const auto& run : runs) commits.accesses.insert(commits.accesses.end(), run.begin(), run.end());
  for (int i = 0; i < 10; ++i) {
    const auto& run = i % 2 == 0 ? runs.front() : runs.back();
    branches.accesses.insert(branches.accesses.end(), run.begin(), run.end());
  }
  return {std::move(commits), std::move(branches)};
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (!report.wants("cache.policy")) return report.finish();
  auto traces = test::made_traces(5000, 7);
  for (auto& trace : real_traces()) traces.push_back(std::move(trace));
  for (const double part : {0.25, 0.5, 0.9}) {
    for (const auto& trace : traces) {
      const auto lru = test::play(trace, cache::Policy::lru, part);
      const auto fifo = test::play(trace, cache::Policy::s3_fifo, part);
      const auto worth = test::play(trace, cache::Policy::worth, part);
      const std::string name = fmt::format("cache.policy.{}.{}%", trace.name, part * 100);
      report.note(name + ".lru_hit_ratio", lru.hit_ratio, "part");
      report.note(name + ".s3_fifo_hit_ratio", fifo.hit_ratio, "part");
      report.note(name + ".hit_ratio", worth.hit_ratio, "part");
      // On a loop LRU finds nothing at all.
      const auto against = [](double ours, double theirs) {
        return theirs > 1e-9 ? ours / theirs : ours > 0 ? 99.0 : 1.0;
      };
      const bool equal = trace.name.ends_with("_equal");
      report.figure(name + ".saved_to_lru", against(worth.saved_ratio, lru.saved_ratio), "x", bench::Op::at_least, 1);
      report.figure(name + ".hits_to_lru", against(worth.hit_ratio, lru.hit_ratio), "x", bench::Op::at_least,
                    equal ? 1 : 0.95);
      if (trace.name.starts_with("scan") || trace.name.starts_with("mixed"))
        report.figure(name + ".hits_to_lru_or_high",
                      worth.hit_ratio >= 0.85 ? 1.6 : against(worth.hit_ratio, lru.hit_ratio), "x", bench::Op::at_least,
                      1.6);
    }
  }
  return report.finish();
}
