#include "docs/project.h"

#include <set>

#include "repo/project.h"

namespace skein::docs {
namespace {

constexpr std::size_t kManifestBytes = 1 << 20;

EntryPoint entry_point(const SiteTree& tree, const repo::Manifest& manifest, const std::string& where) {
  PathRef target = tree.page_of(where);
  if (target.path.empty()) target = {where, false, false};
  return {std::move(target), {"entry point", false, manifest.path}};
}

}  // namespace

ProjectPage describe_project(const repo::Snapshot& snapshot, const SiteTree& tree, const engine::World& world,
                             const std::string& name, const std::string& description) {
  const auto& root = tree.folders.front();
  repo::ProjectSources sources;
  sources.name = name;
  sources.description = description;
  sources.remote = snapshot.git.remote;
  sources.folder = snapshot.root;
  ProjectPage page;
  page.notes = snapshot.notes;
  for (const auto f : root.files) {
    const auto& file = *tree.files[f].file;
    if (file.kind != repo::FileKind::text || file.size > kManifestBytes || !repo::manifest_kind(file.path)) continue;
    // A file that changed since the scan is missing here and ends this run: its snapshot is taken again.
    if (const auto bytes = world.read(file.path)) sources.manifests.push_back(repo::parse_manifest(file.path, *bytes));
  }
  if (root.readme != TreeFolder::kNone) {
    sources.readme_path = tree.files[root.readme].file->path;
    sources.readme = world.read(sources.readme_path).value_or("");
  }
  const repo::Project project = repo::describe_project(sources);
  page.name = project.name.text;
  if (!project.description.text.empty()) page.tagline = {project.description.text, false, project.description.source};
  for (const auto& command : project.commands)
    page.commands.push_back({command.purpose, command.command, {"the usual command", true, command.source}});
  std::set<std::string> entries;
  for (const auto& manifest : sources.manifests) {
    for (const auto& dependency : manifest.dependencies)
      page.dependencies.push_back(
          {dependency.name, dependency.range, std::string(to_string(dependency.scope)), manifest.path});
    for (const auto& where : manifest.entry_points)
      if (entries.insert(where).second) page.entry_points.push_back(entry_point(tree, manifest, where));
    for (const auto& note : manifest.notes) page.notes.push_back(manifest.path + ": " + note);
  }
  return page;
}

}  // namespace skein::docs
