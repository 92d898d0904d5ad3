// A change set as people read it, and its merge with what others did meanwhile. By libgit2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agents/change_set.h"

namespace skein::agents {

/// One change as `git diff` shows it.
struct Patch {
  std::string text;                     ///< Of a binary file only that it differs.
  std::int64_t added = 0, removed = 0;  ///< Lines; 0 for binary files.
};
/// Errors: `unavailable` without libgit2.
[[nodiscard]] Result<Patch> patch_of(const Change& change);

/// The first place where two changes of a file are of the same lines: what each has there.
struct Clash {
  std::string ours, theirs;
};
/// Of the changes from `base` to `ours` and to `theirs`; nothing where there is no such place, or one is binary.
/// Errors: `unavailable` without libgit2.
[[nodiscard]] Result<std::optional<Clash>> first_clash(const std::string& path, const std::string& base,
                                                       const std::string& ours, const std::string& theirs);

/// `theirs` with the change from `base` to `ours` in it; nothing where both changed the same lines, or one is binary.
/// Errors: `unavailable` without libgit2.
[[nodiscard]] Result<std::optional<std::string>> merged(const std::string& path, const std::string& base,
                                                        const std::string& ours, const std::string& theirs);

}  // namespace skein::agents
