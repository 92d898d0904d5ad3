// What one commit changed: its tree beside its parent's. Equal subtrees are not entered, so the cost is that of the
// change and not of the tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "repo/git_library.h"
#include "repo/history_log.h"

namespace skein::repo {

/// One changed file.
struct ComparedFile {
  std::string path;
  std::string from;  ///< Renamed from; empty: not renamed.
  git_oid before{}, after{};
  bool added = false, deleted = false;
  std::uint32_t lines_added = 0, lines_removed = 0;
};

struct Comparison {
  std::vector<ComparedFile> files;  ///< By path.
  bool bulk = false;                ///< More files than limits.bulk_files; their number is bounded by kMaxFiles.
  bool lines_known = true;
  bool readable = true;  ///< False: a tree is missing or damaged, files are not all.

  static constexpr std::size_t kMaxFiles = 200'000;
};

/// Compares trees of one object database.
class CommitCompare {
 public:
  /// `repository`: of `git`; `prefix`: only what is below it, empty or with a final "/". Both must outlive it.
  CommitCompare(const GitLibrary& git, git_repository* repository, std::string prefix, const HistoryLimits& limits)
      : git_(git), repository_(repository), prefix_(std::move(prefix)), limits_(limits) {}

  /// `before` null: against nothing.
  [[nodiscard]] Comparison compare(const git_oid* before, const git_oid* after);

 private:
  void trees(const git_oid* before, const git_oid* after, const std::string& folder, int depth, Comparison& out);
  bool below_prefix(const git_oid* commit_tree, git_oid& tree) const;
  void find_renames(Comparison& out);
  void find_similar(Comparison& out);
  void count_lines(Comparison& out);

  const GitLibrary& git_;
  git_repository* repository_;
  std::string prefix_;
  const HistoryLimits& limits_;
  std::uint64_t compared_bytes_ = 0;
};

}  // namespace skein::repo
