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
      } else {
        name_space(import.target, '\\', 1);
      }
    } else if (rules_.rule == "shell") {
      below_roots(import);
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
    // "@/x" and "~/x" are the usual names of the source root.
    if (target.starts_with("@/") || target.starts_with("~/")) {
      for (const auto& root : rules_.roots) {
        const auto whole = join(root, target.substr(2));
        if (whole && add_relative(*whole)) return;
      }
    }
  }

  // --- "self::a", "super::b::C", "crate::c": Rust. Other crates are not ours to guess.

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

  void rust(const Import& import) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = import.target; !rest.empty();) {
      const auto end = std::min(rest.find("::"), rest.size());
      parts.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    std::string folder;
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
    if (const auto file = module_file(folder)) add(*file);
  }

  // --- "a.b.C", "A\\B\\C": a class stands in a file of its name, in folders of its namespace's names.

  /// Cuts up to `members` last parts off (a member, a class in a class), then leading parts of the namespace (PSR-4's
  /// prefixes), but keeps a folder and a name.
  void name_space(std::string_view target, char separator, int members) {
    std::string path(target.substr(std::min(target.find_first_not_of(separator), target.size())));
    std::ranges::replace(path, separator, '/');
    if (path.ends_with("/*")) return;  // All of a package: which of it is used, the import does not say.
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

PathIndex::PathIndex(std::span<const std::string_view> paths)
    : sorted_(paths.begin(), paths.end()), by_name_(paths.begin(), paths.end()) {
  std::ranges::sort(sorted_);
  std::ranges::sort(by_name_, [](std::string_view a, std::string_view b) {
    const auto a_name = name_of(a);
    const auto b_name = name_of(b);
    return a_name != b_name ? a_name < b_name : a < b;
  });
}

bool PathIndex::contains(std::string_view path) const { return std::ranges::binary_search(sorted_, path); }

bool PathIndex::contains_folder(std::string_view folder) const {
  if (folder.empty()) return !sorted_.empty();
  const std::string start = std::string(folder) + "/";
  const auto next = std::ranges::lower_bound(sorted_, std::string_view(start));
  return next != sorted_.end() && next->starts_with(start);
}

std::span<const std::string_view> PathIndex::same_name(std::string_view path) const {
  const auto found = std::ranges::equal_range(by_name_, name_of(path), {}, name_of);
  return std::span(found.begin(), found.end()).first(std::min<std::size_t>(found.size(), kMaxCandidates));
}

std::vector<std::string> resolve(const Language& language, std::string_view from, const Import& import,
                                 const PathIndex& paths) {
  return Resolver(language.spec().resolve, from, paths).resolve(import);
}

}  // namespace skein::repo
