// What a project says of itself in its manifests and README: the part of the overview that is not counted.
#pragma once

#include <string>
#include <vector>

#include "base/digest.h"
#include "docs/model.h"

namespace skein::docs {

/// A service of a compose file.
struct ProjectService {
  std::string name, what;
  std::vector<std::string> needs;  ///< Other services.
  std::string from;                ///< Path of the file.
};

struct ProjectPage {
  std::string name;
  Statement tagline;
  std::vector<Command> commands;
  std::vector<Dependency> dependencies;
  std::vector<EntryPoint> entry_points;  ///< From manifests; those found in files come from the tally.
  std::vector<ProjectService> services;
  std::vector<std::string> notes;
};

/// Of all of it: a part of the overview's key.
[[nodiscard]] Digest digest_of(const ProjectPage& project);

}  // namespace skein::docs
