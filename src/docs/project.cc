#include "docs/project.h"

#include <algorithm>
#include <set>

#include "repo/entry_file.h"
#include "repo/lock.h"
#include "repo/project.h"

namespace skein::docs {
namespace {

constexpr std::size_t kManifestBytes = 1 << 20;
constexpr std::size_t kLockBytes = 4 << 20;

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

EntryPoint entry_point(const SiteTree& tree, const repo::PathIndex& paths, const repo::Manifest& manifest,
                       const std::string& where) {
  const std::string file = repo::entry_file(manifest, where, paths);
  PathRef target = tree.page_of(file.empty() ? where : file);
  if (target.path.empty()) target = {file.empty() ? where : file, false, false};
  Statement what{"entry point", false, manifest.path};
  if (!file.empty() && file != where) what.text += " " + where;
  return {std::move(target), std::move(what)};
}

/// Manifests and lock files, the least deep first, then by path.
std::vector<const repo::SnapshotFile*> sources_of(const SiteTree& tree, std::vector<std::string>& notes) {
  std::vector<const repo::SnapshotFile*> chosen;
  for (const auto& entry : tree.files) {
    const auto& file = *entry.file;
    const bool root = file.path.find('/') == std::string::npos;
    if (file.kind != repo::FileKind::text || file.traits.vendored) continue;
    if (!root && (file.traits.test || file.traits.documentation)) continue;
    const bool lock = repo::lock_kind(file.path).has_value();
    if (!lock && !repo::manifest_kind(file.path)) continue;
    if (file.size > (lock ? kLockBytes : kManifestBytes)) {
      notes.push_back(fmt::format("{}: too large to be read", file.path));
      continue;
    }
    chosen.push_back(&file);
  }
  std::ranges::stable_sort(chosen, {}, [](const auto* file) { return std::ranges::count(file->path, '/'); });
  if (chosen.size() > kMaxManifests) {
    notes.push_back(
        fmt::format("Of {} manifests and lock files the first {} were read.", chosen.size(), kMaxManifests));
    chosen.resize(kMaxManifests);
  }
  return chosen;
}

/// What the nearest lock file above a manifest says of a dependency.
std::string locked(const std::vector<repo::Lock>& locks, const repo::Manifest& manifest,
                   const repo::Dependency& dependency) {
  const auto folder = folder_of(manifest.path);
  const repo::Lock* nearest = nullptr;
  std::size_t longest = 0;
  for (const auto& lock : locks) {
    if (lock.kind != manifest.kind) continue;
    const auto above = folder_of(lock.path);
    const bool holds = above.empty() || folder == above || (folder.starts_with(above) && folder[above.size()] == '/');
    if (!holds || (nearest != nullptr && above.size() <= longest)) continue;
    nearest = &lock;
    longest = above.size();
  }
  return nearest == nullptr ? std::string() : repo::locked_version(*nearest, manifest.path, dependency);
}

}  // namespace

ProjectPage describe_project(const repo::Snapshot& snapshot, const SiteTree& tree, const repo::PathIndex& paths,
                             const engine::World& world, const std::string& name, const std::string& description) {
  const auto& root = tree.folders.front();
  repo::ProjectSources sources;
  sources.name = name;
  sources.description = description;
  sources.remote = snapshot.git.remote;
  sources.folder = snapshot.root;
  ProjectPage page;
  page.notes = snapshot.notes;
  std::vector<repo::Lock> locks;
  std::set<std::string_view> folders;
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    const auto* file = tree.file(path);
    if (file == nullptr || file->file->kind != repo::FileKind::text || file->file->size > kManifestBytes) return {};
    auto bytes = world.read(path);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
  };
  for (const auto* file : sources_of(tree, page.notes)) {
    // A file that changed since the scan is missing here and ends this run: its snapshot is taken again.
    const auto bytes = world.read(file->path);
    if (!bytes) continue;
    if (repo::lock_kind(file->path)) {
      locks.push_back(repo::parse_lock(file->path, *bytes));
    } else {
      sources.manifests.push_back(repo::parse_manifest(file->path, *bytes, read));
      folders.insert(folder_of(file->path));
    }
  }
  for (const auto& file : tree.files)
    if (folders.contains(folder_of(file.file->path))) sources.files.push_back(file.file->path);
  std::ranges::sort(sources.files);
  if (root.readme != TreeFolder::kNone) {
    sources.readme_path = tree.files[root.readme].file->path;
    sources.readme = world.read(sources.readme_path).value_or("");
  }
  const repo::Project project = repo::describe_project(sources);
  page.name = project.name.text;
  if (!project.description.text.empty()) page.tagline = {project.description.text, false, project.description.source};
  for (const auto& command : project.commands)
    page.commands.push_back(
        {command.purpose,
         command.command,
         {command.stated ? "what the job runs" : "the usual command", !command.stated, command.source}});
  std::set<std::string> entries;
  for (const auto& manifest : sources.manifests) {
    for (const auto& dependency : manifest.dependencies)
      page.dependencies.push_back({dependency.name, dependency.range, std::string(to_string(dependency.scope)),
                                   manifest.path, locked(locks, manifest, dependency)});
    for (const auto& service : manifest.services)
      page.services.push_back({service.name, service.what, service.needs, manifest.path});
    for (const auto& where : manifest.entry_points)
      if (entries.insert(manifest.path + "\n" + where).second)
        page.entry_points.push_back(entry_point(tree, paths, manifest, where));
    for (const auto& note : manifest.notes) page.notes.push_back(manifest.path + ": " + note);
  }
  for (const auto& lock : locks)
    for (const auto& note : lock.notes) page.notes.push_back(lock.path + ": " + note);
  return page;
}

}  // namespace skein::docs
