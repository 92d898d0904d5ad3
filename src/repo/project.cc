#include "repo/project.h"

#include <algorithm>
#include <utility>

#include "repo/readme.h"

namespace skein::repo {
namespace {

std::string_view last_part(std::string_view path) {
  // "/srv/x/." is what git notes as the remote of `git clone .`.
  while (path.ends_with('/') || path.ends_with("/.")) path.remove_suffix(1);
  return path.substr(path.find_last_of("/:") + 1);  // npos + 1 is 0.
}

std::string name_of_remote(std::string_view remote) {
  std::string_view name = last_part(remote);
  if (name.ends_with(".git")) name.remove_suffix(4);
  return std::string(name);
}

void take(Found& found, std::string text, std::string_view source) {
  if (found.text.empty() && !text.empty()) found = {std::move(text), std::string(source)};
}

// The root's manifests, by kind and then by path.
std::vector<const Manifest*> of_root(const std::vector<Manifest>& manifests) {
  std::vector<const Manifest*> chosen;
  for (const Manifest& manifest : manifests)
    if (manifest.path.find('/') == std::string::npos) chosen.push_back(&manifest);
  std::sort(chosen.begin(), chosen.end(), [](const Manifest* a, const Manifest* b) {
    return a->kind != b->kind ? a->kind < b->kind : a->path < b->path;
  });
  return chosen;
}

}  // namespace

Project describe_project(const ProjectSources& sources) {
  Project project;
  take(project.name, sources.name, "skein.toml");
  take(project.description, sources.description, "skein.toml");
  for (const Manifest* manifest : of_root(sources.manifests)) {
    // Go's modules are named by where they can be fetched.
    const bool is_path = manifest->kind == ManifestKind::go;
    take(project.name, is_path ? std::string(last_part(manifest->name)) : manifest->name, manifest->path);
    take(project.description, manifest->description, manifest->path);
    if (project.version.empty()) project.version = manifest->version;
    if (project.licence.empty()) project.licence = manifest->licence;
    for (const KnownCommand& known : known_commands(manifest->kind))
      if (known.script.empty() || manifest->has_script(known.script))
        project.commands.push_back({known.purpose, known.command, manifest->path});
  }
  Readme readme = read_readme(sources.readme);
  take(project.name, std::move(readme.title), sources.readme_path);
  take(project.description, std::move(readme.paragraph), sources.readme_path);
  take(project.name, name_of_remote(sources.remote), "the git remote");
  take(project.name, std::string(last_part(sources.folder)), "the folder");
  take(project.name, "project", "nothing");  // Of "/", without anything else.
  return project;
}

}  // namespace skein::repo
