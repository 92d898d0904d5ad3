// Which way agents are kept apart on this machine, as flag and settings wish.
#pragma once

#include <future>
#include <optional>
#include <string>

#include "agents/isolation.h"
#include "app/services.h"

namespace skein::app {

/// The flag wins over the settings.
[[nodiscard]] agents::IsolationWish isolation_wish(const Settings& settings, std::optional<IsolationLevel> flag);

/// The folder for sandboxes, of the user's.
[[nodiscard]] std::string sandboxes_folder(const UserFolders& folders);

/// What this machine can do, looked at on a thread of its own: it takes as long as starting a program in a sandbox, and
/// a run has other things to do meanwhile.
[[nodiscard]] std::future<agents::IsolationAbilities> look_at_isolation(const std::string& sandboxes);

/// The path for a run's agents; a note says what is accepted that it does not hold. Errors: as `agents::chosen_path`.
[[nodiscard]] Result<agents::IsolationPath> isolation_of_run(const engine::Context& context,
                                                             std::future<agents::IsolationAbilities> looked_at,
                                                             std::optional<IsolationLevel> flag, bool has_relay);

}  // namespace skein::app
