#include "repo/lock.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/embedded.h"
#include "repo/manifest_parsers.h"
#include "repo/toml_document.h"
#include "repo/yaml_document.h"

namespace skein::repo_manifests::data {
std::span<const EmbeddedFile> files();
}

namespace skein::repo {
namespace {

using nlohmann::json;

constexpr std::size_t kShown = 3;

struct LockRule {
  std::string file, format;
  ManifestKind kind{};
};

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }  // npos + 1 is 0.
std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view{} : path.substr(0, slash);
}

const std::vector<LockRule>& rules() {
  static const std::vector<LockRule> kRules = [] {
    std::vector<LockRule> found;
    for (const EmbeddedFile& file : repo_manifests::data::files()) {
      if (!file.bytes.contains("[[lock]]")) continue;
      const auto parsed = parse_toml(file.bytes);
      SKEIN_CHECK(parsed.has_value());  // Our own data: a test loads it.
      for (const auto& entry : member(*parsed, "lock")) {
        const auto kind = parse_manifest_kind(text_member(entry, "for"));
        SKEIN_CHECK(kind.has_value());
        found.push_back({text_member(entry, "file"), text_member(entry, "format"), *kind});
      }
    }
    return found;
  }();
  return kRules;
}

const LockRule* rule_of(std::string_view path) {
  const auto found = std::ranges::find(rules(), name_of(path), &LockRule::file);
  return found == rules().end() ? nullptr : &*found;
}

/// PEP 503: letters small, runs of "-", "_" and "." one "-".
std::string normalised(std::string_view name, ManifestKind kind) {
  if (kind != ManifestKind::python && kind != ManifestKind::dotnet) return std::string(name);
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (kind == ManifestKind::python && (c == '_' || c == '.')) c = '-';
    if (kind == ManifestKind::python && c == '-' && out.ends_with('-')) continue;
    out += c;
  }
  return out;
}

class Reader {
 public:
  Reader(Lock& lock, std::string_view bytes) : lock_(lock), bytes_(bytes) {}

  void read(std::string_view format) {
    if (format == "npm") {
      npm();
    } else if (format == "yarn") {
      yarn();
    } else if (format == "pnpm") {
      pnpm();
    } else if (format == "packages") {
      packages();
    } else if (format == "pipfile") {
      pipfile();
    } else if (format == "bundler") {
      bundler();
    } else if (format == "composer") {
      composer();
    } else if (format == "gradle") {
      gradle();
    } else if (format == "nuget") {
      nuget();
    }
  }

 private:
  void add(std::string key, std::string version) {
    if (key.empty() || version.empty()) return;
    auto& list = lock_.versions[std::move(key)];
    if (std::ranges::find(list, version) == list.end()) list.push_back(std::move(version));
  }
  void add_name(std::string_view name, std::string version) { add(normalised(name, lock_.kind), std::move(version)); }
  /// What only the manifest of this folder (below the lock's own) takes.
  void add_for(std::string_view folder, std::string_view name, std::string version) {
    add(std::string(folder) + "\n" + std::string(name), std::move(version));
  }

  json object() {
    auto document = json::parse(bytes_, nullptr, false);
    if (!document.is_object()) lock_.notes.emplace_back("it is not a JSON object");
    return document;
  }

  void npm() {
    const json document = object();
    constexpr std::string_view kModules = "node_modules/";
    if (const auto& all = member(document, "packages"); all.is_object()) {
      for (const auto& [key, entry] : all.items()) {
        const auto at = key.find(kModules);
        if (at == key.npos) continue;
        const auto name = std::string_view(key).substr(at + kModules.size());
        if (name.find(kModules) != name.npos) continue;  // A dependency's own copy.
        std::string version = text_member(entry, "version");
        if (at == 0)
          add_name(name, std::move(version));
        else
          add_for(std::string_view(key).substr(0, at - 1), name, std::move(version));
      }
    } else if (const auto& old = member(document, "dependencies"); old.is_object()) {
      for (const auto& [name, entry] : old.items()) add_name(name, text_member(entry, "version"));
    }
  }

  // "a@^1, a@^1.2:", with quotes where there are special characters; then "  version "1.2.3"" or "  version: 1.2.3".
  void yarn() {
    std::vector<std::pair<std::string, std::string>> asked;
    while (!bytes_.empty()) {
      const auto line = take_line(bytes_);
      if (line.empty() || line.front() == '#') continue;
      if (line.front() != ' ') {
        asked.clear();
        std::string text;
        for (const char c : line)
          if (c != '"') text += c;
        for (std::string_view rest = text; !rest.empty();) {
          auto one = trimmed(rest.substr(0, rest.find(',')));
          rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
          if (one.ends_with(':')) one.remove_suffix(1);
          const auto at = one.find('@', 1);
          if (one.size() < 2 || at == one.npos) continue;
          auto range = one.substr(at + 1);
          if (range.starts_with("npm:")) range.remove_prefix(4);
          asked.emplace_back(one.substr(0, at), range);
        }
      } else if (const auto inner = trimmed(line); line.starts_with("  version") && inner.size() > 8) {
        auto version = trimmed(inner.substr(8));
        if (version.starts_with('"') && version.ends_with('"') && version.size() >= 2)
          version = version.substr(1, version.size() - 2);
        if (version.ends_with("-use.local")) continue;  // A package of the repository itself.
        for (const auto& [name, range] : asked) {
          add_name(name, std::string(version));
          add(name + "@" + range, std::string(version));
        }
      }
    }
  }

  void pnpm_list(const json& owner, const std::string& folder) {
    for (const char* key : {"dependencies", "devDependencies", "optionalDependencies"}) {
      const auto& list = member(owner, key);
      if (!list.is_object()) continue;
      for (const auto& [name, entry] : list.items()) {
        std::string version = entry.is_string() ? entry.get<std::string>() : text_member(entry, "version");
        version.resize(std::min(version.find_first_of("(_"), version.size()));
        if (version.starts_with("link:")) continue;
        if (folder == ".")
          add_name(name, std::move(version));
        else
          add_for(folder, name, std::move(version));
      }
    }
  }

  void pnpm() {
    const auto document = parse_yaml(bytes_);
    if (!document) {
      lock_.notes.push_back("it is not YAML: " + document.error().message());
      return;
    }
    pnpm_list(*document, ".");
    if (const auto& importers = member(*document, "importers"); importers.is_object())
      for (const auto& [folder, importer] : importers.items()) pnpm_list(importer, folder);
  }

  void packages() {
    const auto document = parse_toml(bytes_);
    if (!document) {
      lock_.notes.push_back("it is not TOML: " + document.error().message());
      return;
    }
    for (const auto& entry : member(*document, "package"))
      add_name(text_member(entry, "name"), text_member(entry, "version"));
  }

  void pipfile() {
    const json document = object();
    for (const char* key : {"default", "develop"}) {
      const auto& list = member(document, key);
      if (!list.is_object()) continue;
      for (const auto& [name, entry] : list.items()) {
        std::string version = text_member(entry, "version");
        if (version.starts_with("==")) version.erase(0, 2);
        add_name(name, std::move(version));
      }
    }
  }

  // "    name (1.2.3)" below "  specs:"; what these ask for themselves is indented deeper.
  void bundler() {
    bool specs = false;
    while (!bytes_.empty()) {
      const auto line = take_line(bytes_);
      if (line.empty() || line.front() != ' ') specs = false;
      if (trimmed(line) == "specs:") specs = true;
      if (!specs || !line.starts_with("    ") || line.starts_with("     ")) continue;
      const auto text = trimmed(line);
      const auto open = text.find(" (");
      if (open == text.npos || !text.ends_with(')')) continue;
      auto version = text.substr(open + 2, text.size() - open - 3);
      add_name(text.substr(0, open), std::string(version.substr(0, version.find('-'))));  // "1.2-x86_64-linux"
    }
  }

  void composer() {
    const json document = object();
    for (const char* key : {"packages", "packages-dev"})
      for (const auto& entry : member(document, key))
        add_name(text_member(entry, "name"), text_member(entry, "version"));
  }

  // "group:name:version=configurations"
  void gradle() {
    while (!bytes_.empty()) {
      const auto line = take_line(bytes_);
      const auto text = line.substr(0, line.find('='));
      const auto colon = text.rfind(':');
      if (line.starts_with('#') || colon == text.npos || text.find(':') == colon) continue;
      add_name(text.substr(0, colon), std::string(text.substr(colon + 1)));
    }
  }

  void nuget() {
    const json document = object();
    for (const auto& framework : member(document, "dependencies"))
      if (framework.is_object())
        for (const auto& [name, entry] : framework.items()) add_name(name, text_member(entry, "resolved"));
  }

  Lock& lock_;
  std::string_view bytes_;
};

}  // namespace

std::optional<ManifestKind> lock_kind(std::string_view path) {
  const auto* rule = rule_of(path);
  return rule == nullptr ? std::nullopt : std::optional(rule->kind);
}

Lock parse_lock(std::string_view path, std::string_view bytes) {
  const auto* rule = rule_of(path);
  SKEIN_CHECK(rule != nullptr);
  Lock lock;
  lock.path = path;
  lock.kind = rule->kind;
  Reader(lock, bytes).read(rule->format);
  return lock;
}

std::string locked_version(const Lock& lock, std::string_view manifest_path, const Dependency& dependency) {
  const auto folder = folder_of(manifest_path);
  const auto above = folder_of(lock.path);
  const auto below = folder.substr(std::min(above.empty() ? 0 : above.size() + 1, folder.size()));
  auto found = lock.versions.end();
  if (!below.empty()) found = lock.versions.find(std::string(below) + "\n" + dependency.name);
  if (found == lock.versions.end()) found = lock.versions.find(dependency.name + "@" + dependency.range);
  if (found == lock.versions.end()) found = lock.versions.find(normalised(dependency.name, lock.kind));
  if (found == lock.versions.end()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(found->second.size(), kShown); ++i)
    text.append(i == 0 ? "" : ", ").append(found->second[i]);
  if (found->second.size() > kShown) text += ", …";
  return text;
}

}  // namespace skein::repo
