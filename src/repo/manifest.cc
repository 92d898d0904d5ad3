#include "repo/manifest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/embedded.h"
#include "repo/ignore.h"
#include "repo/manifest_parsers.h"
#include "repo/toml_document.h"

namespace skein::repo_manifests::data {
std::span<const EmbeddedFile> files();
}

namespace skein::repo {
namespace {

constexpr std::size_t kKinds = kManifestKinds;

struct KindRules {
  IgnoreRules files;
  std::vector<std::string> patterns;  ///< What `files` is made of.
  std::vector<KnownCommand> commands;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::array<KindRules, kKinds> load() {
  std::array<KindRules, kKinds> kinds;
  for (const EmbeddedFile& file : repo_manifests::data::files()) {
    if (!file.bytes.contains("[[kind]]")) continue;
    const auto parsed = parse_toml(file.bytes);
    SKEIN_CHECK(parsed.has_value());  // Our own data: a test loads it.
    for (const auto& entry : member(*parsed, "kind")) {
      for (std::size_t i = 0; i < kKinds; ++i) {
        if (text_member(entry, "id") != to_string(static_cast<ManifestKind>(i))) continue;
        std::string patterns;
        for (const auto& name : member(entry, "files"))
          patterns += kinds[i].patterns.emplace_back(name.get<std::string>()) + "\n";
        kinds[i].files = IgnoreRules::parse(patterns);
        for (const auto& command : member(entry, "commands")) {
          auto& known = kinds[i].commands.emplace_back(KnownCommand{text_member(command, "purpose"),
                                                                    text_member(command, "script"),
                                                                    text_member(command, "command"),
                                                                    text_member(command, "file"),
                                                                    {}});
          const auto& without = member(command, "no_file");
          if (without.is_string()) known.no_files.push_back(without.get<std::string>());
          if (without.is_array())
            for (const auto& name : without) known.no_files.push_back(name.get<std::string>());
        }
      }
    }
  }
  return kinds;
}

const std::array<KindRules, kKinds>& kinds() {
  static const std::array<KindRules, kKinds> kRules = load();
  return kRules;
}

constexpr std::size_t kEnd = 3;

/// The last bytes of each pattern's names, and the first ones of those that end in anything ("dockerfile.*").
struct Ends {
  std::vector<std::string> last, first;
};

const Ends& ends() {
  static const Ends kEnds = [] {
    Ends ends;
    for (const auto& kind : kinds())
      for (const auto& pattern : kind.patterns) {
        const bool open = pattern.ends_with('*');
        auto& side = open ? ends.first : ends.last;
        side.push_back(open ? pattern.substr(0, kEnd)
                            : pattern.substr(pattern.size() - std::min(pattern.size(), kEnd)));
        SKEIN_CHECK(side.back().find_first_of("*?[/") == std::string::npos && side.back().size() == kEnd);
      }
    for (auto* side : {&ends.last, &ends.first}) {
      std::ranges::sort(*side);
      side->erase(std::ranges::unique(*side).begin(), side->end());
    }
    return ends;
  }();
  return kEnds;
}

/// False where the ends of the file's name alone tell that no rule matches, as of most files of a large tree.
bool may_match(std::string_view path) {
  if (path.size() < kEnd) return false;
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  return std::ranges::binary_search(ends().last, lower(path.substr(path.size() - kEnd))) ||
         std::ranges::binary_search(ends().first, lower(name.substr(0, kEnd)));
}

}  // namespace

std::string_view to_string(ManifestKind kind) {
  switch (kind) {
    case ManifestKind::npm:
      return "npm";
    case ManifestKind::python:
      return "python";
    case ManifestKind::cargo:
      return "cargo";
    case ManifestKind::go:
      return "go";
    case ManifestKind::maven:
      return "maven";
    case ManifestKind::gradle:
      return "gradle";
    case ManifestKind::ruby:
      return "ruby";
    case ManifestKind::composer:
      return "composer";
    case ManifestKind::dotnet:
      return "dotnet";
    case ManifestKind::cmake:
      return "cmake";
    case ManifestKind::make:
      return "make";
    case ManifestKind::rake:
      return "rake";
    case ManifestKind::docker:
      return "docker";
    case ManifestKind::compose:
      return "compose";
    case ManifestKind::github:
      return "github";
    case ManifestKind::gitlab:
      return "gitlab";
  }
  return "";
}

std::optional<ManifestKind> parse_manifest_kind(std::string_view name) {
  for (std::size_t i = 0; i < kKinds; ++i)
    if (const auto kind = static_cast<ManifestKind>(i); to_string(kind) == name) return kind;
  return std::nullopt;
}

std::string_view to_string(DependencyScope scope) {
  switch (scope) {
    case DependencyScope::runtime:
      return "runtime";
    case DependencyScope::development:
      return "development";
    case DependencyScope::build:
      return "build";
    case DependencyScope::optional:
      return "optional";
    case DependencyScope::peer:
      return "peer";
    case DependencyScope::indirect:
      return "indirect";
    case DependencyScope::image:
      return "image";
  }
  return "";
}

bool Manifest::has_script(std::string_view script) const {
  return std::any_of(scripts.begin(), scripts.end(), [&](const Script& entry) { return entry.name == script; });
}

std::optional<ManifestKind> manifest_kind(std::string_view path) {
  if (!may_match(path)) return std::nullopt;
  const std::string name = lower(path);
  for (std::size_t i = 0; i < kKinds; ++i)
    if (kinds()[i].files.match(name, false) == Verdict::ignored) return static_cast<ManifestKind>(i);
  return std::nullopt;
}

const std::vector<KnownCommand>& known_commands(ManifestKind kind) {
  return kinds()[static_cast<std::size_t>(kind)].commands;
}

Manifest parse_manifest(std::string_view path, std::string_view bytes, const ReadManifestFile& read) {
  Manifest manifest;
  manifest.path = path;
  const auto kind = manifest_kind(path);
  SKEIN_CHECK(kind.has_value());
  manifest.kind = *kind;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  switch (*kind) {
    case ManifestKind::npm:
      parse_npm(bytes, manifest);
      break;
    case ManifestKind::python:
      if (name == "pyproject.toml")
        parse_pyproject(bytes, manifest);
      else if (name == "setup.cfg")
        parse_setup_cfg(bytes, manifest);
      else
        parse_requirements(bytes, manifest);
      break;
    case ManifestKind::cargo:
      parse_cargo(bytes, manifest);
      break;
    case ManifestKind::go:
      parse_go_mod(bytes, manifest);
      break;
    case ManifestKind::cmake:
      parse_cmake(bytes, manifest);
      break;
    case ManifestKind::make:
      parse_makefile(bytes, manifest);
      break;
    case ManifestKind::docker:
      parse_dockerfile(bytes, manifest);
      break;
    case ManifestKind::maven:
      parse_maven(bytes, read, manifest);
      break;
    case ManifestKind::gradle:
      parse_gradle(bytes, manifest);
      break;
    case ManifestKind::ruby:
      parse_ruby(bytes, manifest);
      break;
    case ManifestKind::composer:
      parse_composer(bytes, manifest);
      break;
    case ManifestKind::dotnet:
      parse_dotnet(bytes, manifest);
      break;
    case ManifestKind::rake:
      parse_rakefile(bytes, manifest);
      break;
    case ManifestKind::compose:
      parse_compose(bytes, manifest);
      break;
    case ManifestKind::github:
      parse_github(bytes, manifest);
      break;
    case ManifestKind::gitlab:
      parse_gitlab(bytes, read, manifest);
      break;
  }
  return manifest;
}

const nlohmann::json& member(const nlohmann::json& object, const char* key) {
  static const nlohmann::json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(key);
  return found == object.end() ? kNull : *found;
}

nlohmann::json json_manifest(std::string_view bytes, Manifest& manifest) {
  auto document = nlohmann::json::parse(bytes, nullptr, false);
  if (!document.is_object()) {
    manifest.notes.push_back("it is not a JSON object");
    return nullptr;
  }
  manifest.name = text_member(document, "name");
  manifest.description = text_member(document, "description");
  manifest.version = text_member(document, "version");
  return document;
}

void take_ranges(const nlohmann::json& list, DependencyScope scope, Manifest& manifest) {
  if (!list.is_object()) return;
  for (const auto& [name, range] : list.items())
    manifest.dependencies.push_back({name, range.is_string() ? range.get<std::string>() : "", scope});
}

std::string text_member(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kWhite);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t newline = text.find('\n');
  std::string_view line = text.substr(0, newline);
  text = newline == text.npos ? std::string_view{} : text.substr(newline + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace skein::repo
