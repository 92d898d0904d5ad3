// How agents are kept apart from the rest of the machine here, and what that does not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/schema.h"

namespace skein::agents {

/// Ways to build a sandbox, the best first.
enum class IsolationPath : std::uint8_t {
  overlay,   ///< Namespaces; the workspace is seen through, writes go beside it.
  copy,      ///< Namespaces; a copy of the workspace stands in its place.
  landlock,  ///< A copy elsewhere; Landlock holds what is read and written.
  plain,     ///< A copy elsewhere; nothing holds files.
};
[[nodiscard]] std::string_view to_string(IsolationPath path);
[[nodiscard]] std::span<const engine::Choice<IsolationPath>> choices_of(IsolationPath);

/// What this machine can do; `why_not…` is empty where it can.
struct IsolationAbilities {
  std::string why_not_namespaces;
  std::string why_not_overlay;
  int landlock = 0;            ///< Version; 0: none.
  std::string why_not_filter;  ///< Sockets cannot be refused.
};
/// Tries it, with real mounts in the folder for sandboxes, which is made: overlayfs depends on the disk. About 10 ms.
[[nodiscard]] IsolationAbilities isolation_abilities(const std::string& sandboxes);

[[nodiscard]] bool is_possible(IsolationPath path, const IsolationAbilities& abilities);
/// The best that there is.
[[nodiscard]] IsolationPath best_path(const IsolationAbilities& abilities);

/// What a path does not hold on this machine, each as "files outside can be written". Empty: everything is held.
/// `has_relay`: for an agent that asks models through the relay.
[[nodiscard]] std::vector<std::string> not_held(IsolationPath path, const IsolationAbilities& abilities,
                                                bool has_relay);

/// What a user asked for.
struct IsolationWish {
  std::optional<IsolationPath> path;  ///< None: the best that there is.
  bool weak = false;                  ///< What the path cannot hold is accepted.
};
/// The path to take. Errors: `unavailable`, naming all that would not be held and the way out, unless that is
/// accepted; also for a path that this machine lacks.
[[nodiscard]] Result<IsolationPath> chosen_path(const IsolationWish& wish, const IsolationAbilities& abilities,
                                                bool has_relay);

}  // namespace skein::agents
