// The change sets of several steps as one, and what stands in the way of that.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/change_set.h"
#include "agents/patch.h"

namespace skein::agents {

/// A path that several steps changed in ways that cannot be put together.
struct StepConflict {
  std::string path;
  std::string reason;
  std::vector<std::string> steps;  ///< Who changed it, in the order in which they were added.
  std::optional<Clash> clash{};    ///< What the last of them has (`ours`) in the place of what the others have.
};

/// Puts change sets together, three ways where steps that did not see each other changed the same file. Not
/// thread-safe.
class MergedSets {
 public:
  /// Adds what `step` changed; each `before` is what it saw, which is the workspace with the sets of what it stands on:
  /// those are added before it. Errors: as `merged` of patch.h. Conflicts are none: see there.
  Status add(std::string_view step, const ChangeSet& set);

  [[nodiscard]] const std::vector<StepConflict>& conflicts() const { return conflicts_; }
  /// From the workspace to all of it. REQUIRES no conflict.
  [[nodiscard]] ChangeSet set() const;
  /// Files that several steps changed, in different lines.
  [[nodiscard]] const std::vector<std::string>& merged_files() const { return merged_; }

 private:
  struct Path {
    Entry before, now;
    std::vector<std::string> steps;
  };
  Status add(const std::string& step, const Change& change);
  void conflict(const std::string& path, std::string reason, const std::string& step, std::optional<Clash> clash = {});
  void find_files_on_the_way();

  std::map<std::string, Path> paths_;
  std::vector<StepConflict> conflicts_;
  std::vector<std::string> merged_;
};

/// One line of what is wrong, the files and the steps, and the beginning of what they have in the same place. REQUIRES
/// a conflict.
[[nodiscard]] Error conflict_error(const std::vector<StepConflict>& conflicts);

}  // namespace skein::agents
