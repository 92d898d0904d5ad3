// What the repository's history says of what is no longer there: paths that were renamed or removed, and words that the
// code once had. Read through libgit2; no git is run.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "repo/snapshot.h"

namespace skein::prose {

/// Bounds of one look back.
struct PastLimits {
  std::size_t commits = 1'000;
  std::size_t blob_bytes = 64u << 20;  ///< Of old files in which words are looked for.
};

/// Paths below the workspace. Not thread-safe.
class Past {
 public:
  /// Null where there is no history to read: no git, no commit, no libgit2.
  [[nodiscard]] static std::unique_ptr<Past> open(const repo::Snapshot& snapshot, PastLimits limits = {});
  virtual ~Past() = default;

  struct Gone {
    std::string now;     ///< Where it went, if renames tell; may itself be gone.
    std::string commit;  ///< Short id of the commit that took it away; empty: it is gone since the last commit.
    Digest digest;       ///< SHA-256 of its last bytes.
  };
  /// A file that was once at `path`; null where none was.
  [[nodiscard]] virtual const Gone* file(std::string_view path) = 0;
  /// True where files once were below `path`; `*now`: the folder where all of them went, or empty.
  [[nodiscard]] virtual bool folder(std::string_view path, std::string* now) = 0;
  /// Gone paths that end with "/" + `end`. Sorted.
  [[nodiscard]] virtual std::vector<std::string> files_ending(std::string_view end) = 0;
  /// Which of `words` the code once had (in files that have an extension that `is_code` takes), with the short id of
  /// the commit that took the last one away, or "" where that is not committed yet.
  [[nodiscard]] virtual std::map<std::string, std::string> words(const std::set<std::string>& words,
                                                                 bool (*is_code)(std::string_view path)) = 0;
};

}  // namespace skein::prose
