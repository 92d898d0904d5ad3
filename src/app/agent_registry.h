// Which agents an operation can use.
#pragma once

#include "agents/registry.h"
#include "app/services.h"

namespace skein::app {

/// The user's, and the workspace's where the user trusts them; a note says where not. Errors: as `Registry::load`.
[[nodiscard]] Result<agents::Registry> load_agents(const Services& services, const engine::Context& context);

/// The one to do a task: that of the name, or, where none is named, the only one that does not
/// ship with skein. Errors: as `Registry::find`; `invalid_argument` where there are several or none.
[[nodiscard]] Result<agents::AgentManifest> chosen_agent(const Services& services, const engine::Context& context,
                                                         const std::optional<std::string>& id);

/// Who takes over from it, where it names somebody. Errors: as `Registry::find`, naming the agent.
[[nodiscard]] Result<std::optional<agents::AgentManifest>> stronger_of(const Services& services,
                                                                       const engine::Context& context,
                                                                       const agents::AgentManifest& manifest);

}  // namespace skein::app
