// The outside world and the workspace, as the operations of app/ get them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/state_folder.h"
#include "app/user_folders.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "engine/operation.h"

namespace skein::app {

/// Lives as long as the operations table.
struct Services {
  FileSystem& files;
  const Clock& clock;
  Environment environment;
  MountOf mount_of;
  /// What is large and goes with the process (docs::SiteRequest::remains); null: everything is freed.
  std::vector<std::shared_ptr<void>>* remains = nullptr;
};

struct WorkspaceRequest {
  std::string folder = ".";                ///< Where to look from.
  bool exact = false;                      ///< This folder is the workspace; false: look upwards too.
  std::optional<std::string> config_file;  ///< --config
  std::vector<SettingsFlag> flags;
};

struct Workspace {
  std::string root;
  Settings settings;
};

/// Finds the workspace and reads its settings. Errors: as `find_workspace`, `Settings::load`, reading its files.
[[nodiscard]] Result<Workspace> open_workspace(const Services& services, const WorkspaceRequest& request);

/// The state folder of the context's workspace, made ready; its notes go to the context. Errors: as
/// `open_state_folder`.
[[nodiscard]] Result<StateFolder> open_state(const Services& services, const engine::Context& context);

/// All settings, typed. The context's reader must be a `Settings`, as skein's own are.
[[nodiscard]] const Settings& settings_of(const engine::Context& context);

}  // namespace skein::app
