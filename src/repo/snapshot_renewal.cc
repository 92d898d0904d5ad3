#include "repo/snapshot_renewal.h"

#include <algorithm>

#include "base/bytes.h"
#include "repo/file_reading.h"
#include "repo/tree_walk.h"

namespace skein::repo {
namespace {

constexpr std::uint8_t kVersion = 1;

struct Rest {
  std::uint64_t ignored = 0;
  std::vector<LeftOut> left_out;
  std::vector<std::string> submodules;
  bool index_read = false;
  std::string remote, excludes_file;
};

std::optional<Rest> decode_rest(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kVersion || in.u8() != 0) return std::nullopt;
  Rest rest;
  rest.ignored = in.varint();
  rest.left_out.resize(in.count(3));
  for (auto& one : rest.left_out) {
    one.path = in.text();
    one.reason =
        static_cast<LeftOutReason>(std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(LeftOutReason::changing)));
    one.detail = in.text();
  }
  rest.submodules.resize(in.count());
  for (auto& path : rest.submodules) path = in.text();
  rest.index_read = in.u8() != 0;
  rest.remote = in.text();
  rest.excludes_file = in.text();
  if (!in.finish("the rest of a snapshot")) return std::nullopt;
  return rest;
}

/// The files that differ, read again; nothing where one of them is no plain file any more, or keeps changing.
std::optional<std::vector<WalkedFile>> read_again(const std::string& root, Executor& executor,
                                                  const store::StatTable& table, const store::StatChanges& changes) {
  Walk walk;
  const auto places = table.folders();  // Parents before children.
  for (const auto& place : places) {
    const bool is_root = walk.folders.empty();
    walk.folders.push_back({place.parent, is_root ? 0 : walk.folders[place.parent].depth + 1, std::string(place.name)});
  }
  for (const auto& change : changes.files) {
    WalkedFile file;
    file.folder = table.folder_of(change.number);
    file.path = table.file_path(change.number);
    file.stamp = change.stamp;
    file.to_read = true;
    if (is_rules_file(file.name()) || (table.file(change.number).tag & kOutside) != 0) return std::nullopt;
    walk.files.push_back(std::move(file));
  }
  read_files(root, walk, executor);
  if (!walk.left_out.empty() || std::ranges::any_of(walk.files, &WalkedFile::to_read)) return std::nullopt;
  return std::move(walk.files);
}

}  // namespace

std::string encode_rest(const Snapshot& snapshot) {
  ByteWriter out;
  // Notes tell of what is odd here; such a tree is scanned each time.
  out.u8(kVersion).u8(snapshot.notes.empty() ? 0 : 1).varint(snapshot.ignored).varint(snapshot.left_out.size());
  for (const auto& one : snapshot.left_out)
    out.text(one.path).u8(static_cast<std::uint8_t>(one.reason)).text(one.detail);
  std::vector<std::string_view> submodules;
  for (const auto& file : snapshot.files)
    if (file.kind == FileKind::submodule) submodules.push_back(file.path);
  out.varint(submodules.size());
  for (const auto path : submodules) out.text(path);
  out.u8(snapshot.git.index_read ? 1 : 0).text(snapshot.git.remote).text(snapshot.git.excludes_file);
  return out.take();
}

std::optional<RenewedSnapshot> renew(const std::string& root, const ScanOptions& options, Executor& executor,
                                     const store::StatTable& table, const store::StatChanges& changes,
                                     std::string_view rest_bytes) {
  auto rest = decode_rest(rest_bytes);
  if (!rest || !changes.only_files || table.tag_scheme() != classification_digest()) return std::nullopt;
  auto changed = read_again(root, executor, table, changes);
  if (!changed) return std::nullopt;

  RenewedSnapshot renewed{{}, store::StatTablePatch(table, changes.started_ns)};
  Snapshot& snapshot = renewed.snapshot;
  snapshot.root = root;
  snapshot.git = read_git_head(root);
  if (!snapshot.git.notes.empty()) return std::nullopt;
  snapshot.git.index_read = rest->index_read;
  snapshot.git.remote = std::move(rest->remote);
  snapshot.git.excludes_file = std::move(rest->excludes_file);
  snapshot.ignored = rest->ignored;
  snapshot.left_out = std::move(rest->left_out);
  for (const auto& folder : changes.folders)
    renewed.table.set_folder(folder.number, folder.stamp, table.folder(folder.number)->listing);
  for (const auto& same : changes.same_files) renewed.table.renew_file(same.number, same.stamp);
  for (const auto& same : changes.watched) renewed.table.renew_watched(same.number, same.stamp);

  std::vector<std::pair<std::uint32_t, const WalkedFile*>> by_number;
  for (std::size_t i = 0; i < changes.files.size(); ++i) {
    const auto& file = (*changed)[i];
    by_number.emplace_back(changes.files[i].number, &file);
    renewed.table.set_file(changes.files[i].number, file.stamp, file.digest, tag_of(file.kind, file.traits));
    ++snapshot.hashed_files;
    snapshot.hashed_bytes += file.stamp.size;
  }
  std::ranges::sort(by_number, {}, [](const auto& one) { return one.first; });
  snapshot.files.reserve(table.file_count() + rest->submodules.size());
  table.for_each_file([&](std::string_view path, std::uint32_t number, const store::RememberedFile& known) {
    if ((known.tag & kOutside) != 0) return;
    SnapshotFile file;
    file.path = path;
    const auto at = std::ranges::lower_bound(by_number, number, {}, [](const auto& one) { return one.first; });
    if (at != by_number.end() && at->first == number) {
      const WalkedFile& now = *at->second;
      file.size = now.stamp.size;
      file.digest = now.digest;
      file.kind = now.kind;
      file.executable = now.stamp.executable;
      file.traits = now.traits;
      file.mtime_ns = now.stamp.mtime_ns;
    } else {
      file.size = known.stamp.size;
      file.digest = known.digest;
      apply_tag(known.tag, file.kind, file.traits);
      if (known.stamp.kind == store::EntryKind::symlink) file.kind = FileKind::symlink;
      file.executable = known.stamp.executable;
      file.mtime_ns = known.stamp.mtime_ns;
    }
    file.traits.huge = file.size > options.huge_bytes;
    snapshot.files.push_back(std::move(file));
  });
  for (auto& path : rest->submodules)
    snapshot.files.push_back({std::move(path), 0, {}, FileKind::submodule, false, {}});
  const auto less = [](const SnapshotFile& a, const SnapshotFile& b) { return a.path < b.path; };
  if (!std::ranges::is_sorted(snapshot.files, less)) std::ranges::sort(snapshot.files, less);
  return renewed;
}

}  // namespace skein::repo
