// Where a path that a page names leads, and where it went when it is not there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prose/claim.h"
#include "prose/past.h"
#include "prose/path_index.h"
#include "repo/snapshot.h"

namespace skein::prose {

/// Where a path claim leads.
struct Target {
  std::string path;
  bool known = false;  ///< A file of the snapshot.
};

/// Where a path that is not there went.
struct Whereabouts {
  std::string now{};  ///< Where it is now; or empty.
  std::string how{};  ///< "renamed", "same bytes", …
  bool folder = false;
  bool was_there = false;  ///< History knows it.
  std::string commit{};    ///< That took it away.
};

/// Reads the paths of claims. `page` is always the path of the page that makes the claim, below the root.
class PathFinder {
 public:
  /// All are used, not kept alive; `past` may be null.
  PathFinder(const repo::Snapshot& snapshot, const PathIndex& index, Past* past)
      : snapshot_(snapshot), index_(index), past_(past) {}

  /// What the path means where it stands; nothing where it is not there. `outside`: it leaves the workspace.
  [[nodiscard]] std::optional<Target> find(std::string_view page, const PathClaim& claim, bool& outside) const;
  /// What became of a path that `find` did not find: by history, by its bytes, by its name.
  [[nodiscard]] Whereabouts where(std::string_view page, const PathClaim& claim) const;
  /// Whether a code span that names a missing path means a file of this repository at all.
  [[nodiscard]] bool is_meant(std::string_view page, const PathClaim& claim, const Whereabouts& found) const;
  /// A path as this claim would write it.
  [[nodiscard]] std::string written(std::string_view page, const PathClaim& claim, const std::string& path) const;
  /// The paths below the root that a claim can mean.
  [[nodiscard]] static std::vector<std::string> meanings(std::string_view page, const PathClaim& claim);

 private:
  [[nodiscard]] bool on_disk(const std::string& path) const;
  void ask_past(const std::string& path, Whereabouts& found) const;

  const repo::Snapshot& snapshot_;
  const PathIndex& index_;
  Past* past_;
};

/// The part of a claim behind its path, such as ":10-12" or "#L10", with other lines; `line` 0: as it is.
[[nodiscard]] std::string lines_text(const PathClaim& claim, std::uint32_t line, std::uint32_t end_line);

}  // namespace skein::prose
