// A disk in memory that loses power: what was not synced may be gone, in part or whole, after `crash`. For simulations.
#pragma once

#include <map>
#include <memory>

#include "base/file_system.h"
#include "base/random.h"

namespace skein {

/// What goes wrong, as probabilities of a call. All zero: a disk that only forgets.
struct DiskFaults {
  double append_fails = 0;  ///< Nothing or a part is written, and the call fails (disk full, I/O error).
  double sync_fails = 0;
};

/// Single-threaded. Files survive a `crash` up to their last sync, plus a random part of what was appended after it
/// (also torn in the middle of a record); names survive as of the last `sync_directory`, each later change or not by
/// chance.
class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(Random& random) : random_(random) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<DirectoryEntry>> list(const std::string& path) const override;
  /// Counts as a write and changes nothing: no simulation looks at modes.
  Status set_mode(const std::string& path, unsigned mode) override;
  /// A file that holds the target's name.
  Status make_link(const std::string& target, const std::string& path) override;
  Status make_directories(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_all(const std::string& path) override;

  void set_faults(DiskFaults faults) { faults_ = faults; }
  /// How many calls failed by chance so far.
  [[nodiscard]] std::uint64_t faults_met() const { return faults_met_; }
  /// Loses power: open files become useless, and what is left is what a real disk could hold.
  void crash();
  /// Crashes by itself during the `n`-th write, sync or rename from now (1: the next); every call fails afterwards
  /// until `crash` is called. 0: never.
  void crash_after(std::uint64_t n) { countdown_ = n; }
  [[nodiscard]] bool is_down() const { return down_; }
  /// What of a file survives a crash now, whatever chance does; empty where even its name may be lost.
  [[nodiscard]] std::string durable_bytes(const std::string& path) const;
  /// How many writes, syncs, renames and removals there were.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

 private:
  friend class SimFile;
  struct Node {
    std::string live;         // What a process sees.
    std::size_t durable = 0;  // Bytes of `synced` that are on the disk.
    std::string synced;
  };
  Status count(std::string_view what);

  Random& random_;
  DiskFaults faults_;
  std::map<std::string, std::shared_ptr<Node>> names_;          // As processes see them.
  std::map<std::string, std::shared_ptr<Node>> durable_names_;  // As of each folder's last sync.
  std::map<std::string, bool> folders_;
  std::uint64_t countdown_ = 0;
  std::uint64_t operations_ = 0;
  std::uint64_t faults_met_ = 0;
  std::uint64_t epoch_ = 0;  // Files opened before the last crash are stale.
  bool down_ = false;
};

}  // namespace skein
