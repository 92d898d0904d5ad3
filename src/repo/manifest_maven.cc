#include <map>
#include <ranges>
#include <string>
#include <vector>

#include "repo/import_roots.h"
#include "repo/manifest_parsers.h"
#include "repo/xml_document.h"

namespace skein::repo {
namespace {

using Properties = std::map<std::string, std::string, std::less<>>;

/// "${a.b}" by the file's own properties; one that it does not define stays as written.
std::string filled(std::string text, const Properties& properties) {
  for (std::size_t at = 0, rounds = 0; rounds < 16 && (at = text.find("${", at)) != text.npos; ++rounds) {
    const auto end = text.find('}', at);
    if (end == text.npos) break;
    const auto found = properties.find(std::string_view(text).substr(at + 2, end - at - 2));
    if (found == properties.end()) {
      at = end;
    } else {
      text.replace(at, end - at + 1, found->second);
    }
    if (text.size() > 4096) break;
  }
  return text;
}

class Pom {
 public:
  Pom(const XmlElement& project, Manifest& manifest) : project_(project), manifest_(manifest) {}

  /// `parents`: of the workspace, the nearest first.
  void read(const std::vector<XmlElement>& parents) {
    const auto* parent = project_.child("parent");
    const auto own = [&](std::string_view name) {
      std::string text = project_.child_text(name);
      return text.empty() && parent != nullptr ? parent->child_text(name) : text;
    };
    for (const auto& above : std::views::reverse(parents)) take_properties(above);
    take_properties(project_);
    properties_["project.version"] = properties_["version"] = own("version");
    properties_["project.groupId"] = own("groupId");
    properties_["project.artifactId"] = project_.child_text("artifactId");
    if (parent != nullptr) properties_["project.parent.version"] = parent->child_text("version");
    manifest_.name = project_.child_text("artifactId");
    manifest_.description = project_.child_text("description");
    manifest_.version = fill(own("version"));
    if (const auto* licences = project_.child("licenses"); licences != nullptr && !licences->children.empty())
      manifest_.licence = licences->children.front().child_text("name");
    // Filled with this pom's properties, as Maven does: a child may choose the version that its parent manages.
    for (const auto& above : std::views::reverse(parents)) take_managed(above);
    take_managed(project_);
    add_dependencies(project_, false);
    if (const auto* profiles = project_.child("profiles"))
      for (const auto& profile : profiles->children) add_dependencies(profile, true);
    if (const auto* build = project_.child("build"); build != nullptr) add_plugins(*build);
    if (const auto start = properties_.find("start-class"); start != properties_.end()) add_entry(start->second);
  }

 private:
  std::string fill(std::string text) const { return filled(std::move(text), properties_); }
  std::string name_of(const XmlElement& entry) const {
    return fill(entry.child_text("groupId")) + ":" + fill(entry.child_text("artifactId"));
  }

  void take_properties(const XmlElement& project) {
    if (const auto* properties = project.child("properties"))
      for (const auto& property : properties->children) properties_[property.name] = property.text;
  }

  void take_managed(const XmlElement& project) {
    if (const auto* managed = project.child("dependencyManagement"))
      if (const auto* list = managed->child("dependencies"))
        for (const auto& entry : list->children) managed_[name_of(entry)] = fill(entry.child_text("version"));
    if (const auto* build = project.child("build"))
      if (const auto* managed = build->child("pluginManagement"))
        if (const auto* list = managed->child("plugins"))
          for (const auto& entry : list->children)
            managed_plugins_[plugin_name(entry)] = fill(entry.child_text("version"));
  }

  std::string plugin_name(const XmlElement& plugin) const {
    std::string group = fill(plugin.child_text("groupId"));
    if (group.empty()) group = "org.apache.maven.plugins";
    return group + ":" + fill(plugin.child_text("artifactId"));
  }

  void add_dependencies(const XmlElement& owner, bool optional) {
    const auto* list = owner.child("dependencies");
    if (list == nullptr) return;
    for (const auto& entry : list->children) {
      if (entry.name != "dependency") continue;
      const std::string name = name_of(entry);
      std::string range = fill(entry.child_text("version"));
      if (const auto managed = managed_.find(name); range.empty() && managed != managed_.end()) range = managed->second;
      const std::string word = entry.child_text("scope");
      auto scope = DependencyScope::runtime;
      if (word == "test") scope = DependencyScope::development;
      if (word == "provided" || word == "system") scope = DependencyScope::build;
      if (optional || entry.child_text("optional") == "true") scope = DependencyScope::optional;
      manifest_.dependencies.push_back({name, std::move(range), scope});
    }
  }

  void add_plugins(const XmlElement& build) {
    const auto* plugins = build.child("plugins");
    if (plugins == nullptr) return;
    for (const auto& plugin : plugins->children) {
      std::string name = plugin_name(plugin);
      std::string version = fill(plugin.child_text("version"));
      if (const auto managed = managed_plugins_.find(name); version.empty() && managed != managed_plugins_.end())
        version = managed->second;
      manifest_.dependencies.push_back({std::move(name), std::move(version), DependencyScope::build});
      find_main_class(plugin);
    }
  }

  // Depth is bounded by the XML reader.
  void find_main_class(const XmlElement& element) {
    if (element.name == "mainClass") add_entry(element.text);
    for (const auto& child : element.children) find_main_class(child);
  }

  void add_entry(const std::string& name) {
    std::string text = fill(name);
    if (!text.empty()) manifest_.entry_points.push_back(std::move(text));
  }

  const XmlElement& project_;
  Manifest& manifest_;
  Properties properties_;
  std::map<std::string, std::string> managed_, managed_plugins_;  // Versions.
};

/// The parents that stand in the workspace, the nearest first: where <relativePath> says, else in the folder above. One
/// that is another project than <parent> names is none, as for Maven.
std::vector<XmlElement> parents_of(const XmlElement& project, std::string path, const ReadManifestFile& read) {
  constexpr std::size_t kMost = 16;
  std::vector<XmlElement> parents;
  const auto* parent = project.child("parent");
  while (read && parent != nullptr && parents.size() < kMost) {
    std::string where = "../pom.xml";
    if (const auto* said = parent->child("relativePath"); said != nullptr) where = said->text;
    const auto slash = path.rfind('/');
    std::string at;
    if (where.empty() || !join_in_workspace(path.substr(0, slash == path.npos ? 0 : slash), where, at)) break;
    if (!at.ends_with(".xml")) at += at.empty() ? "pom.xml" : "/pom.xml";
    const auto bytes = read(at);
    auto above = bytes ? parse_xml(*bytes) : Result<XmlElement>(fail(Code::not_found, ""));
    if (!above || above->name != "project" || above->child_text("artifactId") != parent->child_text("artifactId"))
      break;
    parents.push_back(std::move(*above));
    parent = parents.back().child("parent");
    path = std::move(at);
  }
  return parents;
}

}  // namespace

void parse_maven(std::string_view bytes, const ReadManifestFile& read, Manifest& manifest) {
  const auto document = parse_xml(bytes);
  if (!document || document->name != "project") {
    manifest.notes.push_back(document ? "its root is no <project>" : "it is not XML: " + document.error().message());
    return;
  }
  Pom(*document, manifest).read(parents_of(*document, manifest.path, read));
}

}  // namespace skein::repo
