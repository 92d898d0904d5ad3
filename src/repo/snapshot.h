// The files of a workspace at one moment: what is not ignored, with size, digest and class, and what was left out and
// why. Everything that skein says about a repository starts here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/executor.h"
#include "base/result.h"
#include "repo/classify.h"
#include "repo/git.h"
#include "store/stat_table.h"

namespace skein::repo {

enum class FileKind : std::uint8_t {
  text,
  binary,
  symlink,    ///< Recorded, never followed; its digest is that of its target's text.
  submodule,  ///< A commit of another repository; a folder that is not entered, without a digest.
};
[[nodiscard]] std::string_view to_string(FileKind kind);

struct SnapshotFile {
  std::string path;        ///< Below the root, "/"-separated, the system's bytes: any but NUL.
  std::uint64_t size = 0;  ///< Bytes.
  Digest digest;           ///< SHA-256 of its bytes.
  FileKind kind = FileKind::text;
  bool executable = false;
  FileTraits traits;          ///< generated, vendored, minified, huge, documentation, test.
  std::int64_t mtime_ns = 0;  ///< Since 1970; what git's index is compared with. No part of any digest.
};

/// Why a path that is not ignored is not among the files.
enum class LeftOutReason : std::uint8_t {
  unreadable,         ///< The system refuses it.
  special,            ///< A socket, pipe or device.
  nested_repository,  ///< A folder with a git repository of its own that is no submodule.
  changing,           ///< Changed each time it was read.
};
[[nodiscard]] std::string_view to_string(LeftOutReason reason);

struct LeftOut {
  std::string path;
  LeftOutReason reason{};
  std::string detail;  ///< The system's word, may be empty.
};

struct ScanOptions {
  std::uint64_t huge_bytes = 8u << 20;   ///< Larger files get the trait `huge`: hashed, not to be parsed.
  bool use_ignore_rules = true;          ///< False: everything but .git and .skein.
  std::vector<std::string> exclude;      ///< Lines as in a .skeinignore of the root; those in the tree win over them.
  std::vector<std::string> never_enter;  ///< Paths below the root that are left out silently: an output folder.
  std::vector<std::string> watch;        ///< Paths whose change must also end a no-op: skein.toml's of elsewhere.
};

struct Snapshot {
  std::string root;
  std::vector<SnapshotFile> files;  ///< Sorted by the bytes of their paths.
  std::vector<LeftOut> left_out;    ///< Sorted likewise.
  std::uint64_t ignored = 0;        ///< Files and whole folders left out by ignore rules.
  std::uint64_t hashed_files = 0;   ///< Read in this scan; the others' digests were remembered.
  std::uint64_t hashed_bytes = 0;
  GitInfo git;
  std::vector<std::string> notes;  ///< What a user should know: "this repository uses …, read as a plain folder".
  store::StatTableBuilder table;   ///< For the next no-op check: `table.save(files, path, request)`.

  /// The file of a path; null where there is none. O(log n).
  [[nodiscard]] const SnapshotFile* find(std::string_view path) const;
  /// Of all paths, kinds, modes and digests: equal for equal trees, on every machine.
  [[nodiscard]] Digest digest() const;
};

/// Scans the tree below `root`. Files whose stamps are those in `remembered` (may be null) are not read again; the
/// result is the same either way, and for any executor. Never runs a command of the repository, never leaves `root`
/// through a link, opens no pipe or device. Must not be called from a task of `executor`.
/// Errors: `not_found`, `permission_denied`, `invalid_argument` for a root that is no readable folder. Whatever lies
/// below it is a file or a LeftOut, never an error.
[[nodiscard]] Result<Snapshot> scan(const std::string& root, const ScanOptions& options, Executor& executor,
                                    const store::StatTable* remembered = nullptr);

}  // namespace skein::repo
