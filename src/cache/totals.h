// What a store holds, summed by agent, at a cost that does not grow with it: sums are kept in a file of the state
// folder with how far into each pack they reach, and only what was appended since is read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/units.h"

namespace skein::cache {

struct Total {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;         ///< Of their blobs, unpacked; a blob of several entries counts for the first.
  std::int64_t stored_bytes = 0;  ///< On disk, with the records.
  Micros cost{};
  MicroDollars money{};

  bool operator==(const Total&) const = default;
};

/// One of the entries that take the most.
struct Biggest {
  std::string step;
  std::string agent;  ///< Without its version.
  std::int64_t bytes = 0;
  std::int64_t stored_bytes = 0;

  bool operator==(const Biggest&) const = default;
};
inline constexpr std::size_t kMostBiggest = 10;  ///< Of each agent.

struct Totals {
  std::map<std::string, Total, std::less<>> by_agent;                ///< Without its version.
  std::map<std::string, std::vector<Biggest>, std::less<>> biggest;  ///< By agent, the biggest on disk first.
  std::uint64_t pack_bytes = 0;
  std::uint64_t read_bytes = 0;  ///< Of packs, by this call.
};

/// Brings the sums of the store in `state` up to date, and remembers them where the folder can be written. After a gc,
/// which leaves new packs, all is read once. A result that was forgotten because it was damaged counts until the next
/// gc. Errors: of reading the packs.
[[nodiscard]] Result<Totals> read_totals(FileSystem& files, const std::string& state);

}  // namespace skein::cache
