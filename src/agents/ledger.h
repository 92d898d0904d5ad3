// The user's record of what models cost: a line of JSON for each request, whichever workspace it came from.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "agents/relay.h"
#include "base/file_system.h"

namespace skein::agents {

struct LedgerEntry {
  std::string run, workspace;
  ModelCall call;
};

/// Appends to the file of the month ("usage/2026-11" of the user's state folder). Not synced: the request is paid for
/// whether it is written down or not. Errors: of writing.
Status add_to_ledger(FileSystem& files, const std::string& state, const LedgerEntry& entry);
/// All months, the oldest entry first; lines that cannot be read are left out. Errors: of reading.
[[nodiscard]] Result<std::vector<LedgerEntry>> read_ledger(FileSystem& files, const std::string& state);

/// What was spent since a day of this month began, and in the month: read again only as far as the ledger grew.
/// Thread-safe.
class SpentSoFar {
 public:
  /// `files` outlives it.
  SpentSoFar(FileSystem& files, std::string state) : files_(files), state_(std::move(state)) {}
  struct Sum {
    MicroDollars money{};
    Tokens tokens{};
  };
  struct Sums {
    Sum day, month;
  };
  /// Of the day and month (UTC) of `now`. A ledger that cannot be read counts as far as it was.
  [[nodiscard]] Sums at(WallTime now);

 private:
  FileSystem& files_;
  std::string state_;
  std::mutex mutex_;  // Guards what follows.
  std::string day_, month_, open_;
  std::uint64_t read_ = 0;
  Sums sums_;
};

/// "2026-11-29" in UTC.
[[nodiscard]] std::string day_of(WallTime at);

}  // namespace skein::agents
