#include "app/workspace_path.h"

#include "base/platform/surroundings.h"

namespace skein::app {

Result<std::string> below_root(const std::string& root, const std::string& path) {
  SKEIN_TRY(const std::string real, real_path(path));
  if (real == root) return std::string();
  const std::string prefix = root == "/" ? root : root + "/";
  if (!real.starts_with(prefix))
    return std::unexpected(Error(Code::invalid_argument, fmt::format("{} is not in the workspace {}", path, root))
                               .or_do("name its workspace with -C DIR"));
  return real.substr(prefix.size());
}

}  // namespace skein::app
