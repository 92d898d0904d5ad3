// The user's record of what models cost: a line of JSON for each request, whichever workspace it came from.
#pragma once

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

/// "2026-11-29" in UTC.
[[nodiscard]] std::string day_of(WallTime at);

}  // namespace skein::agents
