// All folders of a tree, gone through by several threads at once: what copies and looks at whole workspaces.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/result.h"

namespace skein::agents {

/// What is done with one folder, by its path below the root ("" for the root itself). Appends to `inner` the paths of
/// the folders in it that are to be visited, too. Called from several threads, never twice with one folder, and with
/// none before the one that it lies in is done.
using VisitFolder = std::function<Status(const std::string& path, std::vector<std::string>& inner)>;

/// Visits the root and all that is found below it, on this thread and on as many of `executor` as are free (null: on
/// this one alone). May be called from a task of `executor`: it never waits for one that has not begun. Errors: the
/// first of `visit`, after which no folder is begun.
[[nodiscard]] Status over_folders(Executor* executor, const VisitFolder& visit);

/// "folder/name"; the name alone where the folder is "".
[[nodiscard]] std::string below_folder(const std::string& folder, std::string_view name);

}  // namespace skein::agents
