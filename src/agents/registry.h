// All agents that can be named: those that ship (data/agents), the user's and the workspace's. The last of one id wins.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agents/manifest.h"
#include "base/file_system.h"

namespace skein::agents {

/// Where agents lie. A folder that is not there has none.
struct AgentFolders {
  std::string user;       ///< "~/.config/skein/agents"
  std::string workspace;  ///< ".skein/agents" of the workspace; empty: not to be used (it is not trusted).
};

/// A manifest that cannot be used.
struct BadManifest {
  std::string path;
  Error error;
};

class Registry {
 public:
  /// Bad manifests are no errors: the others can be used. Errors: of reading a folder that is there.
  [[nodiscard]] static Result<Registry> load(FileSystem& files, const AgentFolders& folders);

  /// Sorted by id.
  [[nodiscard]] const std::vector<AgentManifest>& all() const { return agents_; }
  [[nodiscard]] const std::vector<BadManifest>& bad() const { return bad_; }
  /// Errors: `not_found`, with the nearest id; that of its manifest where a bad one has this name.
  [[nodiscard]] Result<AgentManifest> find(std::string_view id) const;

 private:
  void add(Result<AgentManifest> agent, const std::string& path, AgentPlace place);

  std::vector<AgentManifest> agents_;
  std::vector<BadManifest> bad_;
};

}  // namespace skein::agents
