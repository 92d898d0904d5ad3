// How failures are shown and which exit code they give: the one place for both.
#pragma once

#include <string>

#include "base/result.h"

namespace skein::cli {

/// What the exit codes mean; docs/commands.md repeats it.
enum class Exit { ok = 0, failed = 1, wrong_use = 2, environment = 3, interrupted = 130 };

[[nodiscard]] Exit exit_of(Code code);

/// "skein: <what>\n  where: …\n  way out: …\n"
[[nodiscard]] std::string error_text(const Error& error, bool color);
/// One line: {"schema":"skein.error/1","code":…,"message":…,"where":[…],"way_out":…,"exit_code":…}
[[nodiscard]] std::string error_json(const Error& error);

}  // namespace skein::cli
