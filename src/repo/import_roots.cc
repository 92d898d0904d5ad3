#include "repo/import_roots.h"

#include <algorithm>

#include "repo/manifest.h"
#include "repo/manifest_parsers.h"
#include "repo/snapshot.h"
#include "repo/toml_document.h"
#include "repo/xml_document.h"

namespace skein::repo {
namespace {

constexpr std::size_t kMaxDepth = 16;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }  // npos + 1 is 0.
std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

/// With comments, as tsconfig.json may have.
nlohmann::json parsed(std::string_view bytes) { return nlohmann::json::parse(bytes, nullptr, false, true); }

/// The first file that an "exports" value names, whatever its conditions.
std::string first_file(const nlohmann::json& value, std::size_t depth = 0) {
  if (value.is_string()) return value.get<std::string>();
  if (depth > kMaxDepth || (!value.is_object() && !value.is_array())) return {};
  for (const auto& inner : value)
    if (std::string file = first_file(inner, depth + 1); !file.empty()) return file;
  return {};
}

}  // namespace

bool join_in_workspace(std::string_view folder, std::string_view path, std::string& out) {
  std::vector<std::string_view> parts;
  for (std::string_view rest : {folder, path}) {
    while (!rest.empty()) {
      const auto part = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(part.size() + 1, rest.size()));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
  }
  out.clear();
  for (const auto part : parts) out.append(out.empty() ? "" : "/").append(part);
  return true;
}

bool ImportRoots::is_source(std::string_view path) {
  const auto name = name_of(path);
  return name == "go.mod" || name == "composer.json" || name == "package.json" || name == "jsconfig.json" ||
         (name.starts_with("tsconfig") && name.ends_with(".json")) || name == "Cargo.toml" || name.ends_with(".csproj");
}

void ImportRoots::add(std::string_view path, std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return;
  const auto name = name_of(path);
  const auto folder = folder_of(path);
  if (name == "go.mod") {
    add_go(folder, bytes);
  } else if (name == "composer.json") {
    add_composer(folder, bytes);
  } else if (name == "package.json") {
    add_package(folder, bytes);
  } else if (name == "Cargo.toml") {
    add_crate(folder, bytes);
  } else if (name.ends_with(".csproj")) {
    add_project(path, bytes);
  } else {
    add_typescript(path, bytes);
  }
}

void ImportRoots::add_crate(std::string_view folder, std::string_view bytes) {
  const auto document = parse_toml(bytes);
  if (!document) return;
  const auto& library = member(*document, "lib");
  std::string name = text_member(library, "name");
  if (name.empty()) name = text_member(member(*document, "package"), "name");
  std::ranges::replace(name, '-', '_');
  std::string file = text_member(library, "path");
  if (file.empty()) file = "src/lib.rs";
  std::string path;
  if (!name.empty() && join_in_workspace(folder, file, path)) crates_.push_back({std::move(name), std::move(path)});
}

void ImportRoots::add_project(std::string_view path, std::string_view bytes) {
  const auto document = parse_xml(bytes);
  if (!document) return;
  std::string name;
  for (const auto& group : document->children)
    if (group.name == "PropertyGroup" && name.empty()) name = group.child_text("RootNamespace");
  const auto file = name_of(path);
  if (name.empty() || name.contains('$')) name = file.substr(0, file.rfind('.'));
  projects_.push_back({std::move(name), std::string(folder_of(path))});
}

void ImportRoots::add_go(std::string_view folder, std::string_view bytes) {
  Manifest manifest;
  parse_go_mod(bytes, manifest);
  std::string name = manifest.name;
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '`')) name = name.substr(1, name.size() - 2);
  if (!name.empty()) go_.push_back({std::move(name), std::string(folder)});
}

void ImportRoots::add_composer(std::string_view folder, std::string_view bytes) {
  const auto document = parsed(bytes);
  for (const auto* key : {"autoload", "autoload-dev"}) {
    const auto& rules = member(member(document, key), "psr-4");
    if (!rules.is_object()) continue;
    for (const auto& [prefix, folders] : rules.items()) {
      const auto take = [&](const nlohmann::json& value) {
        std::string path;
        if (value.is_string() && join_in_workspace(folder, value.get<std::string>(), path))
          psr4_.push_back({prefix, path});
      };
      if (folders.is_array()) {
        for (const auto& one : folders) take(one);
      } else {
        take(folders);
      }
    }
  }
}

void ImportRoots::add_package(std::string_view folder, std::string_view bytes) {
  const auto document = parsed(bytes);
  Package package{text_member(document, "name"), std::string(folder), {}};
  if (package.name.empty()) return;
  const auto take = [&](std::string name, const nlohmann::json& value) {
    std::string path;
    const std::string file = first_file(value);
    if (!file.empty() && join_in_workspace(folder, file, path)) package.exports.push_back({std::move(name), path});
  };
  const auto& exports = member(document, "exports");
  const bool by_path = exports.is_object() && !exports.empty() && exports.begin().key().starts_with('.');
  if (by_path) {
    for (const auto& [name, value] : exports.items()) take(name, value);
  } else {
    take(".", exports);
  }
  for (const auto* key : {"source", "module", "main", "types"}) take(".", member(document, key));
  packages_.push_back(std::move(package));
}

void ImportRoots::add_typescript(std::string_view file, std::string_view bytes) {
  const auto folder = folder_of(file);
  const auto document = parsed(bytes);
  const auto& options = member(document, "compilerOptions");
  TypeScript config{.folder = std::string(folder), .aliases = {}, .base = {}, .file = std::string(file)};
  const std::string base = text_member(options, "baseUrl");
  config.has_base = !base.empty() && join_in_workspace(folder, base, config.base);
  if (!config.has_base) config.base = folder;
  if (const auto& paths = member(options, "paths"); paths.is_object()) {
    for (const auto& [pattern, targets] : paths.items()) {
      Alias alias{pattern, {}};
      for (const auto& target : targets) {
        std::string path;
        if (target.is_string() && join_in_workspace(config.base, target.get<std::string>(), path))
          alias.targets.push_back(path);
      }
      config.aliases.push_back(std::move(alias));
    }
  }
  if (const auto& extends = member(document, "extends"); extends.is_string()) {
    config.extends.push_back(extends.get<std::string>());
  } else if (extends.is_array()) {
    for (const auto& one : extends)
      if (one.is_string()) config.extends.push_back(one.get<std::string>());
  }
  if (config.has_base || !config.aliases.empty() || !config.extends.empty()) typescript_.push_back(std::move(config));
}

std::string ImportRoots::extended_file(const TypeScript& config, const std::string& name) const {
  std::string path;
  bool found = false;
  if (name.starts_with("./") || name.starts_with("../")) {
    found = join_in_workspace(config.folder, name, path);
  } else {
    for (const auto& package : packages_)
      if (!found && name.starts_with(package.name) && name.substr(package.name.size()).starts_with('/'))
        found = join_in_workspace(package.folder, name.substr(package.name.size() + 1), path);
  }
  if (found && !path.ends_with(".json")) path += ".json";
  return found ? path : std::string();
}

void ImportRoots::follow_extends() {
  // Each round hands on what is known one step further; a circle ends with the rounds.
  for (std::size_t round = 0; round < kMaxDepth; ++round) {
    bool changed = false;
    for (auto& config : typescript_) {
      // What is extended last has the last word.
      for (auto name = config.extends.rbegin(); name != config.extends.rend(); ++name) {
        const auto from = std::ranges::find(typescript_, extended_file(config, *name), &TypeScript::file);
        if (from == typescript_.end() || &*from == &config) continue;
        if (config.aliases.empty() && !from->aliases.empty()) {
          config.aliases = from->aliases;
          changed = true;
        }
        if (!config.has_base && from->has_base) {
          config.base = from->base;
          config.has_base = changed = true;
        }
      }
    }
    if (!changed) break;
  }
  // Of several in a folder the one that editors take.
  std::ranges::stable_sort(typescript_, std::ranges::greater{},
                           [](const auto& config) { return name_of(config.file) == "tsconfig.json"; });
}

ImportRoots import_roots(const Snapshot& snapshot, const std::function<Result<std::string>(const std::string&)>& read) {
  ImportRoots roots;
  for (const auto& file : snapshot.files) {
    if (file.kind != FileKind::text || file.traits.vendored || file.size > ImportRoots::kMaxBytes) continue;
    if (!ImportRoots::is_source(file.path)) continue;
    if (const auto bytes = read(file.path)) roots.add(file.path, *bytes);
  }
  roots.follow_extends();
  return roots;
}

Digest ImportRoots::digest() const {
  Hasher hasher;
  const auto add_roots = [&](const std::vector<Root>& roots) {
    hasher.number(roots.size());
    for (const auto& root : roots) hasher.field(root.name).field(root.path);
  };
  add_roots(go_);
  add_roots(psr4_);
  add_roots(crates_);
  add_roots(projects_);
  hasher.number(packages_.size());
  for (const auto& package : packages_) {
    hasher.field(package.name).field(package.folder);
    add_roots(package.exports);
  }
  hasher.number(typescript_.size());
  for (const auto& config : typescript_) {
    hasher.field(config.folder).field(config.base).number(config.has_base ? 1 : 0).number(config.aliases.size());
    for (const auto& alias : config.aliases) {
      hasher.field(alias.pattern).number(alias.targets.size());
      for (const auto& target : alias.targets) hasher.field(target);
    }
  }
  return hasher.finish();
}

}  // namespace skein::repo
