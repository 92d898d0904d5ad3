#include "repo/rules.h"

#include <tree_sitter/api.h>

#include <map>

namespace skein::repo {

/// Looks names up in the grammar and notes the first that is not there.
class RuleCompiler {
 public:
  RuleCompiler(const LanguageSpec& spec, const TSLanguage* grammar) : spec_(spec), grammar_(grammar) {
    const std::uint32_t count = ts_language_symbol_count(grammar);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto kind = static_cast<NodeKind>(i);
      // One name can have several numbers (aliases); all of them mean the same.
      if (ts_language_symbol_type(grammar, kind) == TSSymbolTypeRegular) {
        kinds_[ts_language_symbol_name(grammar, kind)].push_back(kind);
      }
    }
    rules_.grammar = grammar;
    rules_.nodes_.resize(count);
    rules_.names_.resize(count);
  }

  Result<Rules> compile() {
    compile_nodes();
    compile_names();
    compile_words();
    for (const auto& symbol : spec_.symbols) compile(symbol);
    for (const auto& import : spec_.imports) compile(import);
    for (const auto& modifier : spec_.visibility.modifiers) {
      rules_.modifiers.emplace_back(set({modifier.node}), &modifier);
    }
    for (const auto& source : spec_.visibility.exported_names) rules_.exported_names.push_back(compile(source));
    rules_.exported_value = field(spec_.visibility.exported_value);
    rules_.doc_body = field(spec_.comments.string_body);
    rules_.doc_statement = set({spec_.comments.string_statement});
    rules_.doc_string = set({spec_.comments.string});
    if (!error_.empty()) return fail(Code::internal, "data/languages/{}: {}", spec_.id, error_);
    for (auto& rule : rules_.nodes_) {
      rule.plain = !rule.comment && !rule.skip && !rule.skip_local && !rule.local && !rule.section && !rule.exported &&
                   !rule.anchor_doc && !rule.doc_above && !rule.scope && !rule.anchor_signature &&
                   rule.symbols.empty() && rule.imports.empty() && rule.entries.empty();
    }
    return std::move(rules_);
  }

 private:
  const std::vector<NodeKind>& kinds(const std::string& name) {
    static const std::vector<NodeKind> kNone;
    if (name.empty()) return kNone;
    const auto found = kinds_.find(name);
    if (found != kinds_.end()) return found->second;
    if (error_.empty()) error_ = "the grammar has no node \"" + name + "\"";
    return kNone;
  }

  Field field(const std::string& name) {
    if (name.empty()) return 0;
    const Field id = ts_language_field_id_for_name(grammar_, name.data(), static_cast<std::uint32_t>(name.size()));
    if (id == 0 && error_.empty()) error_ = "the grammar has no field \"" + name + "\"";
    return id;
  }

  NodeKinds set(const LanguageSpec::Texts& names) {
    NodeKinds out;
    out.resize(rules_.nodes_.size());
    for (const auto& name : names) {
      for (const NodeKind kind : kinds(name)) out.insert(kind);
    }
    return out;
  }

  void mark(const LanguageSpec::Texts& names, bool NodeRule::* flag) {
    for (const auto& name : names) {
      for (const NodeKind kind : kinds(name)) rules_.nodes_[kind].*flag = true;
    }
  }

  void compile_nodes() {
    mark(spec_.comments.nodes, &NodeRule::comment);
    mark(spec_.skip, &NodeRule::skip);
    mark(spec_.skip_local, &NodeRule::skip_local);
    mark(spec_.locals, &NodeRule::local);
    mark(spec_.doc_above, &NodeRule::doc_above);
    mark(spec_.anchors_doc, &NodeRule::anchor_doc);
    mark(spec_.anchors_signature, &NodeRule::anchor_signature);
    mark({spec_.visibility.section}, &NodeRule::section);
    mark({spec_.visibility.exported}, &NodeRule::exported);
    for (const auto& scope : spec_.scopes) {
      for (const NodeKind kind : kinds(scope.node)) {
        rules_.nodes_[kind].scope = ScopeRule{.name = field(scope.name), .kind = scope.kind};
      }
    }
    for (std::uint16_t i = 0; i < spec_.entries.size(); ++i) {
      for (const NodeKind kind : kinds(spec_.entries[i].node)) rules_.nodes_[kind].entries.push_back(i);
    }
  }

  void compile_words() {
    auto& words = rules_.words;
    for (const auto& word : spec_.words.branches) {
      const bool letters = (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= 'A' && word[0] <= 'Z');
      if (letters) {
        words.branches.insert(word);
      } else {
        words.operators.push_back(word);
      }
    }
    for (const auto& quote : spec_.words.quotes) words.quotes += quote;
    words.triple = spec_.words.triple;
  }

  void compile_names() {
    auto& names = rules_.names_;
    for (const auto& leaf : spec_.names.leaves) {
      for (const NodeKind kind : kinds(leaf)) names[kind].leaf = true;
    }
    for (const auto& [node, next] : spec_.names.through) {
      for (const NodeKind kind : kinds(node)) names[kind].through = true, names[kind].field = field(next);
    }
    for (const auto& node : spec_.names.cut_within)
      for (const NodeKind kind : kinds(node)) names[kind].cut_within = true;
    for (const auto& [node, next] : spec_.names.cut) {
      for (const NodeKind kind : kinds(node)) names[kind].cut = field(next);
    }
    for (const auto& [node, next] : spec_.names.scope) {
      for (const NodeKind kind : kinds(node)) names[kind].scope = field(next);
    }
    for (const auto& [node, made] : spec_.names.makes) {
      for (const NodeKind kind : kinds(node)) names[kind].makes = true, names[kind].made = made;
    }
  }

  void compile(const LanguageSpec::SymbolRule& in) {
    SymbolRule out;
    out.kind = in.kind;
    out.upper = in.upper;
    out.name = field(in.name);
    out.owner = field(in.owner);
    out.name_nodes = set(in.name_nodes);
    for (const auto& name : in.needs) out.needs.push_back(field(name));
    for (const auto& name : in.without) out.without.push_back(field(name));
    out.end_nodes.resize(rules_.nodes_.size());
    for (const auto& end : in.ends) {
      const auto dot = end.find('.');
      const std::string outer = end.substr(0, dot);
      if (dot != std::string::npos) {
        out.ends.push_back({field(outer), field(end.substr(dot + 1))});
      } else if (kinds_.contains(outer)) {
        for (const NodeKind kind : kinds(outer)) out.end_nodes.insert(kind);
      } else {
        out.ends.push_back({field(outer), 0});
      }
    }
    out.by_field = field(in.by_field);
    out.by_without = field(in.by_without);
    if (!in.by.empty()) out.by.resize(rules_.nodes_.size());
    for (const auto& [node, kind] : in.by) {
      for (const NodeKind id : kinds(node)) out.by[id] = kind;
    }
    out.every = in.every;
    out.local = in.local;
    out.once = in.once;
    out.fixed = in.fixed;
    out.declaration = in.declaration;
    out.only_by = in.only_by;
    out.at_name = in.at_name;
    const auto index = static_cast<std::uint16_t>(rules_.symbols.size());
    for (const auto& node : in.nodes) {
      for (const NodeKind kind : kinds(node)) rules_.nodes_[kind].symbols.push_back(index);
    }
    rules_.symbols.push_back(std::move(out));
  }

  NameSource compile(const LanguageSpec::NameSource& in) {
    return {.nodes = set({in.node}), .field = field(in.field), .child = set({in.child}), .as = in.as};
  }

  void compile(const LanguageSpec::ImportRule& in) {
    ImportRule out;
    out.target = field(in.target);
    out.each = field(in.each);
    out.fixed = in.fixed;
    out.when_field = field(in.when_field);
    out.when = in.when;
    for (const auto& source : in.names) out.names.push_back(compile(source));
    out.relative_starts = in.relative_starts;
    out.relative_nodes = set(in.relative_nodes);
    out.words = in.words;
    for (const auto& name : in.without) out.without.push_back(field(name));
    out.before = in.before;
    out.last = in.last;
    const auto index = static_cast<std::uint16_t>(rules_.imports.size());
    for (const NodeKind kind : kinds(in.node)) rules_.nodes_[kind].imports.push_back(index);
    rules_.imports.push_back(std::move(out));
  }

  const LanguageSpec& spec_;
  const TSLanguage* grammar_;
  std::map<std::string, std::vector<NodeKind>> kinds_;
  Rules rules_;
  std::string error_;
};

Result<Rules> Rules::compile(const LanguageSpec& spec, const TSLanguage* grammar) {
  return RuleCompiler(spec, grammar).compile();
}

}  // namespace skein::repo
