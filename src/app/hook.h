// `skein hook install TARGET` and `skein hook remove TARGET`: where other programs call skein. A target is one row.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/services.h"

namespace skein::app {

/// What installing or removing did.
struct HookWork {
  std::vector<std::string> changed;  ///< Files that were written or removed.
  std::vector<std::string> notes;    ///< What the user should know.
};

/// One program that can call skein. Both functions are idempotent, leave what others wrote as it is, and change all of
/// their files or none where they can see a problem before.
struct HookTarget {
  std::string_view name;     ///< As given on the command line: "git".
  std::string_view summary;  ///< For help: "documents after a commit, merge or checkout".
  Result<HookWork> (*install)(const Services& services, const engine::Context& context);
  Result<HookWork> (*remove)(const Services& services, const engine::Context& context);
};

/// The targets, in the order of help. A new one is a row in hook.cc.
[[nodiscard]] std::span<const HookTarget> hook_targets();

// Rows, each in a file of its own.
/// hook_git.cc: post-commit, post-merge and post-checkout of the workspace's git directory.
[[nodiscard]] HookTarget git_hook_target();
/// hook_agents.cc: coding agents run their commands through `skein exec`.
[[nodiscard]] HookTarget claude_hook_target();
[[nodiscard]] HookTarget opencode_hook_target();
[[nodiscard]] HookTarget codex_hook_target();

}  // namespace skein::app
