#include <algorithm>

#include <fmt/format.h>

#include "repo/manifest_images.h"
#include "repo/manifest_parsers.h"
#include "repo/yaml_document.h"

namespace skein::repo {

void add_image(std::string_view image, Manifest& manifest) {
  if (image.empty()) return;
  const auto slash = image.rfind('/');
  const std::size_t tag = image.find_first_of(":@", slash == image.npos ? 0 : slash);
  manifest.dependencies.push_back({std::string(image.substr(0, tag)),
                                   tag == image.npos ? std::string{} : std::string(image.substr(tag + 1)),
                                   DependencyScope::image});
}

std::string lines_of(const nlohmann::json& value, std::string_view between) {
  if (value.is_string()) return value.get<std::string>();
  std::string text;
  if (value.is_array())
    for (const auto& line : value) {
      const std::string one = lines_of(line, between);  // GitLab nests lists; the reader bounds their depth.
      if (!one.empty()) text.append(text.empty() ? "" : between).append(one);
    }
  return text;
}

namespace {

/// What a service waits for or shares: "depends_on" in both forms, "links" and "volumes_from" ("db:alias"), and
/// "network_mode: service:db".
std::vector<std::string> needs_of(const nlohmann::json& service) {
  std::vector<std::string> needs;
  const auto add = [&](std::string name) {
    if (!name.empty() && std::ranges::find(needs, name) == needs.end()) needs.push_back(std::move(name));
  };
  for (const char* key : {"depends_on", "links", "volumes_from"}) {
    const auto& list = member(service, key);
    if (list.is_object())
      for (const auto& [name, condition] : list.items()) add(name);
    if (!list.is_array()) continue;
    for (const auto& one : list) {
      if (!one.is_string()) continue;
      const auto name = one.get<std::string>();
      if (!name.starts_with("container:")) add(name.substr(0, name.find(':')));
    }
  }
  if (const auto mode = text_member(service, "network_mode"); mode.starts_with("service:")) add(mode.substr(8));
  return needs;
}

}  // namespace

void parse_compose(std::string_view bytes, Manifest& manifest) {
  const auto document = parse_yaml(bytes);
  if (!document) {
    manifest.notes.push_back("it is not YAML: " + document.error().message());
    return;
  }
  manifest.name = text_member(*document, "name");
  const auto& services = member(*document, "services");
  if (!services.is_object()) return;
  for (const auto& [name, service] : services.items()) {
    const std::string image = text_member(service, "image");
    const auto& build = member(service, "build");
    std::string text = lines_of(member(service, "command"), " ");
    if (text.empty()) {
      const std::string folder = build.is_string() ? build.get<std::string>() : text_member(build, "context");
      text = build.is_null() ? image : fmt::format("built from {}", folder.empty() ? std::string_view(".") : folder);
    }
    manifest.services.push_back({name, std::move(text), needs_of(service)});
    if (build.is_null()) add_image(image, manifest);  // Else it is the name of what is built.
  }
}

}  // namespace skein::repo
