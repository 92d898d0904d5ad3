// What a project is called, what it is and how it is built and tested, gathered from what its files say.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repo/manifest.h"

namespace skein::repo {

/// Where to look, all of it optional but `folder`.
struct ProjectSources {
  std::string name;                 ///< skein.toml's.
  std::string description;          ///< skein.toml's.
  std::vector<Manifest> manifests;  ///< Only those of the root folder count.
  std::string readme_path;
  std::string readme;  ///< Its bytes.
  std::string remote;  ///< GitInfo::remote.
  std::string folder;  ///< The root's path or name.
};

/// Something found, and the path or the place it was found in: "package.json", "the git remote".
struct Found {
  std::string text;
  std::string source;
};

struct ProjectCommand {
  std::string purpose;  ///< "install", "build", "test", "run".
  std::string command;
  std::string source;  ///< The manifest's path.
};

struct Project {
  Found name;         ///< By skein.toml, manifest, README title, remote, folder, in this order; never empty.
  Found description;  ///< By skein.toml, manifest, README; one paragraph; may be empty.
  std::string version;
  std::string licence;
  std::vector<ProjectCommand> commands;
};

/// A pure function of its sources.
[[nodiscard]] Project describe_project(const ProjectSources& sources);

}  // namespace skein::repo
