#include "app/docs_watch.h"

#include <algorithm>

#include "base/platform/inotify_watch.h"
#include "prose/path_index.h"
#include "repo/git.h"

namespace skein::app {
namespace {

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

void tell(const WatchLoop& loop, const Burst& burst) {
  for (auto* observer : loop.observers) {
    if (burst.overflow) observer->on(engine::FileChanged{"", to_string(WatchedChange::Kind::overflow)});
    for (const auto& change : burst.changes) observer->on(engine::FileChanged{change.path, to_string(change.kind)});
  }
}

}  // namespace

bool matters_to_docs(const WatchedChange& change) {
  const std::string_view path = change.path;
  if (path == ".git" || path == ".git/HEAD" || path == ".git/index") return true;
  return !path.starts_with(".git/") && path != ".skein" && !path.starts_with(".skein/") &&
         !path.ends_with(".skein-tmp") && !path.ends_with("/4913") && !name_of(path).starts_with(".#") &&
         !path.ends_with(".swp") && !path.ends_with('~');
}

bool changes_ignore_rules(const WatchedChange& change) {
  const auto name = name_of(change.path);
  return name == ".gitignore" || name == ".skeinignore" || name == "skein.toml" || change.path.starts_with(".git");
}

Status watch_rounds(const WatchLoop& loop, const std::stop_token& stop) {
  SKEIN_TRY(auto watch, loop.open());
  Burst burst;
  while (true) {
    tell(loop, burst);
    if (auto done = loop.round(burst); !done) {
      if (done.error().code() == Code::cancelled && stop.stop_requested()) return {};
      loop.failed(done.error());
    }
    if (stop.stop_requested()) return {};
    SKEIN_TRY(burst, next_burst(*watch, loop.policy, stop, matters_to_docs));
    if (burst.stopped) return {};
    // Before the round, so that what changes during it is seen by the new watch.
    if (burst.overflow || std::ranges::any_of(burst.changes, changes_ignore_rules))
      if (auto renewed = loop.open()) watch = std::move(*renewed);
  }
}

Result<std::unique_ptr<FileWatch>> watch_workspace(const Services& services, const std::string& workspace,
                                                   const std::string& target) {
  auto snapshot = std::make_shared<repo::Snapshot>();  // Shared: the watch keeps its rule as a copyable function.
  snapshot->root = workspace;
  snapshot->git = repo::read_git(workspace);
  InotifyOptions options;
  options.skip = [&services, snapshot, target, workspace](std::string_view folder) {
    if (folder == ".git" || folder == ".skein" || name_of(folder) == ".git") return true;
    if (join_path(workspace, folder) == target) return true;
    if (snapshot->git.has_tracked_below(folder)) return false;
    return prose::IgnoredPaths(services.files, *snapshot).ignored(folder, true);
  };
  if (!snapshot->git.git_directory.empty()) options.beside.emplace_back(snapshot->git.git_directory, ".git");
  return watch_folder(workspace, std::move(options));
}

}  // namespace skein::app
