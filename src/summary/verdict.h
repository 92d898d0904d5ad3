// Pass, fail or unknown: from how the command ended, and where that is not known from what the tools say.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "summary/summary.h"

namespace skein::summary {

/// "SIGSEGV", or "signal 40" for one without a name.
[[nodiscard]] std::string signal_name(int signal);

/// What a tool's closing line says last.
struct Say {
  bool bad = false;
  std::uint64_t line = 0;
};
using Says = std::map<std::string, Say>;

struct Decision {
  Verdict verdict = Verdict::unknown;
  std::string reason;
};

/// Never contradicts `facts`. `endings` are the lines that say that a command ended badly, in order.
[[nodiscard]] Decision decide(const RunFacts& facts, const Says& says, const std::vector<Finding>& failures,
                              const std::vector<std::uint64_t>& endings);

}  // namespace skein::summary
