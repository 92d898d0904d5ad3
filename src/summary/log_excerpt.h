// The first and the last lines of a log within a number of bytes, with a notice of what lies between.
#pragma once

#include "summary/log_store.h"

namespace skein::summary {

/// `head` first (a line about the command), then the log itself where it fits into `limit` together with nothing else,
/// else its first and, mostly, its last lines. Escape sequences are left out. Never longer than `limit`, which is at
/// least 256. Errors: as `LogReader::pieces`.
[[nodiscard]] Result<std::string> log_excerpt(const LogReader& log, std::string_view head, std::size_t limit);

}  // namespace skein::summary
