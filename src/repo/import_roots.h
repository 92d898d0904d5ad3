// What the files of a workspace say about where full names of imports lead: go.mod's module, composer.json's PSR-4
// prefixes, names and exports of package.json, paths of tsconfig.json, crates of Cargo.toml, root namespaces of C#'s
// projects. Read as data, never run.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace skein::repo {

class ImportRoots {
 public:
  /// A name as imports begin with, and the folder or file in the workspace that it stands for.
  struct Root {
    std::string name;
    std::string path;
  };
  /// tsconfig's "paths": "@app/*" to "src/app/*"; each may hold one "*".
  struct Alias {
    std::string pattern;
    std::vector<std::string> targets;  ///< From the workspace's root.
  };
  /// One tsconfig.json or jsconfig.json: holds for files below its folder that no nearer one is for.
  struct TypeScript {
    std::string folder;
    std::vector<Alias> aliases;          ///< As listed.
    std::string base;                    ///< Where other full names are looked for,
    bool has_base = false;               ///< if it says so.
    std::string file{};                  ///< Its own path,
    std::vector<std::string> extends{};  ///< and what it extends, as written.
  };
  /// A package.json with a name.
  struct Package {
    std::string name;
    std::string folder;
    std::vector<Root> exports;  ///< "." and "./sub" to files from the workspace's root; a "*" stays.
  };

  /// True for a file that `add` reads, by its name.
  [[nodiscard]] static bool is_source(std::string_view path);
  /// Takes in one such file; one that cannot be read says nothing. REQUIRES is_source(path).
  void add(std::string_view path, std::string_view bytes);

  [[nodiscard]] const std::vector<Root>& go_modules() const { return go_; }
  [[nodiscard]] const std::vector<Root>& psr4() const { return psr4_; }
  /// Rust: names of crates and the files of their libraries.
  [[nodiscard]] const std::vector<Root>& crates() const { return crates_; }
  /// C#: root namespaces of projects and their folders.
  [[nodiscard]] const std::vector<Root>& projects() const { return projects_; }
  [[nodiscard]] const std::vector<TypeScript>& typescript() const { return typescript_; }
  [[nodiscard]] const std::vector<Package>& packages() const { return packages_; }

  /// After the last `add`: a tsconfig that says nothing itself takes what the one that it extends says. Only files that
  /// were taken in are found, by their path or in a package of the workspace.
  void follow_extends();

  /// Of all that was taken in, in that order: a part of the keys of what it shaped.
  [[nodiscard]] Digest digest() const;

  static constexpr std::size_t kMaxBytes = 1 << 20;

 private:
  void add_go(std::string_view folder, std::string_view bytes);
  void add_composer(std::string_view folder, std::string_view bytes);
  void add_package(std::string_view folder, std::string_view bytes);
  void add_typescript(std::string_view file, std::string_view bytes);
  void add_crate(std::string_view folder, std::string_view bytes);
  void add_project(std::string_view path, std::string_view bytes);
  [[nodiscard]] std::string extended_file(const TypeScript& config, const std::string& name) const;

  std::vector<Root> go_, psr4_, crates_, projects_;
  std::vector<TypeScript> typescript_;
  std::vector<Package> packages_;
};

struct Snapshot;
/// Of all files of `snapshot` that say something about it but vendored ones; `read` gives a file's bytes by its path,
/// and one that it cannot read says nothing.
[[nodiscard]] ImportRoots import_roots(const Snapshot& snapshot,
                                       const std::function<Result<std::string>(const std::string&)>& read);

/// `folder` + "/" + `path` with "." and ".." taken out; false where it leaves the workspace.
[[nodiscard]] bool join_in_workspace(std::string_view folder, std::string_view path, std::string& out);

}  // namespace skein::repo
