// A language's data compiled against its grammar: tables indexed by the grammar's numbers, so that the walk over a
// file's tree compares no strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "repo/language_spec.h"
#include "repo/word_scan.h"

struct TSLanguage;

namespace skein::repo {

using NodeKind = std::uint16_t;  ///< A TSSymbol. ERROR's is 65535: larger than every table.
using Field = std::uint16_t;     ///< A TSFieldId; 0 is none.

/// A set of node kinds.
class NodeKinds {
 public:
  void resize(std::size_t count) { bits_.resize(count); }
  void insert(NodeKind kind) { bits_[kind] = true, empty_ = false; }
  [[nodiscard]] bool contains(NodeKind kind) const { return kind < bits_.size() && bits_[kind]; }
  [[nodiscard]] bool empty() const { return empty_; }

 private:
  std::vector<bool> bits_;
  bool empty_ = true;
};

/// The way from a node of this kind to a name.
struct NameStep {
  bool leaf = false, through = false, makes = false;
  Field field = 0;  ///< To follow; 0: the first named child.
  Field cut = 0, scope = 0;
  bool cut_within = false;  ///< A cut field ends before this node.
  std::optional<SymbolKind> made;
};

struct SignatureEnd {
  Field field = 0, inner = 0;  ///< `inner` of `field`, if given.
};

struct SymbolRule {
  SymbolKind kind{};
  std::optional<SymbolKind> upper;
  Field name = 0, owner = 0;
  NodeKinds name_nodes;
  std::vector<Field> needs, without;
  std::vector<SignatureEnd> ends;
  NodeKinds end_nodes;
  Field by_field = 0, by_without = 0;
  std::vector<std::optional<SymbolKind>> by;  ///< By node kind; empty: no such rule.
  bool every = false, local = true, once = false, fixed = false, declaration = false, only_by = false, at_name = false;
};

struct NameSource {
  NodeKinds nodes;  ///< Empty: the import's own children in `field`.
  Field field = 0;
  NodeKinds child;  ///< If not empty: only with a direct child of this kind.
  std::string as;
};

struct ImportRule {
  Field target = 0, each = 0, when_field = 0;
  std::string fixed;
  std::vector<std::string> when;
  std::vector<NameSource> names;
  std::vector<std::string> relative_starts;
  NodeKinds relative_nodes;
  std::vector<std::string> words;
  std::vector<Field> without;
  std::string before;
  bool last = false;
};

/// A node that is no symbol but a scope.
struct ScopeRule {
  Field name = 0;
  SymbolKind kind{};
};

/// What the walk does at a node of one kind.
struct NodeRule {
  bool plain = true;  ///< Nothing but going on.
  bool comment = false, skip = false, skip_local = false, local = false, section = false, exported = false;
  bool anchor_doc = false, anchor_signature = false, doc_above = false;
  std::optional<ScopeRule> scope;
  std::vector<std::uint16_t> symbols;  ///< Indexes into `Rules::symbols`; the first that applies is taken.
  std::vector<std::uint16_t> imports;  ///< The same, into `Rules::imports`.
  std::vector<std::uint16_t> entries;  ///< Indexes into the specification's entries.
};

/// Compiled from a specification, which must outlive it.
class Rules {
 public:
  /// Errors: `internal`, naming a node kind or field that the grammar lacks.
  [[nodiscard]] static Result<Rules> compile(const LanguageSpec& spec, const TSLanguage* grammar);

  /// Nothing special for kinds outside the table (ERROR).
  [[nodiscard]] const NodeRule& node(NodeKind kind) const { return kind < nodes_.size() ? nodes_[kind] : other_; }
  [[nodiscard]] const NameStep& name(NodeKind kind) const { return kind < names_.size() ? names_[kind] : no_name_; }

  const TSLanguage* grammar = nullptr;
  std::vector<SymbolRule> symbols;
  std::vector<ImportRule> imports;
  std::vector<std::pair<NodeKinds, const LanguageSpec::VisibilityRules::ByModifier*>> modifiers;
  std::vector<NameSource> exported_names;
  Field exported_value = 0;
  Field doc_body = 0;
  NodeKinds doc_statement, doc_string;
  WordRules words;

 private:
  friend class RuleCompiler;
  std::vector<NodeRule> nodes_;
  std::vector<NameStep> names_;
  NodeRule other_;
  NameStep no_name_;
};

}  // namespace skein::repo
