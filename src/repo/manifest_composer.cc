#include "repo/manifest_parsers.h"

namespace skein::repo {
namespace {

/// A text, or a list of texts with `between`.
std::string joined(const nlohmann::json& value, std::string_view between) {
  if (value.is_string()) return value.get<std::string>();
  std::string text;
  if (value.is_array())
    for (const auto& one : value)
      if (one.is_string()) text.append(text.empty() ? "" : between).append(one.get<std::string>());
  return text;
}

}  // namespace

void parse_composer(std::string_view bytes, Manifest& manifest) {
  const auto document = json_manifest(bytes, manifest);
  if (document.is_null()) return;
  manifest.licence = joined(member(document, "license"), " or ");
  if (const auto& scripts = member(document, "scripts"); scripts.is_object())
    for (const auto& [name, command] : scripts.items()) manifest.scripts.push_back({name, joined(command, " && ")});
  take_ranges(member(document, "require"), DependencyScope::runtime, manifest);
  take_ranges(member(document, "require-dev"), DependencyScope::development, manifest);
  const auto& programs = member(document, "bin");
  if (programs.is_string()) manifest.entry_points.push_back(programs.get<std::string>());
  if (programs.is_array())
    for (const auto& program : programs)
      if (program.is_string()) manifest.entry_points.push_back(program.get<std::string>());
}

}  // namespace skein::repo
