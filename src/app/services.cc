#include "app/services.h"

#include "app/trust.h"
#include "app/user_key.h"
#include "base/digest.h"
#include "base/file_lock.h"

namespace skein::app {
namespace {

/// Adds the file where it is there; `must_exist`: refuses where it is not.
Status add_file(FileSystem& files, Source source, const std::string& path, const std::string& shown, bool must_exist,
                std::vector<SettingsFile>& all) {
  auto text = read_file(files, path);
  if (text) {
    all.push_back({source, shown, std::move(*text)});
    return {};
  }
  if (text.error().code() == Code::not_found && !must_exist) return {};
  return pass(std::move(text).error(), "while reading settings");
}

}  // namespace

Result<Workspace> open_workspace(const Services& services, const WorkspaceRequest& request) {
  SKEIN_TRY(std::string root, request.exact ? real_path(request.folder) : find_workspace(request.folder));
  if (!is_directory(root)) return fail(Code::invalid_argument, "{} is not a folder", request.folder);
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SettingsSources sources;
  const std::string user_file = join_path(folders.config, "config.toml");
  SKEIN_DO(add_file(services.files, Source::user, user_file, user_file, false, sources.files));
  SKEIN_DO(
      add_file(services.files, Source::workspace, join_path(root, "skein.toml"), "skein.toml", false, sources.files));
  if (request.config_file)
    SKEIN_DO(add_file(services.files, Source::file, *request.config_file, *request.config_file, true, sources.files));
  sources.environment = services.environment;
  sources.flags = request.flags;
  sources.is_trusted = [&](const std::vector<GuardedSetting>& guarded) -> Result<bool> {
    SKEIN_TRY(const auto items, collect_trust_items(services.files, root, guarded));
    return TrustStore(services.files, folders.state).state(root, items) == TrustState::trusted;
  };
  SKEIN_TRY(Settings settings, Settings::load(sources));
  return Workspace{std::move(root), std::move(settings)};
}

Result<StateFolder> open_state(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  SKEIN_TRY(StateFolder located, locate_state_folder(context.workspace, folders.state, services.mount_of));
  SKEIN_TRY(const std::string key, user_key(services.files, folders.state));
  std::optional<FileLock> making;  // Only one makes the state; the others find it made.
  const auto format = state_format(services.files, located.path);
  if (!format || *format != kStateFormat || !is_own_state(services.files, located.path, key)) {
    const std::string locks = join_path(folders.state, "workspaces");
    SKEIN_DO(services.files.make_directories(locks));
    auto lock =
        FileLock::acquire(join_path(locks, sha256(located.path).short_hex(16) + ".lock"), std::chrono::seconds(10));
    if (!lock) return pass(std::move(lock).error(), "another skein is just making the state in " + located.path);
    making = std::move(*lock);
  }
  SKEIN_TRY(StateFolder ready, open_state_folder(services.files, std::move(located), key));
  if (context.note)
    for (const std::string& note : ready.notes) context.note(note);
  return ready;
}

const Settings& settings_of(const engine::Context& context) {
  const auto* settings = dynamic_cast<const Settings*>(context.settings);
  SKEIN_CHECK(settings != nullptr);
  return *settings;
}

}  // namespace skein::app
