// One portable file: results with their blobs, to warm another machine; or the parts of a state folder that are no
// cache, as a backup. A record log like packs, so every byte is under a checksum.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/store.h"

namespace skein::cache {

struct ArchiveReport {
  std::size_t results = 0;
  std::size_t blobs = 0;
  std::uint64_t bytes = 0;       ///< Of the file.
  std::size_t left_private = 0;  ///< Results that look like they hold a secret.
  std::size_t left_damaged = 0;  ///< Results whose blobs are lost.
};

/// Writes all results of `store` and their blobs, but those that hold a secret. Replaces `path` when it is whole.
[[nodiscard]] Result<ArchiveReport> export_results(FileSystem& files, store::Store& store, const std::string& path);

/// Puts what an archive holds into `store`. All of it is read and checked first: a damaged archive changes nothing.
/// Errors: `data_corrupt`, `unsupported_version`, `invalid_argument` for a backup.
[[nodiscard]] Result<ArchiveReport> import_results(FileSystem& files, store::Store& store, const std::string& path);

struct BackupReport {
  std::vector<std::string> files;
  std::uint64_t bytes = 0;
  std::size_t kept = 0;  ///< Files that were there already, and stay as they are.
};

/// Writes journals, history, audit and counts of the state folder.
[[nodiscard]] Result<BackupReport> write_backup(FileSystem& files, const std::string& state, const std::string& path);
/// Puts back what is not there; a file that is there stays. Errors: as `import_results`.
[[nodiscard]] Result<BackupReport> restore_backup(FileSystem& files, const std::string& state, const std::string& path);

}  // namespace skein::cache
