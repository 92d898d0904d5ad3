// Files that see each other's names without an import: those of one package of Go or of Java. Which languages have such
// packages is data: `mates` of their `[resolve]`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "repo/facts.h"
#include "repo/languages.h"

namespace skein::repo {

/// What a file says of its package, whatever its path.
struct PackageClause {
  bool operator==(const PackageClause&) const = default;
  enum class Mates : std::uint8_t {
    none,       ///< Its language has no such packages.
    in_folder,  ///< Files of its folder with the same clause (Go; Java without a clause),
    anywhere,   ///< files with the same clause in any folder (Java: sources and tests).
  };
  Mates mates = Mates::none;
  std::string name{};  ///< Language and clause: "java org.example".
};
/// Of the language and the facts of one file.
[[nodiscard]] PackageClause package_clause(const Language& language, const FileFacts& facts);

/// Equal for files of one package; empty: the file at `path` shares its names with no other.
[[nodiscard]] std::string package_key(const PackageClause& clause, std::string_view path);

/// Whether one file of a package sees what another defines: what tests define is seen by tests only.
[[nodiscard]] constexpr bool sees_mate(bool user_is_test, bool defining_is_test) {
  return user_is_test || !defining_is_test;
}
/// A symbol of such a kind and of the name that is looked for, in the user itself, is what it means, not a mate's.
[[nodiscard]] bool hides_mates(SymbolKind kind);

}  // namespace skein::repo
