#include "app/killed_runs.h"

#include <algorithm>

#include "app/machinery.h"
#include "app/user_key.h"
#include "base/file_lock.h"
#include "engine/journal.h"

namespace skein::app {
namespace {

/// A run's lock file is there from its start to its clean end: one that nobody holds was left by a killed run.
bool has_killed_run(FileSystem& files, const std::string& state) {
  const std::string folder = join_path(state, "journals");
  const auto entries = files.list(folder);
  if (!entries) return false;
  constexpr std::string_view kLock = ".lock";
  return std::ranges::any_of(*entries, [&](const DirectoryEntry& entry) {
    const std::string_view name = entry.name;
    return name.ends_with(kLock) && engine::is_run_id(name.substr(0, name.size() - kLock.size())) &&
           !FileLock::is_held(join_path(folder, name));
  });
}

Status finish(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  if (!has_killed_run(services.files, state.path)) return {};
  SKEIN_TRY(const auto format, state_format(services.files, state.path));
  if (format != kStateFormat) return {};
  SKEIN_TRY(const std::string key, user_key(services.files, folders.state));
  if (!is_own_state(services.files, state.path, key)) return {};
  Machinery machinery(services, context);
  SKEIN_DO(machinery.session());
  return {};
}

}  // namespace

void finish_killed_runs(const Services& services, const engine::Context& context) {
  const auto finished = finish(services, context);
  // `unavailable`: somebody else is just doing it.
  if (finished || finished.error().code() == Code::unavailable || !context.note) return;
  context.note("a killed run is not finished: " + finished.error().to_string());
}

}  // namespace skein::app
