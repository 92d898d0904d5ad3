// The no-op check: a tree against its remembered table. Without arguments: on a tree of the shape of Boost's headers
// (15,446 files in 1,269 folders), made in a temporary folder. For timing whole processes beside `git status`:
//   store_stat_table_bench remember ROOT TABLE
//   store_stat_table_bench check ROOT TABLE
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/file_system.h"
#include "bench/harness/bench.h"
#include "store/folder_descent.h"
#include "store/stat_table.h"

namespace {

using namespace skein;

constexpr int kFolders = 1'269;
constexpr int kFiles = 15'446;

// Everything below `root`; content digests are left out, the check never needs them for old files.
bool remember(const std::string& root, const std::string& path) {
  // From the far future all stamps are old: nothing is read again, stamps alone are timed.
  store::StatTableBuilder table(std::numeric_limits<std::int64_t>::max());
  auto descent = store::FolderDescent::open(root, store::FolderDescent::Access::list);
  if (!descent) return false;
  struct Frame {
    std::uint32_t number;
    std::vector<std::string> folders;
  };
  std::vector<Frame> frames;
  std::vector<store::ListedName> entries;
  const auto take = [&](std::uint32_t parent, const std::string& name) {
    store::FileStamp stamp;
    if (store::stamp_of(descent->current(), stamp) != 0) return;
    if (store::list_folder(descent->current(), entries) != 0) return;
    const Digest listing = store::listing_digest(entries);
    Frame frame{frames.empty() ? table.add_root(stamp, listing) : table.add_folder(parent, name, stamp, listing), {}};
    for (const auto& entry : entries) {
      if (entry.kind == store::EntryKind::folder) {
        frame.folders.push_back(entry.name);
      } else if (store::stamp_at(descent->current(), entry.name.c_str(), stamp) == 0) {
        table.add_file(frame.number, entry.name, stamp, {});
      }
    }
    frames.push_back(std::move(frame));
  };
  take(0, "");
  while (!frames.empty()) {
    if (frames.back().folders.empty()) {
      frames.pop_back();
      if (!frames.empty() && descent->leave() != 0) return false;
      continue;
    }
    const std::string name = std::move(frames.back().folders.back());
    frames.back().folders.pop_back();
    const std::uint32_t parent = frames.back().number;
    if (descent->enter(name.c_str()) == 0) take(parent, name);
  }
  return table.save(*make_system_file_system(), path, {}).has_value();
}

bool check(const std::string& root, const std::string& path) {
  const auto table = store::StatTable::open(path);
  if (!table) return false;
  const auto found = table->check(root);
  if (!found.unchanged) std::fprintf(stderr, "%s\n", found.difference.c_str());
  return found.unchanged;
}

void make_tree(const std::filesystem::path& root) {
  for (int folder = 0; folder < kFolders; ++folder) {
    const auto path = root / std::to_string(folder % 40) / std::to_string(folder);
    std::filesystem::create_directories(path);
    for (int file = folder; file < kFiles; file += kFolders)
      std::ofstream(path / ("header_" + std::to_string(file) + ".hpp")) << file << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "remember") return remember(argv[2], argv[3]) ? 0 : 1;
  if (argc == 4 && std::string_view(argv[1]) == "check") return check(argv[2], argv[3]) ? 0 : 1;
  bench::Report report(argc, argv);
  if (!report.wants("store/stat_table")) return report.finish();
  std::string scratch = (std::filesystem::temp_directory_path() / "skein-bench-XXXXXX").string();
  if (::mkdtemp(scratch.data()) == nullptr) return 1;
  const std::string tree = scratch + "/tree";
  const std::string table = scratch + "/table";
  make_tree(tree);
  bool ok = remember(tree, table);
  const double seconds = bench::median_seconds(9, [&] { ok = check(tree, table) && ok; });
  report.figure("store/stat_table_check_15446_files", seconds * 1e3, "ms", bench::Op::at_most, 25);
  std::filesystem::remove_all(scratch);
  return ok ? report.finish() : 1;
}
