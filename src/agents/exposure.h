// The three things that must not come together in an agent: private data, input that somebody else wrote, and a way
// out. With all three, a line in that input is enough to carry the data away.
#pragma once

#include <string>
#include <vector>

#include "agents/manifest.h"
#include "repo/snapshot.h"

namespace skein::agents {

/// Of one agent, each by what makes it so, in words.
struct Exposure {
  std::vector<std::string> private_data, untrusted, ways_out;
  [[nodiscard]] bool is_complete() const { return !private_data.empty() && !untrusted.empty() && !ways_out.empty(); }
};

/// What of a run matters beside the manifest.
struct ExposureGround {
  bool private_files = true;   ///< The workspace's files are nobody else's business.
  std::string untrusted_task;  ///< Why the task's words, or what it stands on, are others'; empty: they are not.
  std::vector<std::string> variables;  ///< Names of the user's that are set.
};

[[nodiscard]] Exposure exposure_of(const AgentManifest& manifest, const repo::Snapshot& base,
                                   const ExposureGround& ground);

/// Errors: `permission_denied` for an agent that would have all three, with the part to take away.
[[nodiscard]] Status refuse_exposed(const AgentManifest& manifest, const repo::Snapshot& base,
                                    const ExposureGround& ground);

}  // namespace skein::agents
