#include "agents/isolation.h"

#include <array>
#include <filesystem>

#include <unistd.h>

#include "base/file_system.h"
#include "base/platform/confinement.h"
#include "base/platform/landlock.h"
#include "base/platform/no_sockets.h"
#include "base/random.h"

namespace skein::agents {
namespace {

namespace fs = std::filesystem;

constexpr std::array<IsolationPath, 4> kPaths{IsolationPath::overlay, IsolationPath::copy, IsolationPath::landlock,
                                              IsolationPath::plain};
// Versions of Landlock from which on it holds a thing.
constexpr int kHoldsWrites = 3, kHoldsTcp = 4, kHoldsSignals = 6;

/// A layer over a folder beside the sandboxes, as a sandbox has it. Errors: as `can_confine`; of the file system.
Status try_overlay(const std::string& sandboxes) {
  SystemRandom random;
  const std::string folder = join_path(sandboxes, fmt::format("try-{:016x}", random.next()));
  std::error_code error;
  for (const char* name : {"lower", "upper", "work"}) fs::create_directories(join_path(folder, name), error);
  if (error) return fail(Code::io, "cannot make the folder {}: {}", folder, error.message());
  const std::string lower = join_path(folder, "lower");
  Confinement walls;
  walls.layers = {{lower, {lower}, join_path(folder, "upper"), join_path(folder, "work")}};
  const Status done = can_confine(walls);
  fs::permissions(join_path(folder, "work/work"), fs::perms::owner_all, error);
  fs::remove_all(folder, error);
  return done;
}

std::string why_not(const Status& status) { return status ? std::string() : status.error().message(); }

std::string why_not(IsolationPath path, const IsolationAbilities& abilities) {
  switch (path) {
    case IsolationPath::overlay:
      return abilities.why_not_overlay;
    case IsolationPath::copy:
      return abilities.why_not_namespaces;
    case IsolationPath::landlock:
      if (!abilities.why_not_filter.empty()) return abilities.why_not_filter;
      return abilities.landlock > 0 ? "" : "the kernel has no Landlock";
    case IsolationPath::plain:
      return abilities.why_not_filter;
  }
  return {};
}

}  // namespace

std::string_view to_string(IsolationPath path) {
  switch (path) {
    case IsolationPath::overlay:
      return "overlay";
    case IsolationPath::copy:
      return "copy";
    case IsolationPath::landlock:
      return "landlock";
    case IsolationPath::plain:
      return "plain";
  }
  return {};
}

std::span<const engine::Choice<IsolationPath>> choices_of(IsolationPath) {
  static constexpr std::array<engine::Choice<IsolationPath>, 4> kChoices{{{IsolationPath::overlay, "overlay"},
                                                                          {IsolationPath::copy, "copy"},
                                                                          {IsolationPath::landlock, "landlock"},
                                                                          {IsolationPath::plain, "plain"}}};
  return kChoices;
}

IsolationAbilities isolation_abilities(const std::string& sandboxes) {
  IsolationAbilities abilities;
  abilities.landlock = landlock_version();
  if (!can_forbid_sockets()) abilities.why_not_filter = "the kernel has no filters of system calls (seccomp)";
  std::error_code error;
  fs::create_directories(sandboxes, error);
  abilities.why_not_overlay = why_not(try_overlay(sandboxes));
  if (!abilities.why_not_overlay.empty()) abilities.why_not_namespaces = why_not(can_confine());
  return abilities;
}

bool is_possible(IsolationPath path, const IsolationAbilities& abilities) { return why_not(path, abilities).empty(); }

IsolationPath best_path(const IsolationAbilities& abilities) {
  for (const IsolationPath path : kPaths)
    if (is_possible(path, abilities)) return path;
  return IsolationPath::plain;
}

std::vector<std::string> not_held(IsolationPath path, const IsolationAbilities& abilities, bool has_relay) {
  if (path == IsolationPath::overlay || path == IsolationPath::copy) return {};
  std::vector<std::string> open;
  const int version = path == IsolationPath::landlock ? abilities.landlock : 0;
  if (version == 0) {
    open.emplace_back("your files outside the copy can be written and removed");
    open.emplace_back("keys, hidden files and the state of other runs can be read");
  } else {
    if (version < kHoldsWrites) open.emplace_back("your files outside the copy can be cut short");
    open.emplace_back("modes, owners and times of your files outside the copy can be changed");
  }
  if (has_relay && version < kHoldsTcp) open.emplace_back("any TCP port of any machine can be reached");
  if (has_relay && version >= kHoldsTcp)
    open.emplace_back("other machines can be reached at the port number that the relay has");
  if (version < kHoldsSignals) open.emplace_back("your other programs can be ended, and so can its guard");
  return open;
}

Result<IsolationPath> chosen_path(const IsolationWish& wish, const IsolationAbilities& abilities, bool has_relay) {
  const IsolationPath path = wish.path.value_or(best_path(abilities));
  if (const std::string lacks = why_not(path, abilities); !lacks.empty())
    return std::unexpected(Error(Code::unavailable, fmt::format("agents cannot be isolated by the path {} here: {}",
                                                                to_string(path), lacks))
                               .or_do("`skein doctor` says which paths this machine has"));
  const auto open = not_held(path, abilities, has_relay);
  if (open.empty() || wish.weak) return path;
  std::string text;
  for (const std::string& one : open) text += (text.empty() ? "" : "; ") + one;
  std::string why;
  if (!wish.path)
    why = fmt::format(" (better ones are not to be had: {})",
                      abilities.why_not_namespaces.empty() ? abilities.why_not_overlay : abilities.why_not_namespaces);
  return std::unexpected(
      Error(Code::permission_denied,
            fmt::format("the isolation of agents here, {}{}, does not hold everything: {}", to_string(path), why, text))
          .or_do(wish.path ? "accept it with --isolation weak, or leave isolation.path unset"
                           : "allow user namespaces on this machine, or accept it with --isolation weak"));
}

}  // namespace skein::agents
