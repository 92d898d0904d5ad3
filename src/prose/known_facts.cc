#include "prose/known_facts.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/embedded.h"
#include "prose/ci_commands.h"
#include "prose/code_words.h"
#include "prose/path_index.h"
#include "repo/extract.h"
#include "repo/glob.h"
#include "repo/languages.h"
#include "repo/project.h"

namespace skein::prose {
namespace data {
std::span<const EmbeddedFile> files();
}
namespace {

constexpr std::size_t kManifestBytes = 1 << 20;
constexpr std::size_t kFolders = 24;
constexpr std::size_t kEntries = 16;
constexpr std::size_t kCiCommands = 12;
constexpr std::size_t kScripts = 16;
constexpr std::size_t kLanguages = 8;

/// One line of Markdown code, whatever it holds.
std::string code(std::string_view text) {
  std::string line;
  for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  if (!line.contains('`')) return "`" + line + "`";
  return "`` " + line + " ``";
}

/// Words of others: one line, without what Markdown and HTML would take for marks.
std::string words(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20)
      line += ' ';
    else if (c == '<' || c == '>' || c == '`' || c == '*' || c == '[' || c == ']' || c == '\\' || c == '|')
      line += fmt::format("\\{}", c);
    else
      line += c;
    if (line.size() > 400) {
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80) line.pop_back();
      return line + "…";
    }
  }
  return line;
}

class Facts {
 public:
  Facts(const repo::Snapshot& snapshot, FileSystem& files, Executor& executor)
      : snapshot_(snapshot), files_(files), executor_(executor) {}

  std::string section(std::string_view name, std::string_view description) {
    read_manifests();
    repo::ProjectSources sources;
    sources.name = name;
    sources.description = description;
    sources.manifests = manifests_;
    for (const auto& file : snapshot_.files)
      if (!file.path.contains('/')) sources.files.push_back(file.path);
    std::ranges::sort(sources.files);
    // Not the folder and not the remote: they differ between two checkouts of one tree.
    sources.folder = "/this repository";
    for (const auto& file : snapshot_.files)
      if (!file.path.contains('/') && file.kind == repo::FileKind::text && is_readme(file.path)) {
        sources.readme_path = file.path;
        sources.readme = read(file.path);
        break;
      }
    const auto project = repo::describe_project(sources);
    std::string out = "## Facts about this repository\n\n";
    out += fmt::format("{}{}{}\n", words(project.name.text), project.description.text.empty() ? "" : ": ",
                       words(project.description.text));
    languages(out);
    commands(project, out);
    layout(out);
    entry_points(out);
    conventions(out);
    return out;
  }

 private:
  std::string read(const std::string& path) { return read_file(files_, join_path(snapshot_.root, path)).value_or(""); }

  static bool is_readme(std::string_view path) {
    return path == "README.md" || path == "README" || path == "README.rst" || path == "README.markdown" ||
           path == "readme.md";
  }

  void read_manifests() {
    for (const auto& file : snapshot_.files)
      if (file.kind == repo::FileKind::text && file.size <= kManifestBytes && !file.traits.vendored &&
          !file.traits.test && !file.path.contains('/') && repo::manifest_kind(file.path))
        manifests_.push_back(repo::parse_manifest(
            file.path, read(file.path), [&](const std::string& path) -> std::optional<std::string> {
              const auto found = std::ranges::find(snapshot_.files, path, &repo::SnapshotFile::path);
              if (found == snapshot_.files.end() || found->size > kManifestBytes) return {};
              return read(path);
            }));
  }

  const repo::Language* language_of(const repo::SnapshotFile& file) {
    if (file.kind != repo::FileKind::text || file.traits.foreign() || file.traits.huge) return nullptr;
    const auto* language = repo::builtin_languages().by_path_and_content(file.path, "");
    if (language == nullptr && !file.path.substr(file.path.rfind('/') + 1).contains('.'))
      language = repo::builtin_languages().by_path_and_content(file.path, read(file.path).substr(0, 512));
    return language;
  }

  void languages(std::string& out) {
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& file : snapshot_.files)
      if (const auto* language = language_of(file); language != nullptr && language->has_grammar()) {
        sizes[language->name()] += file.size;
        of_file_[file.path] = language->name();
      }
    std::vector<std::pair<std::uint64_t, std::string>> sorted;
    for (const auto& [language, size] : sizes) sorted.emplace_back(size, language);
    std::ranges::sort(sorted, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    if (sorted.empty()) return;
    // Named by what they are used for most, and not in shares, which every commit would change.
    std::set<std::string> shown;
    for (std::size_t i = 0; i < std::min(sorted.size(), kLanguages); ++i) shown.insert(sorted[i].second);
    out += fmt::format("\nWritten mostly in {}", sorted.front().second);
    shown.erase(sorted.front().second);
    if (!shown.empty()) out += fmt::format("; also {}", fmt::join(shown, ", "));
    out += ".\n";
  }

  void commands(const repo::Project& project, std::string& out) {
    std::string rows;
    for (const auto& command : project.commands)
      if (!command.stated)  // What jobs of CI run is too long for a row.
        rows += fmt::format("- {}: {} (usual with {})\n", command.purpose, code(command.command), code(command.source));
    for (const auto& manifest : manifests_) {
      std::string names;
      std::size_t count = 0;
      for (const auto& script : manifest.scripts)
        if (count < kScripts && manifest.kind != repo::ManifestKind::python) {  // Of Python they are what is set up.
          names += (count++ == 0 ? "" : ", ") + code(script.name);
        }
      for (const auto& service : manifest.services)
        if (count < kScripts) names += (count++ == 0 ? "" : ", ") + code(service.name);
      if (count == 0) continue;
      rows += fmt::format("- {} of {}: {}{}\n",
                          manifest.kind == repo::ManifestKind::npm       ? "scripts"
                          : manifest.kind == repo::ManifestKind::compose ? "services"
                                                                         : "targets and commands",
                          code(manifest.path), names,
                          manifest.scripts.size() + manifest.services.size() > count ? ", …" : "");
    }
    for (const auto& file : snapshot_.files) {
      const bool github =
          file.path.starts_with(".github/workflows/") && (file.path.ends_with(".yml") || file.path.ends_with(".yaml"));
      if (file.kind != repo::FileKind::text || file.size > kManifestBytes || (!github && file.path != ".gitlab-ci.yml"))
        continue;
      const auto found = ci_commands(read(file.path));
      if (found.empty()) continue;
      std::string list;
      for (std::size_t i = 0; i < std::min(found.size(), kCiCommands); ++i)
        list += (i == 0 ? "" : ", ") + code(found[i]);
      rows += fmt::format("- CI ({}) runs: {}{}\n", code(file.path), list, found.size() > kCiCommands ? ", …" : "");
    }
    if (!rows.empty()) out += "\n### Commands\n\n" + rows;
  }

  void layout(std::string& out) {
    struct Folder {
      std::map<std::string, std::uint64_t> languages;
      std::uint64_t files = 0, tests = 0, vendored = 0, prose = 0;
    };
    std::map<std::string, Folder> folders;
    for (const auto& file : snapshot_.files) {
      const auto slash = file.path.find('/');
      if (slash == std::string::npos || file.path.starts_with('.')) continue;
      auto& folder = folders[file.path.substr(0, slash)];
      ++folder.files;
      folder.tests += file.traits.test ? 1 : 0;
      folder.vendored += file.traits.vendored ? 1 : 0;
      folder.prose += file.traits.documentation ? 1 : 0;
      if (const auto at = of_file_.find(file.path); at != of_file_.end()) folder.languages[at->second] += file.size;
    }
    if (folders.empty()) return;
    out += "\n### Layout\n\n";
    std::size_t shown = 0;
    for (const auto& [name, folder] : folders) {
      if (shown++ == kFolders) {
        out += "- and more folders\n";
        break;
      }
      std::string what;
      const auto most = std::ranges::max_element(folder.languages, {}, [](const auto& each) { return each.second; });
      if (folder.vendored * 2 > folder.files)
        what = "of others, kept here";
      else if (folder.tests * 2 > folder.files)
        what = "tests";
      else if (folder.prose * 2 > folder.files)
        what = "documentation";
      if (most != folder.languages.end() && !what.starts_with("of others"))
        what += (what.empty() ? "" : ", ") + most->first;
      out += fmt::format("- {}{}{}\n", code(name + "/"), what.empty() ? "" : ": ", what);
    }
  }

  void entry_points(std::string& out) {
    std::vector<std::string> rows;
    std::set<std::string> known;
    for (const auto& manifest : manifests_)
      for (const auto& where : manifest.entry_points)
        if (known.insert(where).second) rows.push_back(fmt::format("- {} (by {})\n", code(where), code(manifest.path)));
    const WordSet wanted(std::set<std::string>{"main", "Main", "__main__"});
    const auto uses = find_words(snapshot_, wanted, files_, executor_);
    std::set<std::uint32_t> candidates;
    for (const auto& use : uses) candidates.insert(use.files.begin(), use.files.end());
    for (const auto index : candidates) {
      const auto& file = snapshot_.files[index];
      if (file.traits.test || file.traits.foreign() || known.contains(file.path)) continue;
      const auto* language = language_of(file);
      if (language == nullptr || !language->has_grammar()) continue;
      const auto facts = repo::extract(*language, read(file.path));
      if (facts && facts->entry_point) rows.push_back(fmt::format("- {} (has a main)\n", code(file.path)));
    }
    if (rows.empty()) return;
    out += "\n### Entry points\n\n";
    for (std::size_t i = 0; i < std::min(rows.size(), kEntries); ++i) out += rows[i];
    if (rows.size() > kEntries) out += "- and others\n";
  }

  void conventions(std::string& out) {
    std::string rows;
    for (const auto& embedded : data::files()) {
      if (!embedded.path.ends_with("conventions.txt")) continue;
      auto text = embedded.bytes;
      while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto tab = line.find('\t');
        if (line.starts_with('#') || tab == std::string_view::npos) continue;
        const repo::Glob glob(line.substr(0, tab), repo::Glob::Slash::separates);
        for (const auto& file : snapshot_.files)
          if (glob.matches(file.path)) rows += fmt::format("- {}: {}\n", code(file.path), line.substr(tab + 1));
      }
    }
    // Tools that are set up in a shared file.
    const std::string python = snapshot_.find("pyproject.toml") != nullptr ? read("pyproject.toml") : "";
    for (const auto& [table, what] : {std::pair{"[tool.ruff", "Ruff checks Python"},
                                      {"[tool.black", "Black lays out Python"},
                                      {"[tool.isort", "isort sorts imports"},
                                      {"[tool.mypy", "mypy checks Python's types"},
                                      {"[tool.pytest", "pytest's options"}})
      if (("\n" + python).contains(std::string("\n") + table)) rows += fmt::format("- `pyproject.toml`: {}\n", what);
    if (!rows.empty()) out += "\n### Conventions\n\n" + rows;
  }

  const repo::Snapshot& snapshot_;
  FileSystem& files_;
  Executor& executor_;
  std::vector<repo::Manifest> manifests_;
  std::map<std::string, std::string> of_file_;  // Path to its language's name.
};

}  // namespace

std::string facts_section(const repo::Snapshot& snapshot, FileSystem& files, Executor& executor, std::string_view name,
                          std::string_view description) {
  return Facts(snapshot, files, executor).section(name, description);
}

}  // namespace skein::prose
