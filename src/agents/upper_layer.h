// The change set of a sandbox: what overlayfs wrote beside the workspace, compared with it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/change_set.h"
#include "agents/seen_files.h"

namespace skein::agents {

/// What the walk found beside the changes.
struct LayerReading {
  ChangeSet set;
  std::vector<std::string> left_out;  ///< Sockets, pipes and devices that were made: they are not carried over.
  std::vector<std::string> ignored;   ///< Filled by `Sandbox::changes`.
};

/// Reads the upper layer `upper` over what was seen below it. Files that were copied up and are as they were are no
/// changes; a folder that was removed or replaced is the removal of all files that were seen in it; anything in a
/// `.git` is no change. `is_hidden` tells paths that the sandbox did not show: they are not removed by the removal of
/// their folder. Errors: `permission_denied`, naming the path, for a hidden path that was written; `resource_exhausted`
/// above `most_bytes` of changed files; of reading.
[[nodiscard]] Result<LayerReading> read_upper_layer(const std::string& upper, const SeenFiles& base,
                                                    const std::function<bool(std::string_view)>& is_hidden,
                                                    std::uint64_t most_bytes);

}  // namespace skein::agents
