#include "repo/entry_file.h"

#include <algorithm>
#include <initializer_list>

namespace skein::repo {
namespace {

/// The first of `candidates` below `folder` that is a file.
std::string first_of(std::string_view folder, std::initializer_list<std::string> candidates, const PathIndex& paths) {
  std::string path;
  for (const auto& candidate : candidates)
    if (join_in_workspace(folder, candidate, path) && paths.contains(path)) return path;
  return {};
}

std::string of_module(std::string_view folder, std::string_view module, const PathIndex& paths) {
  std::string path(module.substr(0, module.find_first_of(":[ ")));
  std::ranges::replace(path, '.', '/');
  for (const char* root : {"", "src/", "lib/"}) {
    const std::string whole = root + path;
    if (auto found = first_of(folder, {whole + ".py", whole + "/__main__.py", whole + "/__init__.py"}, paths);
        !found.empty())
      return found;
  }
  return {};
}

std::string of_class(std::string_view name, const PathIndex& paths) {
  std::string path(name.substr(0, name.find('$')));
  std::ranges::replace(path, '.', '/');
  std::vector<std::string> endings{path + ".java", path + ".kt"};
  if (path.ends_with("Kt")) endings.push_back(path.substr(0, path.size() - 2) + ".kt");
  std::string found;
  for (const auto& ending : endings)
    paths.ending_in(ending, [&](std::string_view file) {
      if (found.empty()) found = file;
      return false;
    });
  return found;
}

}  // namespace

std::string entry_file(const Manifest& manifest, std::string_view entry, const PathIndex& paths) {
  const auto slash = manifest.path.rfind('/');
  const auto folder = std::string_view(manifest.path).substr(0, slash == std::string::npos ? 0 : slash);
  const auto colon = entry.find(": ");
  const std::string text(colon == entry.npos ? entry : entry.substr(colon + 2));
  if (text.empty() || text.size() > 4096) return {};
  switch (manifest.kind) {
    case ManifestKind::npm:
    case ManifestKind::composer:
      return first_of(folder, {text, text + ".js", text + "/index.js"}, paths);
    case ManifestKind::python:
      return of_module(folder, text, paths);
    case ManifestKind::cargo:
      return first_of(folder, {text, "src/bin/" + text + ".rs", "src/bin/" + text + "/main.rs", "src/main.rs"}, paths);
    case ManifestKind::ruby:
      return first_of(folder, {"exe/" + text, "bin/" + text}, paths);
    case ManifestKind::dotnet:
      return first_of(folder, {"Program.cs", "Program.fs"}, paths);
    case ManifestKind::maven:
    case ManifestKind::gradle:
      return of_class(text, paths);
    case ManifestKind::cmake:
      return first_of(folder, {text}, paths);
    case ManifestKind::go:
    case ManifestKind::make:
    case ManifestKind::rake:
    case ManifestKind::docker:
    case ManifestKind::compose:
    case ManifestKind::github:
    case ManifestKind::gitlab:
      return {};
  }
  return {};
}

}  // namespace skein::repo
