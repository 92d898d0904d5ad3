// What a project says of itself, found in a snapshot.
#pragma once

#include <string>

#include "docs/project_page.h"
#include "docs/tree.h"
#include "engine/world.h"
#include "repo/snapshot.h"

namespace skein::docs {

/// Name: `name` if not empty (the settings'), else a manifest's, the README's title, the remote's, the folder's.
[[nodiscard]] ProjectPage describe_project(const repo::Snapshot& snapshot, const SiteTree& tree,
                                           const engine::World& world, const std::string& name,
                                           const std::string& description);

}  // namespace skein::docs
