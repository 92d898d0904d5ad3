// What can be known of a repository from its files alone, as the section that an agent reads first: commands, layout,
// entry points, languages, conventions. Nothing in it counts files or depends on time, so that it grows stale only when
// a fact changes.
#pragma once

#include <string>
#include <string_view>

#include "base/executor.h"
#include "base/file_system.h"
#include "repo/snapshot.h"

namespace skein::prose {

/// The section's Markdown, ending in a newline; the same for equal trees. `own_pages`: AGENTS.md and the like, which
/// are not facts about the repository. `name`, `description`: the settings' words, or empty.
[[nodiscard]] std::string facts_section(const repo::Snapshot& snapshot, FileSystem& files, Executor& executor,
                                        std::string_view name, std::string_view description);

}  // namespace skein::prose
