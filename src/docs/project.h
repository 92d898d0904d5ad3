// What a project says of itself, found in a snapshot.
#pragma once

#include <string>

#include "docs/project_page.h"
#include "docs/tree.h"
#include "engine/world.h"
#include "repo/resolve.h"
#include "repo/snapshot.h"

namespace skein::docs {

/// Manifests and lock files read at most, the least deep first; a site says in a note if there are more.
inline constexpr std::size_t kMaxManifests = 1'000;

/// Name: `name` if not empty (the settings'), else a manifest's, the README's title, the remote's, the folder's.
/// Manifests are those of the whole workspace but what is vendored, made, a test's or documentation's.
[[nodiscard]] ProjectPage describe_project(const repo::Snapshot& snapshot, const SiteTree& tree,
                                           const repo::PathIndex& paths, const engine::World& world,
                                           const std::string& name, const std::string& description);

}  // namespace skein::docs
