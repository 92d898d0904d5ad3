// A snapshot of a tree, cold (all is read), warm (only stats) and the no-op check. Without arguments on the tree in the
// current folder; for timing whole processes:
//   repo_snapshot_bench scan ROOT TABLE     scans, with the table where there is one, and writes it
//   repo_snapshot_bench check ROOT TABLE
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "bench/harness/bench.h"
#include "repo/snapshot.h"

namespace {

using namespace skein;

bool scan_to(const std::string& root, const std::string& path) {
  const auto table = store::StatTable::open(path);
  ThreadPool pool(2);
  const auto snapshot = repo::scan(root, {}, pool, table ? &*table : nullptr);
  if (!snapshot) return false;
  fmt::print("{} files, {} left out, {} ignored; {} files of {} bytes read\n", snapshot->files.size(),
             snapshot->left_out.size(), snapshot->ignored, snapshot->hashed_files, snapshot->hashed_bytes);
  for (const auto& note : snapshot->notes) fmt::print("note: {}\n", note);
  return snapshot->table.save(*make_system_file_system(), path, {}).has_value();
}

bool check(const std::string& root, const std::string& path) {
  const auto table = store::StatTable::open(path);
  if (!table) return false;
  const auto found = table->check(root);
  if (!found.unchanged) fmt::print("{}\n", found.difference);
  return found.unchanged;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "scan") return scan_to(argv[2], argv[3]) ? 0 : 1;
  if (argc == 4 && std::string_view(argv[1]) == "check") return check(argv[2], argv[3]) ? 0 : 1;
  bench::Report report(argc, argv);
  if (!report.wants("repo/snapshot")) return report.finish();
  ThreadPool pool(2);
  const auto cold = repo::scan(".", {}, pool);
  if (!cold) return 1;
  const std::string path = (std::filesystem::temp_directory_path() / "skein-snapshot-bench").string();
  if (!cold->table.save(*make_system_file_system(), path, {})) return 1;
  const auto table = store::StatTable::open(path);
  if (!table) return 1;
  report.note("repo/snapshot_files", static_cast<double>(cold->files.size()), "files");
  report.note("repo/snapshot_cold", bench::median_seconds(3, [&] { bench::keep(repo::scan(".", {}, pool)); }) * 1e3,
              "ms");
  report.note("repo/snapshot_warm",
              bench::median_seconds(5, [&] { bench::keep(repo::scan(".", {}, pool, &*table)); }) * 1e3, "ms");
  report.note("repo/snapshot_check", bench::median_seconds(5, [&] { bench::keep(table->check(".")); }) * 1e3, "ms");
  std::filesystem::remove(path);
  return report.finish();
}
