// The files in which projects say what they are and how they are built: package.json, pyproject.toml, pom.xml,
// Makefile, workflows of CI and others (data/manifests/kinds.toml). Read as data, never run.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::repo {

/// In the order in which a project's name is looked for.
enum class ManifestKind : std::uint8_t {
  npm,
  python,
  cargo,
  go,
  maven,
  gradle,
  ruby,
  composer,
  dotnet,
  cmake,
  make,
  rake,
  docker,
  compose,
  github,
  gitlab
};
inline constexpr std::size_t kManifestKinds = static_cast<std::size_t>(ManifestKind::gitlab) + 1;
[[nodiscard]] std::string_view to_string(ManifestKind kind);
/// The value of a name that `to_string` gave.
[[nodiscard]] std::optional<ManifestKind> parse_manifest_kind(std::string_view name);

enum class DependencyScope : std::uint8_t { runtime, development, build, optional, peer, indirect, image };
[[nodiscard]] std::string_view to_string(DependencyScope scope);

struct Dependency {
  std::string name;
  std::string range;  ///< As written: "^1.2", ">=3,<4"; empty: any.
  DependencyScope scope = DependencyScope::runtime;
};

/// A script of package.json, a target of make or CMake, a task of Gradle or rake, a job of CI.
struct Script {
  std::string name;
  std::string text;  ///< What it runs, or what a comment says of it; may be empty.
};

/// A service of compose.
struct Service {
  std::string name;
  std::string what;                ///< The command, the image or "built from FOLDER".
  std::vector<std::string> needs;  ///< Services that it depends on, links to or shares the network of.
};

struct Manifest {
  std::string path;
  ManifestKind kind{};
  std::string name;  ///< The fields are empty where the file does not say.
  std::string description;
  std::string version;
  std::string licence;
  std::vector<Script> scripts;
  std::vector<Service> services;
  std::vector<Dependency> dependencies;  ///< In the order of the file, objects by key.
  std::vector<std::string> entry_points;
  std::vector<std::string> notes;  ///< What could not be read and why.

  [[nodiscard]] bool has_script(std::string_view script) const;
};

/// The kind of manifest that a path names, by data/manifests/kinds.toml.
[[nodiscard]] std::optional<ManifestKind> manifest_kind(std::string_view path);

/// Gives another file of the workspace by its path; nothing where there is none.
using ReadManifestFile = std::function<std::optional<std::string>(const std::string& path)>;

/// Reads a manifest, and with `read` what it stands on in the workspace: the parents of a pom, files that GitLab's CI
/// includes. Never fails: bytes that are none give a Manifest with a note. REQUIRES manifest_kind(path).
[[nodiscard]] Manifest parse_manifest(std::string_view path, std::string_view bytes, const ReadManifestFile& read = {});

/// A command that the kind's tool is known by.
struct KnownCommand {
  std::string purpose;  ///< "install", "build", "test", "run".
  std::string script;   ///< Only where the manifest has this script; empty: always.
  std::string command;
  std::string file;                   ///< Only where the manifest's folder has this file; empty: always.
  std::vector<std::string> no_files;  ///< Only where it has none of these.
};
[[nodiscard]] const std::vector<KnownCommand>& known_commands(ManifestKind kind);

}  // namespace skein::repo
