// A shard of the symbol index that is too long for one page is cut into parts. Where a part begins follows from the row
// that it begins with, not from how many stand before it: a name that comes or goes moves no other cut.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "docs/symbol_index.h"

namespace skein::docs {

/// In bytes of HTML rows.
struct PartLimits {
  std::size_t whole = 384 * 1024;  ///< A shard up to this is one page.
  std::size_t least = 128 * 1024;  ///< No part but the last is shorter,
  std::size_t most = 512 * 1024;   ///< and none longer, by more than its last row.
  std::uint64_t one_in = 256;  ///< Between these, so many rows on the average are looked at until one begins a part.
};

/// Rows [begin, end) of a shard; `name` is that of its pages: the shard's own where it is all of it, else the shard's,
/// "-" and what its first row gives ("bo-4f0c21d9aa"), of the first part "0".
struct ShardPart {
  std::string name;
  std::size_t begin = 0, end = 0;
};

/// In order; none for a shard without rows. `bytes[i]`: what row i takes of a page. Content-defined chunking
/// (Muthitacharoen, Chen, Mazieres: A low-bandwidth network file system, 2001) over rows. O(rows).
[[nodiscard]] std::vector<ShardPart> parts_of(const IndexShard& shard, std::span<const std::size_t> bytes,
                                              const PartLimits& limits = {});

}  // namespace skein::docs
