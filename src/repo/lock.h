// Lock files: which version of each dependency a tool took when it last resolved them. Read as data, never run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "repo/manifest.h"

namespace skein::repo {

/// A lock file, ready for look-ups.
struct Lock {
  std::string path;
  ManifestKind kind{};  ///< Of the manifests that it resolves.
  /// Versions by name (of Python's packages: normalised), and by "FOLDER\nNAME" and "NAME@RANGE" where the file says
  /// so.
  std::map<std::string, std::vector<std::string>, std::less<>> versions;
  std::vector<std::string> notes;  ///< What could not be read and why.
};

/// The kind of manifest that a lock file of this path resolves, by data/manifests/locks.toml; nothing: it is none.
[[nodiscard]] std::optional<ManifestKind> lock_kind(std::string_view path);

/// Reads a lock file. Never fails: bytes that are none give a Lock with a note. REQUIRES lock_kind(path).
[[nodiscard]] Lock parse_lock(std::string_view path, std::string_view bytes);

/// The version taken for what the manifest at `manifest_path` asks for; several, where the lock holds several and does
/// not say for whom, with ", ", at most three. Empty: the lock does not have it.
[[nodiscard]] std::string locked_version(const Lock& lock, std::string_view manifest_path,
                                         const Dependency& dependency);

}  // namespace skein::repo
