#include "repo/resolve.h"

#include <algorithm>

#include "repo/language_spec.h"

namespace skein::repo {
namespace {

std::string_view name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}
std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

/// `folder` + "/" + `path` with "." and ".." taken out; nothing where it leaves the workspace.
std::optional<std::string> join(std::string_view folder, std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::string_view rest : {folder, path}) {
    while (!rest.empty()) {
      const auto end = std::min(rest.find('/'), rest.size());
      const auto part = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return std::nullopt;
      } else {
        parts.pop_back();
      }
    }
  }
  std::string out;
  for (const auto part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

/// How many leading folders two paths share.
std::size_t shared_folders(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; ++i) shared += a[i] == '/';
  return shared;
}

class Resolver {
 public:
  Resolver(const LanguageSpec::Resolve& rules, std::string_view from, const PathIndex& paths)
      : rules_(rules), from_(from), paths_(paths) {}

  std::vector<std::string> resolve(const Import& import) {
    if (import.target.empty() || import.target.size() > 4096) return {};
    if (rules_.rule == "dotted") {
      dotted(import);
    } else if (rules_.rule == "include") {
      include(import);
    } else if (rules_.rule == "relative") {
      relative(import);
    } else if (rules_.rule == "rust") {
      rust(import);
    } else if (rules_.rule == "namespace") {
      name_space(import.target, '.', 2);
    } else if (rules_.rule == "ruby") {
      below_roots(import);
    } else if (rules_.rule == "php") {
      if (import.relative) {
        below_roots(import);
      } else if (!by_psr4(import.target)) {
        name_space(import.target, '\\', 1);
      }
    } else if (rules_.rule == "shell") {
      below_roots(import);
    } else if (rules_.rule == "go") {
      go(import.target);
    } else if (rules_.rule == "projects") {
      projects(import.target);
    }
    std::ranges::sort(found_);
    found_.erase(std::ranges::unique(found_).begin(), found_.end());
    return std::move(found_);
  }

 private:
  bool add(std::string_view path) {
    if (path != from_) found_.emplace_back(path);
    return true;
  }

  /// The file of the module `path` (without extension): the file itself, or the one that stands for its folder.
  std::optional<std::string> module_file(const std::string& path) const {
    for (const auto& extension : rules_.extensions) {
      std::string file = path + "." + extension;
      if (!path.empty() && paths_.contains(file)) return file;
    }
    for (const auto& index : rules_.index) {
      for (const auto& extension : rules_.extensions) {
        std::string file = (path.empty() ? "" : path + "/") + index + "." + extension;
        if (paths_.contains(file)) return file;
      }
    }
    return std::nullopt;
  }

  // --- "a.b.c", "..a": Python.

  void dotted(const Import& import) {
    const std::string_view target = import.target;
    const auto dots = std::min(target.find_first_not_of('.'), target.size());
    std::string path(target.substr(dots));
    std::erase(path, ' ');
    std::ranges::replace(path, '.', '/');
    if (dots > 0) {
      std::string_view base = folder_of(from_);
      for (std::size_t i = 1; i < dots; ++i) {
        if (base.empty()) return;
        base = folder_of(base);
      }
      const auto whole = join(base, path);
      if (whole) add_module(*whole, import.names);
      return;
    }
    if (path.empty()) return;
    for (const auto& root : rules_.roots) {
      const std::string whole = root.empty() ? path : root + "/" + path;
      if (exists(whole)) return add_module(whole, import.names);
    }
    // A root of its own: the nearest folder above the importing file, itself no package, from which the name leads on.
    for (std::string_view base = folder_of(from_); !base.empty(); base = folder_of(base)) {
      if (is_package(base)) continue;
      const std::string whole = std::string(base) + "/" + path;
      if (exists(whole)) return add_module(whole, import.names);
    }
    by_suffix(path, import.names);
  }

  bool is_package(std::string_view folder) const {
    return std::ranges::any_of(rules_.index, [&](const auto& index) {
      return std::ranges::any_of(rules_.extensions, [&](const auto& extension) {
        return paths_.contains(std::string(folder) + "/" + index + "." + extension);
      });
    });
  }

  bool exists(const std::string& module) const { return module_file(module) || paths_.contains_folder(module); }

  void add_module(const std::string& module, const std::vector<std::string>& names) {
    const auto file = module_file(module);
    bool all_are_modules = !names.empty();
    for (const auto& name : names) {
      const auto inner = module_file(module + "/" + name);
      if (inner) add(*inner);
      all_are_modules = all_are_modules && inner;
    }
    // Of `from package import module` the package's own file says nothing.
    if (file && !(all_are_modules && name_of(*file).starts_with(rules_.index.empty() ? "" : rules_.index[0])))
      add(*file);
  }

  /// A full name below a root that nobody told us ("services/api/" + "app/db.py"): the one nearest to the importing
  /// file. Names of one part are too common for that.
  void by_suffix(const std::string& path, const std::vector<std::string>& names) {
    if (!path.contains('/')) return;
    std::vector<std::string> endings;
    for (const auto& extension : rules_.extensions) {
      endings.push_back(path + "." + extension);
      for (const auto& index : rules_.index) endings.push_back(path + "/" + index + "." + extension);
    }
    const auto best = nearest(endings);
    if (!best) return;
    std::string module = best->substr(0, best->rfind('.'));
    for (const auto& index : rules_.index) {
      if (module.ends_with("/" + index)) module.resize(module.size() - index.size() - 1);
    }
    add_module(module, names);
  }

  /// Of all paths with one of these endings the one that shares most folders with the importing file; then the
  /// shortest, then the first.
  std::optional<std::string> nearest(const std::vector<std::string>& endings) const {
    std::optional<std::string> best;
    std::size_t best_shared = 0;
    for (const auto& ending : endings) {
      paths_.ending_in(ending, [&](std::string_view path) {
        const std::size_t shared = shared_folders(path, from_);
        if (!best || shared > best_shared || (shared == best_shared && path.size() < best->size())) {
          best = path;
          best_shared = shared;
        }
        return true;
      });
    }
    return best;
  }

  // --- "a/b.h", <a/b.h>: C.

  void include(const Import& import) {
    const std::string_view target = import.target;
    if (target.starts_with('/')) return;
    if (const auto beside = join(folder_of(from_), target); import.relative && beside && paths_.contains(*beside)) {
      add(*beside);
      return;
    }
    const auto plain = join("", target);
    if (!plain || plain->empty()) return;
    for (const auto& root : rules_.roots) {
      const std::string whole = root.empty() ? *plain : root + "/" + *plain;
      if (paths_.contains(whole)) {
        add(whole);
        return;
      }
    }
    // A system header without a folder is not ours because some file of that name is deep in the tree.
    if (!import.relative && !plain->contains('/')) {
      for (std::string_view base = folder_of(from_); !base.empty(); base = folder_of(base)) {
        const std::string whole = std::string(base) + "/" + *plain;
        if (base != folder_of(from_) && paths_.contains(whole)) {
          add(whole);
          return;
        }
        if (const std::string in_include = std::string(base) + "/include/" + *plain; paths_.contains(in_include)) {
          add(in_include);
          return;
        }
      }
      return;
    }
    if (const auto best = nearest({*plain})) add(*best);
  }

  // --- "./a", "../b.js", "pkg": JavaScript.

  void relative(const Import& import) {
    const std::string_view whole_target = import.target;
    const std::string_view target = whole_target.substr(0, whole_target.find('?'));
    if (target == "." || target == ".." || target.starts_with("./") || target.starts_with("../")) {
      if (const auto whole = join(folder_of(from_), target)) add_relative(*whole);
      return;
    }
    if (by_aliases(target) || by_packages(target)) return;
    // "@/x" and "~/x" are the usual names of the source root.
    if (target.starts_with("@/") || target.starts_with("~/")) {
      for (const auto& root : rules_.roots) {
        const auto whole = join(root, target.substr(2));
        if (whole && add_relative(*whole)) return;
      }
    }
  }

  /// tsconfig's "paths" and "baseUrl": of the nearest folder above that has some.
  bool by_aliases(std::string_view target) {
    const ImportRoots::TypeScript* config = nullptr;
    for (const auto& one : paths_.roots().typescript()) {
      if (!one.has_base && one.aliases.empty()) continue;
      const bool above = one.folder.empty() || from_.starts_with(one.folder + "/");
      if (above && (config == nullptr || one.folder.size() > config->folder.size())) config = &one;
    }
    if (config == nullptr) return false;
    for (const auto& alias : config->aliases) {
      const auto star = std::min(alias.pattern.find('*'), alias.pattern.size());
      const std::string_view start = std::string_view(alias.pattern).substr(0, star);
      const std::string_view end = std::string_view(alias.pattern).substr(std::min(star + 1, alias.pattern.size()));
      const bool has_star = star < alias.pattern.size();
      if (has_star ? target.size() < start.size() + end.size() || !target.starts_with(start) || !target.ends_with(end)
                   : target != alias.pattern)
        continue;
      const std::string_view middle =
          has_star ? target.substr(start.size(), target.size() - start.size() - end.size()) : std::string_view();
      for (std::string path : alias.targets) {
        if (const auto at = path.find('*'); at != path.npos) path.replace(at, 1, middle);
        const auto whole = join("", path);
        if (whole && add_relative(*whole)) return true;
      }
    }
    if (!config->has_base) return false;
    const auto whole = join(config->base, target);
    return whole && add_relative(*whole);
  }

  /// A package of the same workspace: "@scope/name", "name/sub".
  bool by_packages(std::string_view target) {
    for (const auto& package : paths_.roots().packages()) {
      if (!target.starts_with(package.name)) continue;
      const std::string_view rest = target.substr(package.name.size());
      if (!rest.empty() && rest.front() != '/') continue;
      const std::string wanted = "." + std::string(rest);
      for (const auto& [name, path] : package.exports) {
        const auto star = name.find('*');
        std::string file = path;
        if (star == name.npos
                ? name != wanted
                : !wanted.starts_with(std::string_view(name).substr(0, star)) ||
                      !wanted.ends_with(std::string_view(name).substr(star + 1)) || wanted.size() < name.size() - 1)
          continue;
        if (star != name.npos) {
          if (const auto at = file.find('*'); at != file.npos)
            file.replace(at, 1, wanted.substr(star, wanted.size() - (name.size() - 1)));
        }
        if (add_relative(file)) return true;
      }
      // What is exported is often what a build makes: the sources have the same names, mostly below src.
      for (const std::string_view folder : {"", "src"}) {
        const auto base = join(package.folder, folder);
        const auto whole = base ? join(*base, rest) : std::nullopt;
        if (whole && add_relative(*whole)) return true;
      }
    }
    return false;
  }

  // --- "example.org/module/folder": Go. A package is the files of a folder; its tests belong to no importer.

  void go(std::string_view target) {
    if (target.size() >= 2 && (target.front() == '"' || target.front() == '`'))
      target = target.substr(1, target.size() - 2);
    std::optional<std::string> folder;
    std::size_t longest = 0;
    if (target.starts_with("./") || target.starts_with("../")) {
      folder = join(folder_of(from_), target);
    } else {
      for (const auto& [name, path] : paths_.roots().go_modules()) {
        if (name.size() < longest || !target.starts_with(name)) continue;
        const std::string_view rest = target.substr(name.size());
        if (!rest.empty() && rest.front() != '/') continue;
        longest = name.size();
        folder = join(path, rest);
      }
    }
    if (!folder) return;
    for (const auto file : paths_.files_in(*folder))
      if (file.ends_with(".go") && !file.ends_with("_test.go")) add(file);
  }

  /// composer.json's prefixes, the longest first.
  bool by_psr4(std::string_view target) {
    target.remove_prefix(std::min(target.find_first_not_of('\\'), target.size()));
    std::string best;
    std::size_t longest = 0;
    for (const auto& [prefix, folder] : paths_.roots().psr4()) {
      if (prefix.size() < longest || !target.starts_with(prefix)) continue;
      std::string rest(target.substr(prefix.size()));
      std::ranges::replace(rest, '\\', '/');
      std::string file = (folder.empty() ? "" : folder + "/") + rest + ".php";
      if (!paths_.contains(file)) continue;
      longest = prefix.size();
      best = std::move(file);
    }
    return !best.empty() && add(best);
  }

  // --- "self::a", "super::b::C", "crate::c", "other_crate::a": Rust.

  /// The folder in which the modules below a file's own module lie.
  static std::string module_folder(std::string_view file, const LanguageSpec::Resolve& rules) {
    const std::string_view name = name_of(file).substr(0, name_of(file).rfind('.'));
    const std::string folder(folder_of(file));
    if (std::ranges::find(rules.index, name) != rules.index.end()) return folder;
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
  }

  /// The nearest folder above `from_` that holds lib.rs or main.rs.
  std::optional<std::string> crate_folder() const {
    for (std::string_view base = folder_of(from_);; base = folder_of(base)) {
      const std::string start = base.empty() ? "" : std::string(base) + "/";
      if (paths_.contains(start + "lib.rs") || paths_.contains(start + "main.rs")) return std::string(base);
      if (base.empty()) return std::nullopt;
    }
  }

  /// The crate of the workspace with this name; of several the one nearest to the importing file.
  const ImportRoots::Root* crate_named(std::string_view name) const {
    const ImportRoots::Root* best = nullptr;
    for (const auto& crate : paths_.roots().crates()) {
      if (crate.name != name || !paths_.contains(crate.path)) continue;
      if (best == nullptr || shared_folders(crate.path, from_) > shared_folders(best->path, from_)) best = &crate;
    }
    return best;
  }

  void rust(const Import& import) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = import.target; !rest.empty();) {
      const auto end = std::min(rest.find("::"), rest.size());
      parts.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    std::string folder;
    std::string root;  // The file of the whole crate, where that is another one.
    std::size_t next = 1;
    if (parts.front() == "crate") {
      const auto crate = crate_folder();
      if (!crate) return;
      folder = *crate;
    } else if (parts.front() == "self" || parts.front() == "super") {
      folder = module_folder(from_, rules_);
      for (next = parts.front() == "self" ? 1 : 0; next < parts.size() && parts[next] == "super"; ++next) {
        if (folder.empty()) return;
        folder = folder_of(folder);
      }
    } else if (const auto* crate = crate_named(parts.front()); crate != nullptr) {
      folder = folder_of(crate->path);
      root = crate->path;
    } else {
      return;
    }
    // The longest part of the name that is a module; what follows is something in it.
    for (std::size_t count = parts.size(); count > next; --count) {
      std::string path = folder;
      for (std::size_t i = next; i < count; ++i) path += (path.empty() ? "" : "/") + std::string(parts[i]);
      if (const auto file = module_file(path)) {
        add(*file);
        return;
      }
    }
    if (const auto file = root.empty() ? module_file(folder) : root) add(*file);
  }

  // --- "Acme.Web.Models": C#. A namespace is the files of a folder below the project whose name it begins with.

  void projects(std::string_view target) {
    if (target.starts_with("global::")) target.remove_prefix(8);
    std::vector<const ImportRoots::Root*> fitting;
    for (const auto& project : paths_.roots().projects()) {
      const std::string_view rest = target.substr(std::min(project.name.size(), target.size()));
      if (target.starts_with(project.name) && (rest.empty() || rest.front() == '.')) fitting.push_back(&project);
    }
    std::ranges::stable_sort(fitting, std::ranges::greater{}, [](const auto* one) { return one->name.size(); });
    for (const auto* project : fitting) {
      std::string rest(target.substr(project->name.size()));
      std::ranges::replace(rest, '.', '/');
      const auto folder = join(project->path, rest);
      if (!folder) continue;
      // The namespace itself, or a class in a file of its name ("using static").
      for (const auto file : paths_.files_in(*folder))
        if (file.ends_with(".cs")) add(file);
      if (found_.empty()) add_plain(*folder);
      if (!found_.empty()) return;
    }
  }

  // --- "a.b.C", "A\\B\\C": a class stands in a file of its name, in folders of its namespace's names.

  /// Cuts up to `members` last parts off (a member, a class in a class), then leading parts of the namespace (PSR-4's
  /// prefixes), but keeps a folder and a name.
  void name_space(std::string_view target, char separator, int members) {
    std::string path(target.substr(std::min(target.find_first_not_of(separator), target.size())));
    std::ranges::replace(path, separator, '/');
    if (path.ends_with("/*")) {  // All of a package, or all that a class has.
      path.resize(path.size() - 2);
      if (separator == '.') whole_package(path);
      if (!found_.empty()) return;
      members = 0;
    }
    for (int cut = 0; cut <= members && path.contains('/'); ++cut, path.resize(path.rfind('/'))) {
      for (std::string_view rest = path; rest.contains('/'); rest.remove_prefix(rest.find('/') + 1)) {
        std::vector<std::string> endings;
        for (const auto& extension : rules_.extensions) endings.push_back(std::string(rest) + "." + extension);
        if (const auto best = nearest(endings)) {
          add(*best);
          return;
        }
        if (separator == '.') break;  // Java's folders are the whole package.
      }
    }
  }

  /// The files of the folder `path` below the nearest folder above the importing file that has it.
  void whole_package(const std::string& path) {
    for (std::string_view base = folder_of(from_);; base = folder_of(base)) {
      for (const auto file : paths_.files_in(base.empty() ? path : std::string(base) + "/" + path))
        for (const auto& extension : rules_.extensions)
          if (file.ends_with("." + extension)) add(file);
      if (!found_.empty() || base.empty()) return;
    }
  }

  // --- "a/b" of require, include and source: beside the file, or below one of the roots.

  void below_roots(const Import& import) {
    std::string target = import.target;
    // __DIR__ . "/a.php", "$(dirname "$0")/a.sh", "$HERE/a.sh": what stands before is taken for this file's folder.
    if (const auto quote = target.find_last_of("'\""); quote != std::string::npos) {
      const auto open = quote == 0 ? quote : target.find_last_of("'\"", quote - 1);
      if (rules_.rule == "php" && open != std::string::npos && open < quote) {
        target = target.substr(open + 1, quote - open - 1);
      }
    }
    const bool computed = target.starts_with('$');
    if (computed) {
      const auto slash =
          target.rfind(')') == std::string::npos ? target.find('/') : target.find('/', target.rfind(')'));
      if (slash == std::string::npos) return;
      target.erase(0, slash);
    } else if (rules_.rule == "shell" && (target.starts_with('/') || target.starts_with('~'))) {
      return;
    }
    if (target.find_first_of("$`\"'") != std::string::npos) return;
    while (target.starts_with('/')) target.erase(0, 1);
    if (import.relative) {
      if (const auto beside = join(folder_of(from_), target); beside && add_plain(*beside)) return;
    }
    if (target.starts_with("../") || target.starts_with("./")) return;
    for (const auto& root : rules_.roots) {
      const auto whole = join(root, target);
      if (whole && add_plain(*whole)) return;
    }
    // "lib" of a gem in the tree.
    std::vector<std::string> endings;
    if (rules_.rule == "ruby") endings = {"lib/" + target + ".rb"};
    if (const auto best = endings.empty() ? std::nullopt : nearest(endings)) add(*best);
  }

  bool add_plain(const std::string& path) {
    if (path.empty()) return false;
    if (paths_.contains(path)) return add(path);
    for (const auto& extension : rules_.extensions) {
      if (paths_.contains(path + "." + extension)) return add(path + "." + extension);
    }
    return false;
  }

  bool add_relative(const std::string& path) {
    if (paths_.contains(path)) return add(path);
    for (const auto& [written, source] : rules_.instead) {
      if (!path.ends_with("." + written)) continue;
      const std::string other = path.substr(0, path.size() - written.size()) + source;
      if (paths_.contains(other)) return add(other);
    }
    const auto file = module_file(path);
    return file && add(*file);
  }

  const LanguageSpec::Resolve& rules_;
  std::string_view from_;
  const PathIndex& paths_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> resolve(const Language& language, std::string_view from, const Import& import,
                                 const PathIndex& paths) {
  return Resolver(language.spec().resolve, from, paths).resolve(import);
}

}  // namespace skein::repo
