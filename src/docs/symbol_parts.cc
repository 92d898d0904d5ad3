#include "docs/symbol_parts.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/check.h"
#include "base/digest.h"

namespace skein::docs {
namespace {

/// The same on every machine, as the cuts are.
std::uint64_t hash_of(const IndexEntry& row) {
  return checksum64(row.anchor, checksum64(row.where->path, checksum64(row.name)));
}

}  // namespace

std::vector<ShardPart> parts_of(const IndexShard& shard, std::span<const std::size_t> bytes, const PartLimits& limits) {
  const auto& rows = shard.entries;
  SKEIN_CHECK(bytes.size() == rows.size());
  std::vector<ShardPart> parts;
  if (rows.empty()) return parts;
  if (std::accumulate(bytes.begin(), bytes.end(), std::size_t{0}) <= limits.whole) {
    parts.push_back({shard.name, 0, rows.size()});
    return parts;
  }
  std::set<std::string, std::less<>> taken{shard.name + "-0"};
  parts.push_back({shard.name + "-0", 0, 0});
  std::size_t size = bytes[0];
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const bool may = size >= limits.least;
    const std::uint64_t hash = may ? hash_of(rows[i]) : 0;
    if (may && (size >= limits.most || hash % limits.one_in == 0)) {
      parts.back().end = i;
      std::string name = fmt::format("{}-{:010x}", shard.name, hash >> 24);
      while (!taken.insert(name).second) name += 'x';
      parts.push_back({std::move(name), i, 0});
      size = 0;
    }
    size += bytes[i];
  }
  parts.back().end = rows.size();
  return parts;
}

}  // namespace skein::docs
