#include "repo/snapshot.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include "repo/file_reading.h"
#include "repo/tree_walk.h"

namespace skein::repo {
namespace {

template <class Entry>
void sort_by_path(std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
}

}  // namespace

std::string_view to_string(FileKind kind) {
  switch (kind) {
    case FileKind::text:
      return "text";
    case FileKind::binary:
      return "binary";
    case FileKind::symlink:
      return "symlink";
    case FileKind::submodule:
      return "submodule";
  }
  return "";
}

std::string_view to_string(LeftOutReason reason) {
  switch (reason) {
    case LeftOutReason::unreadable:
      return "unreadable";
    case LeftOutReason::special:
      return "special";
    case LeftOutReason::nested_repository:
      return "nested-repository";
    case LeftOutReason::changing:
      return "changing";
  }
  return "";
}

const SnapshotFile* Snapshot::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const SnapshotFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

Digest Snapshot::digest() const {
  Hasher hasher;
  hasher.number(files.size());
  for (const SnapshotFile& file : files)
    hasher.field(file.path).field(to_string(file.kind)).number(file.executable ? 1 : 0).field(file.digest);
  return hasher.finish();
}

Result<Snapshot> scan(const std::string& root, const ScanOptions& options, Executor& executor,
                      const store::StatTable* remembered) {
  struct stat info{};
  if (::stat(root.c_str(), &info) != 0) return std::unexpected(system_error(errno, "cannot read " + root));
  if (!S_ISDIR(info.st_mode)) return fail(Code::invalid_argument, "{} is not a folder", root);

  Snapshot snapshot;  // Its table takes the time now.
  snapshot.root = root;
  snapshot.git = read_git(root);
  SKEIN_TRY(Walk walk, walk_tree(root, options, snapshot.git, remembered, snapshot.table));
  const ReadingTotals totals = read_files(root, walk, executor);
  snapshot.hashed_files = totals.files;
  snapshot.hashed_bytes = totals.bytes;
  snapshot.ignored = walk.ignored;
  snapshot.left_out = std::move(walk.left_out);
  snapshot.notes = snapshot.git.notes;
  snapshot.notes.insert(snapshot.notes.end(), walk.notes.begin(), walk.notes.end());

  snapshot.files.reserve(walk.files.size());
  for (WalkedFile& file : walk.files) {
    if (file.kind == FileKind::submodule) {
      snapshot.files.push_back({std::move(file.path), 0, {}, file.kind, false, {}});
      continue;
    }
    snapshot.table.add_file(file.folder, file.name(), file.stamp, file.digest,
                            file.to_read ? kOutside : tag_of(file.kind, file.traits));
    if (file.to_read) continue;  // Left out, or gone.
    file.traits.huge = file.stamp.size > options.huge_bytes;
    snapshot.files.push_back({std::move(file.path), file.stamp.size, file.digest, file.kind, file.stamp.executable,
                              file.traits, file.stamp.mtime_ns});
  }
  sort_by_path(snapshot.files);
  sort_by_path(snapshot.left_out);
  for (const std::string& path : snapshot.git.watch) snapshot.table.watch(root, path);
  for (const std::string& path : options.watch) snapshot.table.watch(root, path);
  return snapshot;
}

}  // namespace skein::repo
