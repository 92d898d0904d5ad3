// Which file of the workspace an entry point of a manifest means.
#pragma once

#include <string>
#include <string_view>

#include "repo/manifest.h"
#include "repo/resolve.h"

namespace skein::repo {

/// The file that `entry` of `manifest.entry_points` names, by the rules of the manifest's kind: a path from the
/// manifest's folder (npm, composer), a module ("a.b:main", Python), a program's name (Cargo, Ruby, .NET), a class
/// (Maven, Gradle). Empty where no such file is in the workspace. A pure function.
[[nodiscard]] std::string entry_file(const Manifest& manifest, std::string_view entry, const PathIndex& paths);

}  // namespace skein::repo
