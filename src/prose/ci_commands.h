// The commands that a CI description runs, as far as they can be read without knowing YAML: GitHub's `run:` steps and
// the items of GitLab's `script:` lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skein::prose {

/// In the order of the file, each once; lines of block scalars are commands of their own. Any bytes are fine. Commands
/// that only set something up (echo, cd, export, if …) and those with expressions (`${{ … }}`) are left out.
[[nodiscard]] std::vector<std::string> ci_commands(std::string_view yaml);

}  // namespace skein::prose
