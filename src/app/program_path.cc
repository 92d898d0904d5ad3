#include "app/program_path.h"

#include <algorithm>

#include "base/file_system.h"

namespace skein::app {

std::string program_path(const Services& services, std::string_view name) {
  if (name.find('/') != std::string_view::npos) return std::string(name);
  const auto found = services.environment.find("PATH");
  if (found == services.environment.end()) return {};
  for (std::string_view rest = found->second; !rest.empty();) {
    const auto colon = std::min(rest.find(':'), rest.size());
    const auto folder = rest.substr(0, colon);
    rest.remove_prefix(std::min(colon + 1, rest.size()));
    if (!folder.starts_with('/')) continue;
    std::string path = join_path(folder, name);
    if (services.files.open(path, OpenMode::read)) return path;
  }
  return {};
}

}  // namespace skein::app
