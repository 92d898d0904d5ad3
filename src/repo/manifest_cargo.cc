#include "repo/manifest_parsers.h"
#include "repo/toml_document.h"

namespace skein::repo {
namespace {

void take_dependencies(const nlohmann::json& table, DependencyScope scope, Manifest& manifest) {
  if (!table.is_object()) return;
  for (const auto& [name, entry] : table.items()) {
    const auto& is_optional = member(entry, "optional");
    const bool optional = is_optional.is_boolean() && is_optional.get<bool>();
    std::string range = entry.is_string() ? entry.get<std::string>() : text_member(entry, "version");
    manifest.dependencies.push_back({name, std::move(range), optional ? DependencyScope::optional : scope});
  }
}

}  // namespace

void parse_cargo(std::string_view bytes, Manifest& manifest) {
  const auto parsed = parse_toml(bytes);
  if (!parsed) {
    manifest.notes.push_back("it is not TOML: " + parsed.error().message());
    return;
  }
  // A workspace's root may have no package but say what its members share.
  const auto& shared = member(member(*parsed, "workspace"), "package");
  const auto& package = member(*parsed, "package");
  const auto field = [&](const char* key) {
    std::string text = text_member(package, key);
    return text.empty() ? text_member(shared, key) : text;
  };
  manifest.name = text_member(package, "name");
  manifest.description = field("description");
  manifest.version = field("version");
  manifest.licence = field("license");
  take_dependencies(member(*parsed, "dependencies"), DependencyScope::runtime, manifest);
  take_dependencies(member(*parsed, "dev-dependencies"), DependencyScope::development, manifest);
  take_dependencies(member(*parsed, "build-dependencies"), DependencyScope::build, manifest);
  take_dependencies(member(member(*parsed, "workspace"), "dependencies"), DependencyScope::runtime, manifest);
  if (const auto& programs = member(*parsed, "bin"); programs.is_array())
    for (const auto& program : programs)
      if (std::string name = text_member(program, "name"); !name.empty()) {
        if (const std::string path = text_member(program, "path"); !path.empty()) name.append(": ").append(path);
        manifest.entry_points.push_back(std::move(name));
      }
}

}  // namespace skein::repo
