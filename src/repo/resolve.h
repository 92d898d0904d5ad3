// What an import means in a workspace: the files it names, or nothing for what comes from outside.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "repo/facts.h"
#include "repo/languages.h"
#include "repo/path_index.h"

namespace skein::repo {

/// The workspace's files that `import`, written in the file `from` of `language`, names; sorted, without `from` itself.
/// Empty: it comes from outside. Python's `from a import b` names a's file, and b's where b is a module.
/// A pure function; thread-safe. O(log n) for most imports.
[[nodiscard]] std::vector<std::string> resolve(const Language& language, std::string_view from, const Import& import,
                                               const PathIndex& paths);

}  // namespace skein::repo
