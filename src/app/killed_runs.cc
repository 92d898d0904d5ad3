#include "app/killed_runs.h"

#include <algorithm>

#include "app/machinery.h"
#include "app/user_key.h"
#include "base/file_lock.h"
#include "engine/journal.h"

namespace skein::app {
namespace {

/// Lock files of runs. One is there from a run's start to its clean end.
std::vector<std::string> run_locks(FileSystem& files, const std::string& state) {
  std::vector<std::string> locks;
  const std::string folder = join_path(state, "journals");
  const auto entries = files.list(folder);
  if (!entries) return locks;
  constexpr std::string_view kLock = ".lock";
  for (const DirectoryEntry& entry : *entries) {
    const std::string_view name = entry.name;
    if (name.ends_with(kLock) && engine::is_run_id(name.substr(0, name.size() - kLock.size())))
      locks.push_back(join_path(folder, name));
  }
  return locks;
}

Status finish(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(const StateFolder state, locate_state_folder(context.workspace, folders.state, services.mount_of));
  const auto locks = run_locks(services.files, state.path);
  if (locks.empty()) return {};
  // Nothing that somebody else left there is opened.
  SKEIN_TRY(const auto format, state_format(services.files, state.path));
  if (format != kStateFormat) return {};
  SKEIN_TRY(const std::string key, user_key(services.files, folders.state));
  if (!is_own_state(services.files, state.path, key)) return {};
  if (std::ranges::all_of(locks, &FileLock::is_held)) return {};  // They go on.
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
