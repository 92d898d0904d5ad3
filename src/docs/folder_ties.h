// What uses what among the folders of a tree, for any folder with all below it, and which pictures a site has of that.
#pragma once

#include <cstdint>
#include <vector>

#include "docs/picture.h"
#include "docs/tree.h"
#include "repo/graph.h"

namespace skein::docs {

/// A picture of a folder (index in the tree).
struct PictureSpec {
  std::uint32_t folder = 0;
  Picture::Kind kind{};
  bool operator==(const PictureSpec&) const = default;
};

/// At most kPictures: the inside of the root first (the overview's), then for each folder, those with most documented
/// files first, what is around it and, where it has several folders, its inside. A pure function of the tree.
[[nodiscard]] std::vector<PictureSpec> choose_pictures(const SiteTree& tree);

/// Ties between folders, by imports of the files directly in them.
class FolderTies {
 public:
  /// Both must outlive this.
  FolderTies(const SiteTree& tree, const repo::RepoGraph& graph);

  /// What the folder, with all below it, uses outside of it; most imports first. O(its ties).
  [[nodiscard]] std::vector<ModuleUse> uses(std::uint32_t folder) const { return outside(folder, by_user_, false); }
  /// And what outside of it uses it.
  [[nodiscard]] std::vector<ModuleUse> used_by(std::uint32_t folder) const { return outside(folder, by_used_, true); }
  [[nodiscard]] Picture picture(const PictureSpec& spec) const;

 private:
  struct Tie {
    std::uint32_t user = 0, used = 0;  ///< Folders.
    std::uint64_t imports = 0;
  };
  [[nodiscard]] bool is_within(std::uint32_t folder, std::uint32_t of) const {
    return place_[folder] >= place_[of] && place_[folder] < end_[of];
  }
  [[nodiscard]] std::pair<std::size_t, std::size_t> range(std::uint32_t folder, const std::vector<Tie>& ties,
                                                          bool by_used) const;
  [[nodiscard]] std::vector<ModuleUse> outside(std::uint32_t folder, const std::vector<Tie>& ties, bool by_used) const;
  [[nodiscard]] Picture inside(std::uint32_t folder) const;
  [[nodiscard]] Picture around(std::uint32_t folder) const;

  const SiteTree& tree_;
  std::vector<std::uint32_t> place_, end_;  // Of each folder in a walk in depth: all below it lies in between.
  std::vector<std::uint64_t> pages_;        // Documented files below each folder.
  std::vector<Tie> by_user_, by_used_;      // In the order of these places.
};

}  // namespace skein::docs
