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
  std::vector<Manifest> manifests;  ///< Of the whole workspace. Names come from those of the root folder; commands from
                                    ///< these and CI, or, where these have none, from the next folder that has some.
  std::vector<std::string> files;   ///< Paths of files beside manifests, for commands that depend on them; sorted.
  std::string readme_path;
  std::string readme;  ///< Its bytes.
  std::string remote;  ///< GitInfo::remote.
  std::string folder;  ///< The root's path or name.
};

/// Something found, and the path or the place it was found in: "package.json", "the git remote".
struct SourcedText {
  std::string text;
  std::string source;
};

struct ProjectCommand {
  std::string purpose;  ///< "install", "build", "test", "run", "CI: JOB".
  std::string command;  ///< Of a job: its lines.
  std::string source;   ///< The manifest's path.
  bool stated = false;  ///< The manifest holds the command itself; else its kind's usual one.
};
/// At most so many jobs of CI become commands, of at most so many lines each.
inline constexpr std::size_t kShownJobs = 6;
inline constexpr std::size_t kShownJobLines = 10;

struct Project {
  SourcedText name;         ///< By skein.toml, manifest, README title, remote, folder, in this order; never empty.
  SourcedText description;  ///< By skein.toml, manifest, README; one paragraph; may be empty.
  std::string version;
  std::string licence;
  std::vector<ProjectCommand> commands;
};

/// A pure function of its sources.
[[nodiscard]] Project describe_project(const ProjectSources& sources);

}  // namespace skein::repo
