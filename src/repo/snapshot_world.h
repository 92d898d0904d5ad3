// A snapshot as the world that steps may read: what they get is what was scanned, or an error.
#pragma once

#include "base/file_system.h"
#include "engine/world.h"
#include "repo/snapshot.h"

namespace skein::repo {

/// Both outlive it. Paths are the snapshot's.
class SnapshotWorld final : public engine::World {
 public:
  SnapshotWorld(FileSystem& files, const Snapshot& snapshot) : files_(files), snapshot_(snapshot) {}

  /// Errors: `not_found` for what is not in the snapshot or no text or binary file; `unavailable` when the file has
  /// changed since, so that a new scan is needed.
  [[nodiscard]] Result<std::string> read(const std::string& path) const override;
  /// A listing is that of the snapshot's direct files and folders.
  [[nodiscard]] Digest state(engine::ReadKind kind, const std::string& path) const override;

 private:
  FileSystem& files_;
  const Snapshot& snapshot_;
};

}  // namespace skein::repo
