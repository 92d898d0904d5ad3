#include "app/agent_registry.h"

#include "app/trust.h"

namespace skein::app {

Result<agents::Registry> load_agents(const Services& services, const engine::Context& context) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  agents::AgentFolders where;
  where.user = join_path(folders.config, "agents");
  const std::string own = join_path(context.workspace, ".skein/agents");
  if (const auto entries = services.files.list(own); entries && !entries->empty()) {
    SKEIN_TRY(const auto items, collect_trust_items(services.files, context.workspace, settings_of(context).guarded()));
    const TrustState state = TrustStore(services.files, folders.state).state(context.workspace, items);
    if (state == TrustState::trusted)
      where.workspace = own;
    else if (context.note)
      context.note(".skein/agents is not used: it is not trusted (`skein trust` shows it)");
  }
  return agents::Registry::load(services.files, where);
}

Result<agents::AgentManifest> chosen_agent(const Services& services, const engine::Context& context,
                                           const std::optional<std::string>& id) {
  SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
  if (id) return registry.find(*id);
  std::vector<const agents::AgentManifest*> own;
  std::string names;
  for (const auto& agent : registry.all()) {
    if (agent.place == agents::AgentPlace::shipped) continue;
    own.push_back(&agent);
    names += (names.empty() ? "" : ", ") + agent.id;
  }
  if (own.size() == 1) return *own.front();
  if (own.empty())
    return std::unexpected(
        Error(Code::invalid_argument, "which agent? There is none of yours")
            .or_do("name one of `skein agents list`: --agent ID; or write one to .skein/agents (docs/agents.md)"));
  return std::unexpected(
      Error(Code::invalid_argument, "which agent? There are: " + names).or_do("name it: --agent ID"));
}

Result<std::optional<agents::AgentManifest>> stronger_of(const Services& services, const engine::Context& context,
                                                         const agents::AgentManifest& manifest) {
  if (manifest.stronger.empty()) return std::nullopt;
  SKEIN_TRY(const agents::Registry registry, load_agents(services, context));
  auto found = registry.find(manifest.stronger);
  if (!found)
    return pass(std::move(found).error(), fmt::format("while looking for who takes over from {}", manifest.id));
  return std::optional(std::move(*found));
}

}  // namespace skein::app
