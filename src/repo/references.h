// Who uses a symbol: names that files use, held against what the files they import define.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repo/facts.h"

namespace skein::repo {

/// The names of a file that it uses: those that occur more often than the file itself defines them. By name; the counts
/// are of what is left. Where the first occurrence is a definition, its line is still the one given.
[[nodiscard]] std::vector<NameUse> names_used(const FileFacts& facts);

/// A file that imports the one in question, and the names that it uses.
struct NameUser {
  std::string_view path;
  std::span<const NameUse> names;  ///< `names_used`.
};

/// A place where a symbol is used: the first in that file.
struct SymbolUse {
  bool operator==(const SymbolUse&) const = default;
  std::string path{};
  std::uint32_t line = 0;
  std::uint32_t count = 0;  ///< How often its name occurs there.
};

struct SymbolUsers {
  bool operator==(const SymbolUsers&) const = default;
  std::uint32_t symbol = 0;       ///< Index in FileFacts::symbols.
  std::uint32_t files = 0;        ///< How many use it.
  std::vector<SymbolUse> uses{};  ///< By path; at most `shown`.

  static constexpr std::size_t kShown = 20;
};

/// The users of the symbols of `defining`, in the order of the symbols; those without any are left out. Inferred, and
/// to be called so: a name that occurs in a file which imports this one is taken for the symbol of that name, unless
/// the symbol is private, or several symbols here share the name (then each gets the use). What is reached without its
/// name, through a third file or by a name made at run time, is not found. `users` sorted by path. O(symbols * users *
/// log).
[[nodiscard]] std::vector<SymbolUsers> symbol_users(const FileFacts& defining, std::span<const NameUser> users,
                                                    std::size_t shown = SymbolUsers::kShown);

}  // namespace skein::repo
