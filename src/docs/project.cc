#include "docs/project.h"

#include "docs/purpose.h"

namespace skein::docs {
namespace {

std::string last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.find_last_of("/:");
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string remote_name(std::string_view remote) {
  std::string name = last_part(remote);
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  return name;
}

}  // namespace

ProjectPage describe_project(const repo::Snapshot& snapshot, const SiteTree& tree, const engine::World& world,
                             const std::string& name, const std::string& description) {
  ProjectPage project;
  project.notes = snapshot.notes;
  const auto& root = tree.folders.front();
  std::string readme;
  std::string readme_path;
  if (root.readme != TreeFolder::kNone) {
    readme_path = tree.files[root.readme].file->path;
    readme = world.read(readme_path).value_or("");
  }
  project.name = name;
  if (project.name.empty() && readme.starts_with("# ")) project.name = readme.substr(2, readme.find('\n') - 2);
  if (project.name.empty()) project.name = remote_name(snapshot.git.remote);
  if (project.name.empty()) project.name = last_part(snapshot.root);
  if (!description.empty()) {
    project.tagline = {description, false, "skein.toml"};
  } else if (auto text = first_paragraph(readme); !text.empty()) {
    project.tagline = {std::move(text), false, readme_path};
  }
  return project;
}

}  // namespace skein::docs
