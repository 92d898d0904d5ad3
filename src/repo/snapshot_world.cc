#include "repo/snapshot_world.h"

#include <algorithm>

namespace skein::repo {

Result<std::string> SnapshotWorld::read(const std::string& path) const {
  const SnapshotFile* file = snapshot_.find(path);
  if (file == nullptr || (file->kind != FileKind::text && file->kind != FileKind::binary))
    return fail(Code::not_found, "{} is not in the workspace", path);
  auto bytes = read_file(files_, join_path(snapshot_.root, path));
  // The digest decides: whatever happened to the path since the scan, the step sees the scanned bytes or none.
  if (!bytes || sha256(*bytes) != file->digest) return fail(Code::unavailable, "{} changed while it was read", path);
  return bytes;
}

Digest SnapshotWorld::state(engine::ReadKind kind, const std::string& path) const {
  switch (kind) {
    case engine::ReadKind::file:
    case engine::ReadKind::absence: {
      const SnapshotFile* file = snapshot_.find(path);
      return file == nullptr ? Digest{} : file->digest;
    }
    case engine::ReadKind::listing:
      break;
  }
  const std::string prefix = path.empty() ? std::string() : path + "/";
  auto at = std::lower_bound(snapshot_.files.begin(), snapshot_.files.end(), prefix,
                             [](const SnapshotFile& file, const std::string& p) { return file.path < p; });
  Hasher hasher;
  std::string_view last;
  for (; at != snapshot_.files.end() && at->path.starts_with(prefix); ++at) {
    const auto rest = std::string_view(at->path).substr(prefix.size());
    const auto name = rest.substr(0, rest.find('/') == std::string_view::npos ? rest.size() : rest.find('/') + 1);
    if (name == last) continue;  // Another file of the same folder.
    hasher.field(name);
    last = name;
  }
  return hasher.finish();
}

}  // namespace skein::repo
