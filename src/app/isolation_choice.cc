#include "app/isolation_choice.h"

namespace skein::app {

agents::IsolationWish isolation_wish(const Settings& settings, std::optional<IsolationLevel> flag) {
  const IsolationSettings& isolation = settings.values().isolation;
  return {isolation.path, flag.value_or(isolation.level) == IsolationLevel::weak};
}

std::string sandboxes_folder(const UserFolders& folders) { return join_path(folders.state, "sandboxes"); }

std::future<agents::IsolationAbilities> look_at_isolation(const std::string& sandboxes) {
  return std::async(std::launch::async, [sandboxes] { return agents::isolation_abilities(sandboxes); });
}

Result<agents::IsolationPath> isolation_of_run(const engine::Context& context,
                                               std::future<agents::IsolationAbilities> looked_at,
                                               std::optional<IsolationLevel> flag, bool has_relay) {
  const agents::IsolationAbilities abilities = looked_at.get();
  SKEIN_TRY(const agents::IsolationPath path,
            agents::chosen_path(isolation_wish(settings_of(context), flag), abilities, has_relay));
  if (context.note)
    for (const std::string& open : agents::not_held(path, abilities, has_relay))
      context.note(fmt::format("weak isolation ({}): {}", agents::to_string(path), open));
  return path;
}

}  // namespace skein::app
