#include "repo/manifest_parsers.h"

namespace skein::repo {
void parse_npm(std::string_view bytes, Manifest& manifest) {
  const auto document = json_manifest(bytes, manifest);
  if (document.is_null()) return;
  manifest.licence = text_member(document, "license");
  if (manifest.licence.empty()) manifest.licence = text_member(member(document, "license"), "type");
  if (const auto& scripts = member(document, "scripts"); scripts.is_object())
    for (const auto& [name, command] : scripts.items())
      if (command.is_string()) manifest.scripts.push_back({name, command.get<std::string>()});
  take_ranges(member(document, "dependencies"), DependencyScope::runtime, manifest);
  take_ranges(member(document, "devDependencies"), DependencyScope::development, manifest);
  take_ranges(member(document, "peerDependencies"), DependencyScope::peer, manifest);
  take_ranges(member(document, "optionalDependencies"), DependencyScope::optional, manifest);
  if (const std::string main = text_member(document, "main"); !main.empty()) manifest.entry_points.push_back(main);
  if (const auto& bin = member(document, "bin"); bin.is_string()) {
    manifest.entry_points.push_back(bin.get<std::string>());
  } else if (bin.is_object()) {
    for (const auto& [name, file] : bin.items())
      if (file.is_string()) manifest.entry_points.push_back(name + ": " + file.get<std::string>());
  }
}

}  // namespace skein::repo
