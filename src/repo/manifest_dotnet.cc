#include <string>

#include "repo/manifest_parsers.h"
#include "repo/xml_document.h"

namespace skein::repo {
namespace {

std::string_view stem_of(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  return path.substr(0, path.rfind('.'));
}

void add_package(const XmlElement& item, Manifest& manifest) {
  std::string name = item.attribute("Include");
  if (name.empty()) name = item.attribute("Update");
  if (name.empty()) return;
  std::string version = item.attribute("Version");
  if (version.empty()) version = item.child_text("Version");
  std::string assets = item.attribute("PrivateAssets");
  if (assets.empty()) assets = item.child_text("PrivateAssets");
  const bool build = assets == "all" || assets == "All";
  manifest.dependencies.push_back(
      {std::move(name), std::move(version), build ? DependencyScope::build : DependencyScope::runtime});
}

void take(std::string& field, const XmlElement& group, std::string_view name) {
  if (field.empty()) field = group.child_text(name);
}

}  // namespace

void parse_dotnet(std::string_view bytes, Manifest& manifest) {
  if (manifest.path.ends_with(".sln")) {  // A list of projects, each of which is a manifest; it names no dependency.
    manifest.name = stem_of(manifest.path);
    return;
  }
  const auto document = parse_xml(bytes);
  if (!document) {
    manifest.notes.push_back("it is not XML: " + document.error().message());
    return;
  }
  bool program = false;
  for (const auto& group : document->children) {
    if (group.name == "package" && document->name == "packages") {  // packages.config
      const bool tool = group.attribute("developmentDependency") == "true";
      manifest.dependencies.push_back({group.attribute("id"), group.attribute("version"),
                                       tool ? DependencyScope::build : DependencyScope::runtime});
    } else if (group.name == "ItemGroup") {
      for (const auto& item : group.children)
        if (item.name == "PackageReference" || item.name == "GlobalPackageReference" || item.name == "PackageVersion")
          add_package(item, manifest);
    } else if (group.name == "PropertyGroup") {
      take(manifest.name, group, "PackageId");
      take(manifest.name, group, "AssemblyName");
      take(manifest.description, group, "Description");
      take(manifest.version, group, "Version");
      take(manifest.licence, group, "PackageLicenseExpression");
      const std::string type = group.child_text("OutputType");
      program = program || type == "Exe" || type == "WinExe";
    } else if (group.name == "Target") {
      if (const std::string name = group.attribute("Name"); !name.empty() && !manifest.has_script(name))
        manifest.scripts.push_back({name, {}});
    }
  }
  if (manifest.name.find('$') != std::string::npos) manifest.name.clear();
  const bool project = manifest.path.ends_with("proj");
  if (manifest.name.empty() && project) manifest.name = stem_of(manifest.path);
  if (document->attribute("Sdk") == "Microsoft.NET.Sdk.Web") program = true;
  if (program && project) manifest.entry_points.push_back(manifest.name);
}

}  // namespace skein::repo
