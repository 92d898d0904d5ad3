#include <string>

#include "repo/manifest_parsers.h"
#include "repo/toml_document.h"

namespace skein::repo {
namespace {

// "name[extra] >=1,<2 ; python_version<'3.8'" (PEP 508), and "name @ https://…".
void add_requirement(std::string_view text, DependencyScope scope, Manifest& manifest) {
  text = trimmed(text.substr(0, text.find(';')));
  std::size_t end = 0;
  const auto is_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  };
  while (end < text.size() && is_name(text[end])) ++end;
  if (end == 0) return;
  std::string_view range = trimmed(text.substr(end));
  if (range.starts_with('[')) range = trimmed(range.substr(std::min(range.find(']'), range.size() - 1) + 1));
  if (range.starts_with('(') && range.ends_with(')')) range = range.substr(1, range.size() - 2);
  manifest.dependencies.push_back({std::string(text.substr(0, end)), std::string(range), scope});
}

void add_requirements(const nlohmann::json& list, DependencyScope scope, Manifest& manifest) {
  if (!list.is_array()) return;
  for (const auto& entry : list)
    if (entry.is_string()) add_requirement(entry.get<std::string>(), scope, manifest);
}

void add_commands(const nlohmann::json& table, Manifest& manifest) {
  if (!table.is_object()) return;
  for (const auto& [name, target] : table.items())
    if (target.is_string()) manifest.entry_points.push_back(name + ": " + target.get<std::string>());
}

// Poetry's tables: name to range, or to a table with a version.
void add_poetry(const nlohmann::json& table, DependencyScope scope, Manifest& manifest) {
  if (!table.is_object()) return;
  for (const auto& [name, range] : table.items()) {
    if (name == "python") continue;
    manifest.dependencies.push_back(
        {name, range.is_string() ? range.get<std::string>() : text_member(range, "version"), scope});
  }
}

void take_if_empty(std::string& field, std::string value) {
  if (field.empty()) field = std::move(value);
}

}  // namespace

void parse_pyproject(std::string_view bytes, Manifest& manifest) {
  const auto parsed = parse_toml(bytes);
  if (!parsed) {
    manifest.notes.push_back("it is not TOML: " + parsed.error().message());
    return;
  }
  const auto& project = member(*parsed, "project");
  const auto& poetry = member(member(*parsed, "tool"), "poetry");
  for (const auto* table : {&project, &poetry}) {
    take_if_empty(manifest.name, text_member(*table, "name"));
    take_if_empty(manifest.description, text_member(*table, "description"));
    take_if_empty(manifest.version, text_member(*table, "version"));
    take_if_empty(manifest.licence, text_member(*table, "license"));
    take_if_empty(manifest.licence, text_member(member(*table, "license"), "text"));
    add_commands(member(*table, "scripts"), manifest);
  }
  add_requirements(member(project, "dependencies"), DependencyScope::runtime, manifest);
  if (const auto& extras = member(project, "optional-dependencies"); extras.is_object())
    for (const auto& [name, list] : extras.items()) add_requirements(list, DependencyScope::optional, manifest);
  if (const auto& groups = member(*parsed, "dependency-groups"); groups.is_object())
    for (const auto& [name, list] : groups.items()) add_requirements(list, DependencyScope::development, manifest);
  add_requirements(member(member(*parsed, "build-system"), "requires"), DependencyScope::build, manifest);
  // What the file sets up, for the commands that depend on it.
  if (member(*parsed, "build-system").is_object()) manifest.scripts.push_back({"build-system", ""});
  for (const char* tool : {"pytest", "tox"})
    if (!member(member(*parsed, "tool"), tool).is_null()) manifest.scripts.push_back({tool, ""});
  add_poetry(member(poetry, "dependencies"), DependencyScope::runtime, manifest);
  add_poetry(member(poetry, "dev-dependencies"), DependencyScope::development, manifest);
  if (const auto& groups = member(poetry, "group"); groups.is_object())
    for (const auto& [name, group] : groups.items())
      add_poetry(member(group, "dependencies"), DependencyScope::development, manifest);
}

void parse_setup_cfg(std::string_view bytes, Manifest& manifest) {
  std::string section;
  std::string key;
  while (!bytes.empty()) {
    const std::string_view raw = take_line(bytes);
    const std::string_view line = trimmed(raw);
    if (line.empty() || line.starts_with('#') || line.starts_with(';')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      section = trimmed(line.substr(1, line.size() - 2));
      key.clear();
      if (section == "tool:pytest") manifest.scripts.push_back({"pytest", ""});
      continue;
    }
    std::string_view value = line;
    const bool goes_on = raw.starts_with(' ') || raw.starts_with('\t');
    if (!goes_on) {
      const std::size_t equals = line.find_first_of("=:");
      if (equals == line.npos) continue;
      key = trimmed(line.substr(0, equals));
      value = trimmed(line.substr(equals + 1));
      if (value.empty()) continue;
    }
    if (section == "metadata" && !goes_on) {
      if (key == "name") manifest.name = value;
      if (key == "version") manifest.version = value;
      if (key == "description" || key == "summary") manifest.description = value;
      if (key == "license") manifest.licence = value;
    } else if (section == "options" && (key == "install_requires" || key == "setup_requires")) {
      const auto scope = key == "setup_requires" ? DependencyScope::build : DependencyScope::runtime;
      add_requirement(value, scope, manifest);
    } else if (section == "options.extras_require") {
      add_requirement(value, DependencyScope::optional, manifest);
    } else if (section == "options.entry_points" && key == "console_scripts" && value.find('=') != value.npos) {
      const std::size_t equals = value.find('=');
      manifest.entry_points.push_back(std::string(trimmed(value.substr(0, equals))) + ": " +
                                      std::string(trimmed(value.substr(equals + 1))));
    }
  }
}

void parse_requirements(std::string_view bytes, Manifest& manifest) {
  const bool development = manifest.path.find("requirements-") != std::string::npos;
  while (!bytes.empty()) {
    std::string_view line = trimmed(take_line(bytes));
    if (line.starts_with('#') || line.starts_with('-')) continue;  // "-r other.txt" and options.
    line = line.substr(0, line.find(" #"));
    add_requirement(line, development ? DependencyScope::development : DependencyScope::runtime, manifest);
  }
}

}  // namespace skein::repo
