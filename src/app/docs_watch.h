// `skein docs --watch`: rounds of documenting, each a normal incremental run, begun by changes of files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/services.h"
#include "base/file_watch.h"
#include "engine/events.h"

namespace skein::app {

/// What a watch needs of its surroundings; tests give it changes by hand.
struct WatchLoop {
  /// Makes a watch of the workspace; called at the start and when what is ignored changed.
  std::function<Result<std::unique_ptr<FileWatch>>()> open;
  /// One round; `changes`: what began it, empty for the first. An error is shown and the watch goes on, but for
  /// `cancelled`.
  std::function<Status(const Burst& changes)> round;
  std::function<void(const Error&)> failed;  ///< Is told of a round's error.
  std::vector<engine::Observer*> observers;  ///< Get a FileChanged for every change, before its round.
  BurstPolicy policy{};
};

/// Rounds until a stop is requested: one at once, then one for each burst. Errors: the first watch cannot be made, or
/// watching breaks.
Status watch_rounds(const WatchLoop& loop, const std::stop_token& stop);

/// True for what can change a round's result: not skein's own state, and of git only HEAD and the index.
[[nodiscard]] bool matters_to_docs(const WatchedChange& change);
/// True for files that decide what is ignored.
[[nodiscard]] bool changes_ignore_rules(const WatchedChange& change);

/// A watch of the workspace that leaves out git's and skein's own folders, `target` (absolute) and what is ignored.
[[nodiscard]] Result<std::unique_ptr<FileWatch>> watch_workspace(const Services& services, const std::string& workspace,
                                                                 const std::string& target);

}  // namespace skein::app
