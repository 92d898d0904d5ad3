// Which files use which symbols of a file, as its page says it. Inferred: a file that imports this one and holds a
// symbol's name more often than it defines that name itself is taken for its user (repo/references.h has the same rule
// for one symbol), and so is one of the same package that does not define the name (package_users.h). Names travel as
// marks of 32 bits, so that a change of one file costs no walk over all names.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "docs/model.h"
#include "repo/facts.h"
#include "repo/package_mates.h"

namespace skein::docs {

/// What the search for users needs of a file.
struct FileMarks {
  std::vector<std::string> defined;  ///< Names of the symbols whose users are shown, sorted, without doubles.
  std::vector<std::uint32_t> used;   ///< Marks of the names it uses, sorted, without doubles. Two names can share one:
                                     ///< that makes one wrong user in some ten million files that import each other.
  repo::PackageClause package{};
  std::vector<std::uint32_t> own{};  ///< Where it is in a package: marks of the names that it defines, whoever sees
                                     ///< them, sorted, without doubles.
  bool operator==(const FileMarks&) const = default;
};
[[nodiscard]] std::uint32_t mark_of(std::string_view name);
/// `language`: of the facts; null: none.
[[nodiscard]] FileMarks marks_of(const repo::FileFacts& facts, const repo::Language* language = nullptr);
/// Types, callables, constants and macros that are not private.
[[nodiscard]] bool shows_users(const repo::Symbol& symbol);

[[nodiscard]] std::string encode(const FileMarks& marks);
[[nodiscard]] Result<FileMarks> decode_marks(std::string_view bytes);

/// The users of one name.
struct NameUsers {
  std::string name;
  std::uint64_t total = 0;
  std::vector<std::string> files;  ///< The first by path; at most kShownFiles.

  static constexpr std::size_t kShownFiles = 5;
  bool operator==(const NameUsers&) const = default;
};
[[nodiscard]] std::string encode(std::span<const NameUsers> users);
[[nodiscard]] Result<std::vector<NameUsers>> decode_name_users(std::string_view bytes);

/// Of the names that `defining` defines, those that some of `users` (indices of `marks` and `paths`, in the order in
/// which they are to be shown: by path) use; sorted by name. `mates`, if given: further users of a name, by path; those
/// that are among `users` count once. O(names * users * log).
[[nodiscard]] std::vector<NameUsers> users_of_names(
    const FileMarks& defining, std::span<const std::uint32_t> users, std::span<const FileMarks> marks,
    std::span<const std::string_view> paths,
    const std::function<std::vector<std::uint32_t>(std::string_view name)>& mates = {});

/// The users of the symbols of a page, of the users of its names (sorted by name). A page names at most kPageLinks
/// files; of further symbols only the number is known.
inline constexpr std::size_t kPageLinks = 1'000;
[[nodiscard]] std::vector<SymbolUse> symbol_uses(const repo::FileFacts& facts, std::span<const NameUsers> users);
/// Of the symbol with this index; null where nobody uses it. O(log).
[[nodiscard]] const SymbolUse* use_of(const FilePage& page, std::uint32_t symbol);

/// For each file those that use it, as numbers.
[[nodiscard]] std::string encode_numbers(std::span<const std::vector<std::uint32_t>> lists);
/// Errors: `data_corrupt`, also where a number is not below that of the lists.
[[nodiscard]] Result<std::vector<std::vector<std::uint32_t>>> decode_numbers(std::string_view bytes);

}  // namespace skein::docs
