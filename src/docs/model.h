// The typed page models of a documentation site: all that a page shows, and nothing that it does not. Planning fills
// them; html.h, markdown.h and site_index.h turn them into bytes. A rendering is a pure function of its model: the
// same model gives the same bytes on every machine.
//
// Paths are workspace paths: "/"-separated bytes without a leading "/", in any encoding; "" is the workspace's root.
// Texts (names, docs, signatures, READMEs) come from the repository and are not trusted: the renderings escape them.
// Lists are shown in the order given; give them in a deterministic one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "repo/facts.h"

namespace skein::docs {

/// MAJOR.MINOR of the renderings: part of the key of each page, raised when any golden page changes.
inline constexpr std::string_view kRenderingVersion = "1.5";

/// What all pages of a site share. A change of it renders every page again: keep it small.
struct SiteContext {
  std::string project;                       ///< The project's name.
  std::string theme;                         ///< `theme_version()`; "" leaves it out of the pages.
  std::string rendering{kRenderingVersion};  ///< Named in the pages' generator tag.
};

/// A sentence about the repository with its source, so that a reader can tell what is stated from what is guessed.
struct Statement {
  std::string text;       ///< Plain text; empty: nothing is known.
  bool inferred = false;  ///< Nobody wrote it; skein concluded it.
  std::string from;       ///< Stated: path of the file that says so. Inferred: from what, e.g. "names", "its files".

  [[nodiscard]] bool empty() const { return text.empty(); }
};

/// A path with a page of its own, or without one.
struct PathRef {
  std::string path;
  bool folder = false;
  bool page = true;  ///< Has a page: shown as a link.

  auto operator<=>(const PathRef&) const = default;
};

/// A README, shown as Markdown without raw HTML and without images.
struct Readme {
  std::string path;      ///< Links in it are relative to its folder.
  std::string markdown;  ///< Empty: there is none. Shown up to `kReadmeBytes`.
  std::vector<PathRef>
      targets;  ///< Of `readme_links` (links.h), those that exist, sorted by path. Others lose their link.

  static constexpr std::size_t kReadmeBytes = 64 * 1024;
};

struct Counts {
  std::uint64_t folders = 0;  ///< Below the subject, at any depth; so with the others.
  std::uint64_t files = 0;
  std::uint64_t lines = 0;  ///< Of text files.
  std::uint64_t bytes = 0;
  std::uint64_t symbols = 0;  ///< 0 where nothing was parsed.
};

struct LanguageCount {
  std::string name;  ///< As people write it: "Python".
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
};

/// A row for a folder.
struct ModuleEntry {
  std::string path;
  Statement purpose;
  Counts counts;
};

/// A row for a file.
struct FileEntry {
  std::string path;
  std::string language;  ///< As people write it; empty: none known.
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t symbols = 0;
  std::string summary;  ///< First line of its doc, or empty.
  std::string mark;     ///< Why it is not like others: "binary", "generated", "vendored", "minified"; or empty.
  bool page = true;
  /// Names of its symbols that other files use, most used first: inferred (symbol_users.h). In JSON only.
  struct UsedName {
    std::string name;
    std::uint64_t files = 0;
  };
  std::vector<UsedName> used_names{};
  static constexpr std::size_t kUsedNames = 20;
};

struct EntryPoint {
  PathRef target;
  Statement what;      ///< "script `skein` of package.json", "has a main function".
  bool starts = true;  ///< A program starts there; else a tool or a compiler loads it.
};

/// How to do something with the project, as found.
struct Command {
  std::string purpose;  ///< "build", "test", "run", "install", "lint", …
  std::string command;  ///< "make test".
  Statement why;        ///< What it was found in; inferred where nothing states the command itself.
};

struct Dependency {
  std::string name;
  std::string requirement;  ///< ">= 2.0", or empty.
  std::string kind;         ///< "runtime", "development", "build", …; or empty.
  std::string from;         ///< Path of the manifest.
  std::string locked{};     ///< The version that a lock file holds; empty: none does.
};

struct ReadingStep {
  PathRef target;
  std::string why;  ///< "used by 34 modules".
};

/// `from` uses `to`.
struct ModuleTie {
  PathRef from, to;
  std::uint64_t imports = 0;
};

/// What the pages leave out, and why.
struct LeftOut {
  std::string what;  ///< "vendored files".
  std::string why;   ///< "a folder named node_modules".
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> examples;  ///< A few paths.
};

/// The first page.
struct Overview {
  Statement tagline;  ///< One line: what the project is.
  Readme readme;
  Counts totals;
  std::vector<LanguageCount> languages;  ///< Most lines first.
  std::vector<ModuleEntry> modules;      ///< The top-level folders.
  std::vector<FileEntry> root_files;     ///< Files in the root that a reader wants: README, manifests.
  std::vector<EntryPoint> entry_points;
  std::vector<Command> commands;
  std::vector<Dependency> dependencies;
  std::vector<ReadingStep> reading_order;  ///< Most used first.
  std::vector<ReadingStep> hot_spots;      ///< Changed most often and most complicated first.
  std::string picture;                     ///< HTML of picture.h: which folder uses which.
  std::vector<ModuleTie> ties;             ///< The same for Markdown and JSON.
  std::uint64_t all_entry_points = 0;      ///< Where `entry_points` was cut: how many there are.
  std::uint64_t all_dependencies = 0;      ///< Likewise.
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;    ///< Plain sentences: "this is a shallow clone".
  std::vector<std::string> missing;  ///< Sections that are still being made: then there are no other pages yet, and
                                     ///< nothing is a link to one.
  [[nodiscard]] bool is_first() const { return !missing.empty(); }
};

/// Another module, and how much of it is used.
struct ModuleUse {
  std::string path;
  std::uint64_t imports = 0;  ///< Imports counted; 0: not counted.
  bool page = true;           ///< Has a page: shown as a link.
};

/// A folder. The root has a page too (path ""). `uses` and `used_by` are of all below it.
struct ModulePage {
  std::string path;
  Statement purpose;
  Readme readme;
  Counts counts;
  std::vector<ModuleEntry> modules;  ///< Direct children.
  std::vector<FileEntry> files;      ///< Direct children.
  std::vector<ModuleUse> uses;
  std::vector<ModuleUse> used_by;
  std::vector<std::string> external;  ///< Packages from outside the workspace that its files import.
  std::string inside, around;         ///< HTML of picture.h; empty: none.
  std::vector<std::string> notes;
};

/// An import of a file, resolved.
struct ImportLink {
  std::string target;              ///< As written.
  std::vector<std::string> names;  ///< What is taken from it; empty: all of it.
  std::uint32_t line = 0;
  bool external = false;  ///< From outside the workspace (a package, the standard library).
  PathRef resolved;       ///< Where it leads in the workspace; empty path: nowhere known.
};

/// Who uses a symbol of a file: inferred (symbol_users.h).
struct SymbolUse {
  std::uint32_t symbol = 0;    ///< Index in the file's facts.
  std::uint64_t total = 0;     ///< Files that use it, >= 1.
  std::vector<PathRef> files;  ///< Some of them.
};

/// A file.
struct FilePage {
  std::string path;
  std::string language;  ///< As people write it; empty: none known.
  std::uint64_t bytes = 0;
  repo::FileFacts facts;  ///< `facts.imports` is not read: `imports` is.
  std::vector<ImportLink> imports;
  std::vector<PathRef> used_by;
  std::uint64_t used_by_total = 0;     ///< Where `used_by` was cut: how many there are.
  std::vector<SymbolUse> symbol_uses;  ///< By symbol; those without users are left out.
  std::vector<std::string> notes;      ///< "binary", "generated by protoc": plain sentences.
};

}  // namespace skein::docs
