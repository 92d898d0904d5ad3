// What data/languages/<id>/language.toml says, read but not yet compiled against the grammar. The file format is
// explained in data/languages/README.md; a field here has the key's own name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "repo/facts.h"

namespace skein::repo {

struct LanguageSpec {
  using Texts = std::vector<std::string>;
  using KindByNode = std::map<std::string, SymbolKind>;

  /// `[[claims]]`: takes files of an extension that another language has, when their content says so.
  struct Claim {
    std::string extension;
    Texts line_starts;  ///< A line outside comments starts with one of these, blanks aside.
    Texts contains;     ///< Or holds one of these.
  };

  /// `[comments]`
  struct Comments {
    Texts line;                                              ///< "//", "#".
    std::vector<std::pair<std::string, std::string>> block;  ///< "/*" and "*/".
    Texts nodes;                                             ///< Node kinds.
    Texts directives;                                        ///< Comments that start so are for tools, not for readers.
    bool doc_before = true;                                  ///< Comments right before a symbol describe it.
    std::string string_body, string_statement, string;       ///< Docstrings: a body's first statement is a string.
  };

  /// `[names]`: the way from a node to the name in it.
  struct Names {
    Texts leaves;                                            ///< Kinds that are a name.
    std::map<std::string, std::string> through;              ///< Follow this field; "": the first named child.
    std::map<std::string, std::string> cut;                  ///< The name is the text before this field,
    Texts cut_within;                                        ///< or before the first such node in it.
    std::map<std::string, std::string> scope;                ///< This field holds the scope of a qualified name.
    std::map<std::string, std::optional<SymbolKind>> makes;  ///< The innermost such wrapper decides the kind; "": none.
  };

  /// `[[symbol]]`
  struct SymbolRule {
    Texts nodes;
    SymbolKind kind{};
    std::optional<SymbolKind> upper;  ///< Of names in capitals.
    std::string name;                 ///< Field; "": the first child whose kind is a name.
    bool every = false;               ///< Each child in the field `name` is a symbol.
    Texts name_nodes;                 ///< The field must be of one of these kinds.
    Texts needs, without;             ///< Fields that must, must not be there.
    Texts ends;                       ///< The signature ends where one of these fields or nodes starts ("value.body").
    bool local = true;                ///< Also inside functions.
    bool once = false;                ///< Only the first of a name in a scope.
    bool fixed = false;               ///< `names.makes` does not change the kind.
    bool declaration = false;         ///< Says that a thing is there, but is not its definition.
    std::string by_field;             ///< The kind follows the kind of the node in this field …
    KindByNode by;
    std::string by_without;  ///< … if that has no such field.
    bool at_name = false;    ///< The symbol is its name alone: the node holds others too.
    bool only_by = false;    ///< No symbol unless `by` or `names.makes` says which.
    std::string owner;       ///< This field names the class that the symbol belongs to (Go's receiver).
  };

  /// `[[scope]]`: a node that is no symbol, but what stands in it belongs to the class it names (Rust's impl).
  struct ScopeRule {
    std::string node, name;  ///< `name`: a field.
    SymbolKind kind{};
  };

  /// Names inside an import or an export.
  struct NameSource {
    std::string node, field, child, as;
  };

  /// `[[import]]`
  struct ImportRule {
    std::string node;
    std::string target;      ///< Field; "": the first named child that is a name.
    std::string each;        ///< One import per child in this field.
    std::string fixed;       ///< The target itself, where the node has none.
    std::string when_field;  ///< Only if this field's text …
    Texts when;              ///< … is one of these.
    std::vector<NameSource> names;
    Texts relative_starts, relative_nodes;
    Texts words;         ///< If given, the target is the node's text after these words, its {…} and commas expanded.
    Texts without;       ///< Fields that must not be there.
    std::string before;  ///< Written in front of the target.
    bool last = false;   ///< The target is the last named child of what `target` leads to.
  };

  /// `[visibility]`
  struct VisibilityRules {
    struct ByName {
      std::string starts, ends;
      bool upper = false;  ///< The first letter is a capital.
      Visibility is{};
    };
    struct ByModifier {
      std::string node, word;  ///< A child of this kind that holds this word.
      bool member = true;      ///< Also of members.
      Visibility is{};
    };
    Visibility standard = Visibility::public_;
    std::map<SymbolKind, Visibility> members;  ///< Of what stands in a symbol of this kind.
    std::vector<ByName> names;
    std::vector<ByModifier> modifiers;
    std::string section;   ///< A node whose text ("private") holds for the members after it.
    std::string exported;  ///< Where a file has such nodes, its outer symbols outside them are internal.
    std::string exported_value;
    std::vector<NameSource> exported_names;
  };

  /// `[[entry]]`
  struct EntryRule {
    std::string name;          ///< A function of this name at the top …
    std::string node, starts;  ///< … or a node whose text starts so …
    bool nested = false;       ///< … also inside other symbols.
  };

  /// `[resolve]`: what `repo/resolve.h` needs.
  struct Resolve {
    std::string rule;  ///< One of the ways that resolve.h lists; "": imports are not resolved.
    Texts extensions;  ///< Tried in this order.
    Texts index;       ///< Names of the file that stands for its folder, without extension.
    Texts roots;       ///< Folders below which full names start.
    std::map<std::string, std::string> instead;  ///< An extension as written, and the one that the source may have.
    std::string mates;  ///< Files that see each other's names without an import have the same package clause …
                        ///< "folder": and are in one folder; "package": wherever they are; "": there are none.
  };

  /// `[words]`: see word_scan.h.
  struct Words {
    Texts branches;  ///< Words, and operators of two bytes, each of which is a decision.
    Texts quotes;    ///< One character each.
    bool triple = false;
  };

  /// `[macros]`: which macros are blanked out before parsing; see macro_mask.h.
  struct Macros {
    Texts after;        ///< Keywords: macros between one and the name that is defined there.
    Texts behind;       ///< What may stand among macros behind a function's parameters; empty: these stay.
    Texts no_function;  ///< Words whose parentheses hold no parameters.
  };

  /// `[graph]`: lines of a .gitignore, held against file names; see graph_sources.h.
  struct Graph {
    Texts by_import;  ///< Files that are used only where some file imports them.
    Texts run;        ///< Files that a tool runs or loads by their name.
  };

  std::string id, name, grammar;
  Texts extensions, files, interpreters;
  std::vector<Claim> claims;
  Comments comments;
  Names names;
  std::vector<SymbolRule> symbols;
  std::vector<ScopeRule> scopes;
  Texts skip, skip_local;                    ///< Nodes that hold no symbols (inside functions).
  Texts locals;                              ///< Nodes whose variables are nobody else's, as those of a function.
  Texts doc_above;                           ///< Nodes between a symbol and its comment (Rust's attributes).
  Texts anchors_doc, anchors_signature;      ///< Wrappers in front of which a symbol's comment, signature starts.
  std::map<SymbolKind, SymbolKind> members;  ///< What a kind becomes inside a class.
  std::vector<ImportRule> imports;
  VisibilityRules visibility;
  std::vector<EntryRule> entries;
  Resolve resolve;
  Graph graph;
  Words words;
  Macros macros;
};

/// What stands before the first table but [[claims]]: the keys that say which files are of the language. It is a
/// language's data of its own, which costs a tenth to parse.
[[nodiscard]] std::string_view language_head(std::string_view text);

/// Reads one language.toml. Errors: `invalid_argument` with line or key.
[[nodiscard]] Result<LanguageSpec> parse_language(std::string_view text);

}  // namespace skein::repo
