#include "repo/git.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file_system.h"
#include "repo/git_library.h"
#include "repo/small_file.h"

namespace skein::repo {
namespace {

constexpr std::size_t kSmallFile = 1u << 20;     // Of HEAD, refs, .git files.
constexpr std::size_t kPackedRefs = 256u << 20;  // One line per ref.

std::optional<mode_t> mode_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info.st_mode;
}
bool is_folder(const std::string& path) { return S_ISDIR(mode_of(path).value_or(0)); }
bool is_file(const std::string& path) { return S_ISREG(mode_of(path).value_or(0)); }

std::string absolute(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : path;
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

std::string resolved(const std::string& base, std::string_view path) {
  return path.starts_with('/') ? std::string(path) : join_path(base, path);
}

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool is_git_directory(const std::string& path) {
  if (!mode_of(join_path(path, "HEAD")).has_value()) return false;
  if (is_file(join_path(path, "commondir"))) return true;  // Of a linked work tree: the rest is elsewhere.
  return is_folder(join_path(path, "refs")) && is_folder(join_path(path, "objects"));
}

// The git directory that `folder/.git` is or names; nothing where there is none.
std::optional<std::string> git_directory_of(const std::string& folder) {
  const std::string dot_git = join_path(folder, ".git");
  if (is_folder(dot_git)) {
    if (is_git_directory(dot_git)) return dot_git;
    return std::nullopt;
  }
  const auto text = read_small_file(dot_git, kSmallFile);
  constexpr std::string_view kMark = "gitdir: ";
  if (!text || !text->starts_with(kMark)) return std::nullopt;
  std::string target = resolved(folder, first_line(std::string_view(*text).substr(kMark.size())));
  if (!is_git_directory(target)) return std::nullopt;
  return target;
}

// Finds the work tree around the root, as git does: the first folder upwards that has one, on the same file system.
void find_work_tree(const std::string& root, GitInfo& info) {
  struct stat at{};
  if (::stat(root.c_str(), &at) != 0) return;
  for (std::string folder = root;;) {
    if (auto directory = git_directory_of(folder)) {
      info.present = true;
      info.git_directory = absolute(*directory);
      info.work_root = folder;
      info.linked = !is_folder(join_path(folder, ".git"));
      if (folder != root) info.prefix = root.substr(folder == "/" ? 1 : folder.size() + 1) + "/";
      return;
    }
    if (folder == "/" || folder.find('/') == folder.npos) break;
    folder = parent_path(folder);
    struct stat above{};
    if (::stat(folder.c_str(), &above) != 0 || above.st_dev != at.st_dev) break;
  }
  if (is_git_directory(root)) {
    info.present = true;
    info.bare = true;
    info.git_directory = root;
    info.notes.push_back("This is a git directory without a work tree: its own files are shown.");
  }
}

// A ref's id: loose, else packed.
std::string read_ref(const GitInfo& info, std::string_view name) {
  if (name.find("..") != name.npos || name.starts_with('/')) return {};
  for (const std::string& directory : {info.git_directory, info.common_directory}) {
    const auto text = read_small_file(join_path(directory, name), kSmallFile);
    if (text && is_object_id(first_line(*text))) return std::string(first_line(*text));
  }
  const auto packed = read_small_file(join_path(info.common_directory, "packed-refs"), kPackedRefs);
  if (!packed) return {};
  for (std::string_view rest = *packed; !rest.empty();) {
    const std::string_view line = first_line(rest);
    rest.remove_prefix(std::min(rest.size(), std::min(rest.find('\n'), rest.size() - 1) + 1));
    const std::size_t space = line.find(' ');
    if (space != line.npos && line.substr(space + 1) == name && is_object_id(line.substr(0, space)))
      return std::string(line.substr(0, space));
  }
  return {};
}

void read_head(GitInfo& info) {
  const auto head = read_small_file(join_path(info.git_directory, "HEAD"), kSmallFile);
  if (!head) {
    info.notes.push_back("git's HEAD cannot be read: no commit is shown.");
    return;
  }
  constexpr std::string_view kMark = "ref: ";
  const std::string_view line = first_line(*head);
  if (!line.starts_with(kMark)) {
    if (is_object_id(line)) info.commit = line;
    return;
  }
  const std::string_view name = line.substr(kMark.size());
  constexpr std::string_view kBranches = "refs/heads/";
  if (name == "refs/heads/.invalid") {
    info.notes.push_back("This repository keeps its refs in a form (reftable) that is not read: no commit is shown.");
    return;
  }
  if (name.starts_with(kBranches)) info.branch = name.substr(kBranches.size());
  info.commit = read_ref(info, name);
}

// The settings that git would read, by level. Conditional includes are not followed.
class Settings {
 public:
  Settings(const GitLibrary& git, GitInfo& info) : git_(git) {
    if (git_.config_new(&config_) != 0) return;
    add("/etc/gitconfig", GIT_CONFIG_LEVEL_SYSTEM, info);
    if (const auto xdg = user_file("config"); !xdg.empty()) add(xdg, GIT_CONFIG_LEVEL_XDG, info);
    if (const char* home = std::getenv("HOME")) add(join_path(home, ".gitconfig"), GIT_CONFIG_LEVEL_GLOBAL, info);
    add(join_path(info.common_directory, "config"), GIT_CONFIG_LEVEL_LOCAL, info);
    if (text("extensions.worktreeconfig") == "true")
      add(join_path(info.git_directory, "config.worktree"), GIT_CONFIG_LEVEL_APP, info);
  }
  ~Settings() {
    if (config_ != nullptr) git_.config_free(config_);
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  /// git's folder of the user's files; empty where the user has no home.
  static std::string user_file(std::string_view name) {
    const char* xdg = std::getenv("XDG_CONFIG_HOME");
    if (xdg != nullptr && *xdg != '\0') return join_path(join_path(xdg, "git"), name);
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') return {};
    return join_path(join_path(home, ".config/git"), name);
  }

  [[nodiscard]] std::string text(const char* name) const { return ask(name, git_.config_get_string_buf); }
  /// With "~" resolved.
  [[nodiscard]] std::string path(const char* name) const { return ask(name, git_.config_get_path); }

 private:
  template <class Ask>
  std::string ask(const char* name, Ask function) const {
    git_buf buffer{};
    std::string value;
    if (config_ != nullptr && function(&buffer, config_, name) == 0 && buffer.ptr != nullptr)
      value.assign(buffer.ptr, buffer.size);
    git_.buf_dispose(&buffer);
    return value;
  }

  void add(const std::string& file, git_config_level_t level, GitInfo& info) {
    info.watch.push_back(file);
    if (!is_file(file)) return;
    if (git_.config_add_file_ondisk(config_, file.c_str(), level, nullptr, 0) != 0)
      info.notes.push_back("git's settings in " + file + " cannot be read and do not count.");
  }

  const GitLibrary& git_;
  git_config* config_ = nullptr;
};

void read_settings(const GitLibrary& git, GitInfo& info) {
  const Settings settings(git, info);
  info.remote = without_credentials(settings.text("remote.origin.url"));
  info.excludes_file = settings.path("core.excludesfile");
}

// The paths of git's index below the root. False where it cannot be read.
bool read_index(const GitLibrary& git, const std::string& file, GitInfo& info) {
  if (!is_file(file)) return !mode_of(file).has_value();  // Nothing was added yet.
  git_index* raw = nullptr;
  if (git.index_open(&raw, file.c_str()) != 0) return false;
  const std::unique_ptr<git_index, decltype(git.index_free)> index(raw, git.index_free);
  if (git.index_read(raw, 1) != 0) return false;
  const std::size_t count = git.index_entrycount(raw);
  info.tracked.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const git_index_entry* entry = git.index_get_byindex(raw, i);
    std::string_view path = entry->path;
    if (!path.starts_with(info.prefix)) continue;
    path.remove_prefix(info.prefix.size());
    info.tracked.push_back({std::string(path), entry->mode == GIT_FILEMODE_COMMIT});
  }
  const auto less = [](const TrackedPath& a, const TrackedPath& b) { return a.path < b.path; };
  if (!std::is_sorted(info.tracked.begin(), info.tracked.end(), less))
    std::sort(info.tracked.begin(), info.tracked.end(), less);
  // A conflict has up to three entries of one path.
  const auto same = [](const TrackedPath& a, const TrackedPath& b) { return a.path == b.path; };
  info.tracked.erase(std::unique(info.tracked.begin(), info.tracked.end(), same), info.tracked.end());
  return true;
}

std::string last_message(const GitLibrary& git) {
  const git_error* error = git.error_last();
  return error != nullptr && error->message != nullptr ? error->message : "unknown";
}

}  // namespace

bool GitInfo::is_tracked(std::string_view path) const {
  const auto at =
      std::lower_bound(tracked.begin(), tracked.end(), path,
                       [](const TrackedPath& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != tracked.end() && at->path == path;
}

bool GitInfo::has_tracked_below(std::string_view folder) const {
  const std::string below = std::string(folder) + "/";
  const auto at =
      std::lower_bound(tracked.begin(), tracked.end(), below,
                       [](const TrackedPath& entry, const std::string& wanted) { return entry.path < wanted; });
  return at != tracked.end() && at->path.starts_with(below);
}

bool GitInfo::is_submodule(std::string_view path) const {
  const auto at =
      std::lower_bound(tracked.begin(), tracked.end(), path,
                       [](const TrackedPath& entry, std::string_view wanted) { return entry.path < wanted; });
  return at != tracked.end() && at->path == path && at->submodule;
}

std::string without_credentials(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) {  // "git@host:path" names no secret; "user:token@host:path" does.
    const std::size_t at = url.find('@');
    const std::size_t colon = url.find(':');
    return std::string(at != url.npos && colon < at ? url.substr(at + 1) : url);
  }
  const std::size_t host = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t at = url.substr(host, end - host).rfind('@');
  std::string clean(url.substr(0, host));
  clean += at == url.npos ? url.substr(host) : url.substr(host + at + 1);
  return clean.substr(0, clean.find_first_of("?#"));
}

GitInfo read_git_head(const std::string& root) {
  GitInfo info;
  find_work_tree(absolute(root), info);
  if (!info.present) return info;
  info.common_directory = info.git_directory;
  if (const auto common = read_small_file(join_path(info.git_directory, "commondir"), kSmallFile))
    info.common_directory = absolute(resolved(info.git_directory, first_line(*common)));
  info.shallow = is_file(join_path(info.common_directory, "shallow"));
  read_head(info);
  return info;
}

GitInfo read_git(const std::string& root) {
  GitInfo info = read_git_head(root);
  info.excludes_file = Settings::user_file("ignore");
  if (!info.present) return info;

  const std::string index = join_path(info.git_directory, "index");
  info.watch.push_back(index);
  info.watch.push_back(join_path(info.common_directory, "info/exclude"));
  const GitLibrary* git = GitLibrary::get();
  if (git == nullptr) {
    info.notes.push_back(
        "libgit2 (libgit2.so.1.5) is not installed: which files git tracks is not known, so tracked files that match "
        "an ignore rule are left out.");
  } else {
    const std::string default_excludes = std::exchange(info.excludes_file, {});
    read_settings(*git, info);
    if (info.excludes_file.empty()) info.excludes_file = default_excludes;
    if (!info.bare) {
      info.index_read = read_index(*git, index, info);
      if (!info.index_read) {
        info.tracked.clear();
        info.notes.push_back("git's index cannot be read (" + last_message(*git) +
                             "): the folder is read as a plain one, and tracked files that match an ignore rule are "
                             "left out.");
      }
    }
  }
  if (!info.excludes_file.empty()) info.watch.push_back(info.excludes_file);
  return info;
}

}  // namespace skein::repo
