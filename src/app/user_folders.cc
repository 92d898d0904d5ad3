#include "app/user_folders.h"

#include "base/file_system.h"

namespace skein::app {
namespace {

Result<std::string> folder(const Environment& environment, std::string_view variable, std::string_view below_home) {
  if (const auto set = find_variable(environment, variable); set && set->starts_with('/'))
    return join_path(*set, "skein");
  if (const auto home = find_variable(environment, "HOME")) return join_path(join_path(*home, below_home), "skein");
  return std::unexpected(Error(Code::unavailable, fmt::format("neither {} nor HOME is set", variable))
                             .or_do("set HOME to a folder that you may write to"));
}

}  // namespace

Result<UserFolders> user_folders(const Environment& environment) {
  UserFolders folders;
  SKEIN_TRY(folders.config, folder(environment, "XDG_CONFIG_HOME", ".config"));
  SKEIN_TRY(folders.state, folder(environment, "XDG_STATE_HOME", ".local/state"));
  SKEIN_TRY(folders.cache, folder(environment, "XDG_CACHE_HOME", ".cache"));
  return folders;
}

Result<std::string> find_workspace(const std::string& folder) {
  SKEIN_TRY(const std::string start, real_path(folder));
  for (std::string at = start; at != "/"; at = parent_path(at)) {
    // .git is a folder, or a file in linked worktrees and submodules.
    const std::string dot_git = join_path(at, ".git");
    if (is_file(join_path(at, "skein.toml")) || is_directory(dot_git) || is_file(dot_git)) return at;
  }
  return start;
}

}  // namespace skein::app
