// The record of who changed what is remembered: one line of JSON per operation in the state folder, append-only.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"

namespace skein::cache {

struct AuditEntry {
  WallTime at{};
  std::string who;   ///< The user's id on this machine: "uid 1000".
  std::string what;  ///< "clear", "gc", "import", "export", "restore".
  std::string how;   ///< What was asked for: "namespace parses".
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
};

/// Durable when it returns.
Status add_audit(FileSystem& files, const std::string& state, const AuditEntry& entry);
/// The oldest first; lines that cannot be read are left out.
[[nodiscard]] Result<std::vector<AuditEntry>> read_audit(FileSystem& files, const std::string& state);
/// Drops what was done before `before`; gives how many lines went. Nothing is written where none goes. REQUIRES that
/// nobody adds a line meanwhile: it could be lost.
[[nodiscard]] Result<std::size_t> trim_audit(FileSystem& files, const std::string& state, WallTime before);
/// Who runs this process.
[[nodiscard]] std::string current_user();

}  // namespace skein::cache
