// What of each kind of page was measured and what was inferred: said at its end, in every form.
#pragma once

#include <string_view>

namespace skein::docs {

[[nodiscard]] constexpr std::string_view overview_basis(bool first) {
  return first ? "file names and sizes, manifests, the README. Lines, symbols and imports are still being counted."
               : "files, sizes, lines, symbols, imports, manifests, the README.";
}
inline constexpr std::string_view kOverviewInferred =
    "usual commands of the tools whose files are here, purposes that are marked so, and that what others use most is "
    "worth reading first.";
inline constexpr std::string_view kModuleMeasured =
    "files, sizes, lines, symbols, and imports of this folder with all below it, followed to files of this repository. "
    "Imports made at run time or by a build are not seen.";
inline constexpr std::string_view kModuleInferred = "purposes that are marked so.";
inline constexpr std::string_view kFileMeasured =
    "lines, symbols and comments, by a parser; imports, followed to files of this repository. What is made by macros, "
    "at run time or by a build is not seen.";

inline constexpr std::string_view kFileInferred =
    "who uses a symbol: files that import this one, or are of its package, and hold its name. `skein symbols --users "
    "NAME` gives all of them.";

}  // namespace skein::docs
