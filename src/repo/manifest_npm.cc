#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

void take_dependencies(const nlohmann::json& document, const char* key, DependencyScope scope, Manifest& manifest) {
  const auto& list = member(document, key);
  if (!list.is_object()) return;
  for (const auto& [name, range] : list.items())
    manifest.dependencies.push_back({name, range.is_string() ? range.get<std::string>() : "", scope});
}

}  // namespace

void parse_npm(std::string_view bytes, Manifest& manifest) {
  const auto document = nlohmann::json::parse(bytes, nullptr, false);
  if (!document.is_object()) {
    manifest.notes.push_back("it is not a JSON object");
    return;
  }
  manifest.name = text_member(document, "name");
  manifest.description = text_member(document, "description");
  manifest.version = text_member(document, "version");
  manifest.licence = text_member(document, "license");
  if (manifest.licence.empty()) manifest.licence = text_member(member(document, "license"), "type");
  if (const auto& scripts = member(document, "scripts"); scripts.is_object())
    for (const auto& [name, command] : scripts.items())
      if (command.is_string()) manifest.scripts.push_back({name, command.get<std::string>()});
  take_dependencies(document, "dependencies", DependencyScope::runtime, manifest);
  take_dependencies(document, "devDependencies", DependencyScope::development, manifest);
  take_dependencies(document, "peerDependencies", DependencyScope::peer, manifest);
  take_dependencies(document, "optionalDependencies", DependencyScope::optional, manifest);
  if (const std::string main = text_member(document, "main"); !main.empty()) manifest.entry_points.push_back(main);
  if (const auto& bin = member(document, "bin"); bin.is_string()) {
    manifest.entry_points.push_back(bin.get<std::string>());
  } else if (bin.is_object()) {
    for (const auto& [name, file] : bin.items())
      if (file.is_string()) manifest.entry_points.push_back(name + ": " + file.get<std::string>());
  }
}

}  // namespace skein::repo
