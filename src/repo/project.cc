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

void take(SourcedText& found, std::string text, std::string_view source) {
  if (found.text.empty() && !text.empty()) found = {std::move(text), std::string(source)};
}

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

bool is_ci(const Manifest& manifest) {
  return manifest.kind == ManifestKind::github || manifest.kind == ManifestKind::gitlab;
}

// The manifests of a folder, by kind and then by path.
std::vector<const Manifest*> of_folder(const std::vector<Manifest>& manifests, std::string_view folder) {
  std::vector<const Manifest*> chosen;
  for (const Manifest& manifest : manifests)
    if (!is_ci(manifest) && folder_of(manifest.path) == folder) chosen.push_back(&manifest);
  std::sort(chosen.begin(), chosen.end(), [](const Manifest* a, const Manifest* b) {
    return a->kind != b->kind ? a->kind < b->kind : a->path < b->path;
  });
  return chosen;
}

void add_commands(const ProjectSources& sources, const Manifest& manifest, Project& project) {
  const std::string folder(folder_of(manifest.path));
  const auto has = [&](const std::string& name) {
    return std::ranges::binary_search(sources.files, folder.empty() ? name : folder + "/" + name);
  };
  for (const KnownCommand& known : known_commands(manifest.kind)) {
    if (!known.script.empty() && !manifest.has_script(known.script)) continue;
    if ((!known.file.empty() && !has(known.file)) || std::ranges::any_of(known.no_files, has)) continue;
    std::string command = folder.empty() ? known.command : "cd " + folder + " && " + known.command;
    const bool doubled =
        std::ranges::any_of(project.commands, [&](const auto& other) { return other.command == command; });
    if (!doubled) project.commands.push_back({known.purpose, std::move(command), manifest.path});
  }
}

// Folders with a manifest but the root, the least deep first.
std::vector<std::string_view> folders_below(const std::vector<Manifest>& manifests) {
  std::vector<std::string_view> folders;
  for (const Manifest& manifest : manifests)
    if (!is_ci(manifest) && manifest.path.find('/') != std::string::npos) folders.push_back(folder_of(manifest.path));
  const auto key = [](std::string_view path) { return std::pair(std::ranges::count(path, '/'), path); };
  std::ranges::sort(folders, {}, key);
  const auto doubles = std::ranges::unique(folders);
  folders.erase(doubles.begin(), doubles.end());
  return folders;
}

// The lines of a job that do something: without comments, lines that go on put together.
std::vector<std::string> lines_of_job(std::string_view text) {
  std::vector<std::string> lines;
  bool goes_on = false;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    const auto start = line.find_first_not_of(" \t");
    if (start == line.npos || (!goes_on && line[start] == '#')) continue;
    const bool more = line.ends_with('\\');
    if (more) line.remove_suffix(1);
    if (goes_on)
      lines.back().append(lines.back().ends_with(' ') ? "" : " ").append(line.substr(std::min(start, line.size())));
    else
      lines.emplace_back(line);
    goes_on = more;
  }
  std::erase_if(lines, [](const auto& line) { return line == "true" || line == ":" || line == "exit 0"; });
  return lines;
}

// Jobs that build and test come first, those that publish last: there is room for a few.
int rank_of_job(std::string_view name) {
  const auto has = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](auto word) { return name.contains(word); });
  };
  if (has({"release", "publish", "deploy", "upload", "signal", "label", "stale"})) return 2;
  return has({"build", "test", "check", "lint", "ci", "typ", "unit", "verify", "main"}) ? 0 : 1;
}

// What CI runs; a job that only calls actions says nothing of how to build.
void add_jobs(const std::vector<Manifest>& manifests, Project& project) {
  struct Job {
    const Manifest* manifest;
    const Script* script;
    std::vector<std::string> lines;
  };
  std::vector<Job> jobs;
  for (const Manifest& manifest : manifests) {
    if (!is_ci(manifest)) continue;
    for (const Script& script : manifest.scripts)
      if (auto lines = lines_of_job(script.text); !lines.empty())
        jobs.push_back({&manifest, &script, std::move(lines)});
  }
  std::ranges::stable_sort(jobs, {}, [](const auto& job) { return rank_of_job(job.script->name); });
  jobs.resize(std::min(jobs.size(), kShownJobs));
  for (const auto& job : jobs) {
    std::string text;
    for (std::size_t i = 0; i < std::min(job.lines.size(), kShownJobLines); ++i) text += job.lines[i] + "\n";
    if (job.lines.size() > kShownJobLines)
      text += "…";
    else
      text.pop_back();
    project.commands.push_back({"CI: " + job.script->name, std::move(text), job.manifest->path, true});
  }
}

}  // namespace

Project describe_project(const ProjectSources& sources) {
  Project project;
  take(project.name, sources.name, "skein.toml");
  take(project.description, sources.description, "skein.toml");
  for (const Manifest* manifest : of_folder(sources.manifests, {})) {
    // Go's modules are named by where they can be fetched.
    const bool is_path = manifest->kind == ManifestKind::go;
    take(project.name, is_path ? std::string(last_part(manifest->name)) : manifest->name, manifest->path);
    take(project.description, manifest->description, manifest->path);
    if (project.version.empty()) project.version = manifest->version;
    if (project.licence.empty()) project.licence = manifest->licence;
    add_commands(sources, *manifest, project);
  }
  for (const auto folder : folders_below(sources.manifests)) {
    if (!project.commands.empty()) break;
    for (const Manifest* manifest : of_folder(sources.manifests, folder)) add_commands(sources, *manifest, project);
  }
  add_jobs(sources.manifests, project);
  Readme readme = read_readme(sources.readme);
  take(project.name, std::move(readme.title), sources.readme_path);
  take(project.description, std::move(readme.paragraph), sources.readme_path);
  take(project.name, name_of_remote(sources.remote), "the git remote");
  take(project.name, std::string(last_part(sources.folder)), "the folder");
  take(project.name, "project", "nothing");  // Of "/", without anything else.
  return project;
}

}  // namespace skein::repo
