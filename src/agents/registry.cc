#include "agents/registry.h"

#include <algorithm>

#include "base/embedded.h"
#include "text/nearest.h"

namespace skein::agents {

namespace data {
std::span<const EmbeddedFile> files();
}

void Registry::add(Result<AgentManifest> agent, const std::string& path, AgentPlace place) {
  if (!agent) {
    bad_.push_back({path, std::move(agent).error()});
    return;
  }
  agent->place = place;
  const auto same = std::ranges::find(agents_, agent->id, &AgentManifest::id);
  if (same != agents_.end())
    *same = std::move(*agent);
  else
    agents_.push_back(std::move(*agent));
}

Result<Registry> Registry::load(FileSystem& files, const AgentFolders& folders) {
  Registry registry;
  for (const EmbeddedFile& file : agents::data::files())
    registry.add(parse_manifest(file.bytes, std::string(file.path)), std::string(file.path), AgentPlace::shipped);
  for (const auto& [place, folder] :
       {std::pair(AgentPlace::user, folders.user), std::pair(AgentPlace::workspace, folders.workspace)}) {
    if (folder.empty()) continue;
    const auto entries = files.list(folder);
    if (!entries && entries.error().code() == Code::not_found) continue;
    if (!entries) return std::unexpected(entries.error());
    for (const DirectoryEntry& entry : *entries) {
      if (entry.is_directory || !entry.name.ends_with(".toml")) continue;
      const std::string path = join_path(folder, entry.name);
      auto text = read_file(files, path);
      registry.add(text ? parse_manifest(*text, path) : std::unexpected(text.error()), path, place);
    }
  }
  std::ranges::sort(registry.agents_, {}, &AgentManifest::id);
  return registry;
}

Result<AgentManifest> Registry::find(std::string_view id) const {
  const auto found = std::ranges::find(agents_, id, &AgentManifest::id);
  if (found != agents_.end()) return *found;
  for (const BadManifest& bad : bad_)
    if (bad.path.ends_with("/" + std::string(id) + ".toml")) return std::unexpected(bad.error);
  std::vector<std::string> ids;
  for (const AgentManifest& agent : agents_) ids.push_back(agent.id);
  return std::unexpected(
      Error(Code::not_found, fmt::format("there is no agent \"{}\"{}", id, text::did_you_mean(id, ids)))
          .or_do("`skein agents list` shows all; a new one is a file in .skein/agents (docs/agents.md)"));
}

}  // namespace skein::agents
