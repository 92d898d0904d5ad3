#include "agents/exposure.h"

#include <algorithm>
#include <array>

#include "agents/hidden_files.h"

namespace skein::agents {
namespace {

constexpr std::array<std::string_view, 6> kSecretWords{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"};

/// A variable whose name says that its value is one.
bool is_secret(std::string_view name) {
  std::string upper(name);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return std::ranges::any_of(kSecretWords,
                             [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Exposure exposure_of(const AgentManifest& manifest, const repo::Snapshot& base, const ExposureGround& ground) {
  Exposure made;
  if (manifest.network) made.ways_out.emplace_back("the network (permissions.network)");
  if (made.ways_out.empty()) return made;  // Nothing else matters, and looking for files takes time.
  if (manifest.untrusted) made.untrusted.emplace_back("what it reads by itself (permissions.untrusted)");
  if (std::ranges::find(manifest.allow, "fetch") != manifest.allow.end())
    made.untrusted.emplace_back("pages that it fetches (session.allow)");
  if (!ground.untrusted_task.empty()) made.untrusted.push_back(ground.untrusted_task);
  if (made.untrusted.empty()) return made;
  if (ground.private_files) made.private_data.emplace_back("the workspace's files (agents.private_files)");
  for (const std::string& name : manifest.environment) {
    if (name.find('=') != std::string::npos || !is_secret(name)) continue;
    if (std::ranges::find(ground.variables, name) != ground.variables.end())
      made.private_data.push_back("your variable " + name + " (environment)");
  }
  const auto hidden = hidden_files(base, manifest.hide);
  for (const std::string& path : hidden_files(base, default_hidden_files()))
    if (std::ranges::find(hidden, path) == hidden.end()) made.private_data.push_back(path + " (hide)");
  return made;
}

Status refuse_exposed(const AgentManifest& manifest, const repo::Snapshot& base, const ExposureGround& ground) {
  const Exposure exposure = exposure_of(manifest, base, ground);
  if (!exposure.is_complete()) return {};
  return std::unexpected(
      Error(Code::permission_denied,
            fmt::format(
                "{} is not started: it would have private data ({}), input of others ({}) and a way out ({}) at "
                "once, so that a line in that input could carry the data away",
                manifest.id, listed(exposure.private_data), listed(exposure.untrusted), listed(exposure.ways_out)))
          .or_do(
              "take one of the three away; the first to try is the way out: an agent that only needs its model gets a "
              "[relay] in place of permissions.network; or say in your own settings that these files may be read by "
              "anybody: agents.private_files = false"));
}

}  // namespace skein::agents
