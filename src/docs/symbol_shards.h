// How names come into the shards of the symbol index, so that one that comes or goes touches little of it: each group
// of folders hands its names to letters, each letter puts what all groups have in order and hands it to its shards.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "docs/symbol_index.h"
#include "docs/tree.h"

namespace skein::docs {

/// Folders whose names are gathered by one step.
struct NameGroup {
  std::vector<std::uint32_t> folders;  ///< Documented ones, in the tree's order.
  std::vector<std::uint32_t> files;    ///< Their files with a page, folder by folder.
  Digest digest;                       ///< Of all their paths.
};
/// Every documented folder in one of the groups, by its path alone, so that a new folder leaves the others where they
/// are; as many groups as keep each at some hundreds of files.
[[nodiscard]] std::vector<NameGroup> name_groups(const SiteTree& tree);

/// What all shards of a letter have in common: the shards themselves, where those are no longer than a letter.
[[nodiscard]] std::vector<std::string> letter_names(int width);
/// Sorted.
[[nodiscard]] std::vector<std::string> shards_of_letter(std::string_view letter, int width);
/// Where in `letter_names` a name belongs.
[[nodiscard]] std::size_t letter_of(std::string_view name, int width);
/// Where in `shards_of_letter` of its letter a name belongs.
[[nodiscard]] std::size_t shard_in_letter(std::string_view name, int width);

/// The order of a shard: by key, then name, place and anchor.
[[nodiscard]] bool shown_before(const IndexEntry& a, const IndexEntry& b);

/// Rows of the index on their way. Each place is written once.
[[nodiscard]] std::string encode(std::span<const IndexEntry> entries);

/// Rows that own what they point to.
class IndexEntries {
 public:
  IndexEntries() = default;
  IndexEntries(const IndexEntries&) = delete;
  IndexEntries& operator=(const IndexEntries&) = delete;

  /// Adds what `encode` made. Errors: `data_corrupt`.
  Status add(std::string bytes);
  [[nodiscard]] std::vector<IndexEntry>& all() { return entries_; }

 private:
  std::deque<std::string> records_;  // Neither these nor the places move.
  std::deque<PathRef> places_;
  std::vector<IndexEntry> entries_;
};

[[nodiscard]] std::string encode(std::span<const ShardSize> sizes);
[[nodiscard]] Result<std::vector<ShardSize>> decode_shard_sizes(std::string_view bytes);

}  // namespace skein::docs
