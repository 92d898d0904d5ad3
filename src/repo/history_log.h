// What git's last commits changed: read from its objects through libgit2, without running git, a hook, a filter or
// anything that a repository or its settings name. The first half of history.h, which makes figures of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "repo/git.h"

namespace skein::repo {

/// Which commits count.
struct HistoryWindow {
  enum class By : std::uint8_t { commits, months };
  By by = By::commits;
  std::uint32_t commits = 1'000;  ///< By::commits: the newest, by committer's time.
  std::uint32_t months = 12;      ///< By::months: those not older than the newest less this; a month is 1/12 of 365.25
                                  ///< days. At most kMaxCommits all the same.
  static constexpr std::uint32_t kMaxCommits = 20'000;
};

/// Bounds of the work for one commit and for all; what they leave out is counted and said.
struct HistoryLimits {
  std::uint64_t file_bytes = 1u << 20;        ///< Of a larger file no lines are counted.
  std::uint64_t compared_bytes = 512u << 20;  ///< In all; then no lines are counted any more, only commits.
  std::uint32_t bulk_files = 1'000;           ///< A commit that changes more is an import or a reformatting: counted
                                              ///< for its files without lines, and not searched for renames.
  std::uint32_t similar_pairs = 400;          ///< Added times deleted files, up to which renames with edits are found.
};

struct FileChange {
  bool operator==(const FileChange&) const = default;
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t path = 0;      ///< Index in HistoryLog::paths.
  std::uint32_t from = kNone;  ///< Renamed from this path.
  std::uint32_t added = 0;     ///< Lines; both 0 for binary files and where a limit was met.
  std::uint32_t removed = 0;
  bool deleted = false;
};

struct CommitChanges {
  bool operator==(const CommitChanges&) const = default;
  std::string id{};
  std::int64_t time = 0;            ///< The committer's, seconds since 1970.
  std::uint32_t author = 0;         ///< Index in HistoryLog::authors.
  bool merge = false;               ///< Has more than one parent: what it changes came with the commits that it merges.
  bool boundary = false;            ///< A parent is not here (shallow clone): what it changed is not known.
  bool bulk = false;                ///< See HistoryLimits.
  bool lines_known = true;          ///< False where some file's lines were left out by a limit or could not be read.
  std::vector<FileChange> files{};  ///< By path; none of a merge or boundary.
};

/// Name and e-mail as git has them: untrusted bytes.
struct RawAuthor {
  bool operator==(const RawAuthor&) const = default;
  std::string name{}, email{};
};

struct HistoryLog {
  bool operator==(const HistoryLog&) const = default;
  std::vector<CommitChanges> commits{};  ///< Newest first by time.
  std::vector<std::string> paths{};      ///< Below the root, as in a Snapshot.
  std::vector<RawAuthor> authors{};      ///< As the root's .mailmap of the newest commit maps them.
  bool complete = false;                 ///< The window holds the first commit, too.
  bool shallow = false;                  ///< A boundary was met.
  std::uint64_t taken_over = 0;          ///< Commits out of `remembered`; not stored.
  std::vector<std::string> notes{};      ///< For people: what is not known and why; not stored.
};

/// Reads the commits that the commit of `git` leads to. `remembered` (may be null): an earlier log of the same prefix
/// and limits; commits in it are not compared again. The result is the same either way, unless limits.compared_bytes is
/// met. A merge's own resolution of conflicts is not counted. Never fails: without git, a commit or libgit2 the log is
/// empty and notes say why.
[[nodiscard]] HistoryLog read_history_log(const GitInfo& git, const HistoryWindow& window,
                                          const HistoryLog* remembered = nullptr, const HistoryLimits& limits = {});

/// Format version first. `prefix`: GitInfo::prefix, since paths are below it.
[[nodiscard]] std::string encode(const HistoryLog& log, std::string_view prefix);
/// Errors: `data_corrupt`, `unsupported_version`; `not_found` for another prefix.
[[nodiscard]] Result<HistoryLog> decode_history_log(std::string_view bytes, std::string_view prefix);

}  // namespace skein::repo
