// What one file says about itself: symbols, imports, comments, sizes. Facts are a pure function of a file's bytes and
// its language, so they are stored as one immutable blob under the file's digest; the file's path is no part of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skein::repo {

enum class SymbolKind : std::uint8_t {
  namespace_,
  class_,
  struct_,
  union_,
  enum_,
  interface,
  function,
  method,
  field,
  property,
  enum_member,
  constant,
  variable,
  type_alias,
  macro,
};

enum class Visibility : std::uint8_t { public_, protected_, private_, internal };

[[nodiscard]] std::string_view to_string(SymbolKind kind);
[[nodiscard]] std::string_view to_string(Visibility visibility);
/// The value of a name that `to_string` gave.
[[nodiscard]] std::optional<SymbolKind> parse_symbol_kind(std::string_view name);
[[nodiscard]] std::optional<Visibility> parse_visibility(std::string_view name);

/// A named thing that a file defines.
struct Symbol {
  bool operator==(const Symbol&) const = default;
  static constexpr std::uint32_t kNoParent = 0xffffffff;

  std::string name{};       ///< As written, without scope.
  std::string qualifier{};  ///< The scope written before the name, "a.B" in C++'s `a::B::f`; mostly empty.
  SymbolKind kind{};
  Visibility visibility{};
  std::uint32_t parent = kNoParent;  ///< Index of the enclosing symbol; always smaller than the own one.
  std::uint32_t line = 0;            ///< 1-based, of the definition's first line.
  std::uint32_t end_line = 0;        ///< 1-based, inclusive.
  std::string signature{};           ///< One line, white space folded, without the body.
  std::string doc{};                 ///< Its comment or docstring without the comment's marks; may be empty.
};

/// A use of another file or module, as written; `repo/resolve.h` finds what it means in a workspace.
struct Import {
  bool operator==(const Import&) const = default;
  std::string target{};              ///< "os.path", "./util", "boost/config.hpp".
  std::vector<std::string> names{};  ///< What is taken from it; empty: all of it.
  std::uint32_t line = 0;            ///< 1-based.
  bool relative = false;             ///< Python's leading dots (kept in target), C's quotes, JavaScript's "./".
};

/// A name that occurs in the code of a file, outside comments and strings; what it means there, the file alone does not
/// say (references.h holds it against what its imports define).
struct NameUse {
  bool operator==(const NameUse&) const = default;
  std::string name{};
  std::uint32_t line = 0;   ///< 1-based, of the first.
  std::uint32_t count = 0;  ///< How often, definitions included.
};

struct FileFacts {
  bool operator==(const FileFacts&) const = default;
  std::string language{};        ///< The id of its folder in data/languages; empty: none was applied.
  std::uint32_t lines = 0;       ///< Lines in all; a last line without a newline counts.
  std::uint32_t code_lines = 0;  ///< Lines that are neither blank nor comment only.
  std::uint32_t comment_lines = 0;
  std::uint32_t parse_errors = 0;  ///< Error nodes of the parser; symbols survive them.
  bool cut = false;                ///< A limit (size, depth, symbols) was met; what is here is true but not all.
  bool entry_point = false;        ///< Has a main function, or Python's `if __name__ == "__main__"`; or is a script.
  bool script = false;             ///< Its first line names an interpreter ("#!").
  std::string doc{};               ///< The file's own comment or module docstring.
  std::vector<Symbol> symbols{};   ///< In the order of the file; a parent before its members.
  std::vector<Import> imports{};   ///< In the order of the file.
  std::uint32_t branches = 0;  ///< Decisions: words and operators that its language's data lists ("if", "case", "&&").
                               ///< McCabe's measure (1976), counted over the file; 0 for languages without a grammar.
  std::vector<NameUse> names{};  ///< By name; keywords are among them, since
                                 ///< what is one can be a name elsewhere. Empty for languages without a grammar.
};

/// "Outer.inner" with the language-neutral separator ".": the names of all parents, then the symbol's qualifier.
[[nodiscard]] std::string scope_of(const FileFacts& facts, const Symbol& symbol);

/// The result version of extraction, MAJOR.MINOR: raised when equal bytes give other facts or another stored form. A
/// part of the digest of every language.
inline constexpr std::string_view kFactsVersion = "1.4";

/// The stored form; equal facts give equal bytes.
[[nodiscard]] std::string encode(const FileFacts& facts);
/// Never trusts its input: what it gives has parents before their members and known kinds only.
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<FileFacts> decode_facts(std::string_view bytes);

}  // namespace skein::repo
