#include "repo/symbol_walk.h"

#include <algorithm>
#include <optional>

#include "repo/import_text.h"
#include "repo/node_name.h"

namespace skein::repo {
namespace {

constexpr NodeKind kErrorNode = 65535;
constexpr std::size_t kMaxImportNames = 1000;

std::uint32_t start_of(TSNode node) { return ts_node_start_byte(node); }
std::uint32_t end_of(TSNode node) { return ts_node_end_byte(node); }
std::uint32_t row_of(TSNode node) { return ts_node_start_point(node).row; }
bool is_function(SymbolKind kind) {
  return kind == SymbolKind::function || kind == SymbolKind::method || kind == SymbolKind::macro;
}
bool is_class(SymbolKind kind) {
  return kind == SymbolKind::class_ || kind == SymbolKind::struct_ || kind == SymbolKind::union_ ||
         kind == SymbolKind::interface || kind == SymbolKind::enum_;
}

bool is_upper(std::string_view name) {
  bool letter = false;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') return false;
    letter = letter || (c >= 'A' && c <= 'Z');
  }
  return letter;
}

/// Tells whether some range may hold a comment, in one pass over the text. Ranges must be asked for in order.
class CommentMarks {
 public:
  CommentMarks(std::string_view text, const LanguageSpec::Comments& marks) : text_(text) {
    for (const auto& mark : marks.line) next_.push_back({mark, 0, false});
    for (const auto& mark : marks.block) next_.push_back({mark.first, 0, false});
  }
  bool in(std::uint32_t begin, std::uint32_t end) {
    bool found = false;
    for (auto& mark : next_) {
      if (!mark.known || mark.at < begin) {
        mark.at = std::min(text_.find(mark.text, begin), text_.size());
        mark.known = true;
      }
      found = found || mark.at < end;
    }
    return found;
  }

 private:
  struct Mark {
    std::string_view text;
    std::size_t at;
    bool known;
  };
  std::string_view text_;
  std::vector<Mark> next_;
};

class Walker {
 public:
  Walker(const Rules& rules, const LanguageSpec& spec, TSNode root, std::string_view text, std::size_t max_items)
      : rules_(rules), spec_(spec), text_(text), marks_(text, spec.comments), scan_(root), max_items_(max_items) {
    scopes_.push_back({Symbol::kNoParent, -1, spec.visibility.standard, std::nullopt, false, {}});
  }

  Found run(TSNode root) {
    TreeCursor cursor(root);
    note_docstring(root, found_.string_begin, found_.string_end);
    found_.first_code_byte = static_cast<std::uint32_t>(text_.size());
    int depth = 0;
    for (;;) {
      if (enter(cursor.node(), depth) && cursor.first_child()) {
        ++depth;
        continue;
      }
      while (!cursor.next_sibling()) {
        if (!cursor.parent()) return std::move(found_);
        --depth;
        leave(depth);
      }
      leave(depth);
    }
  }

 private:
  /// Where the walk is: inside which symbol, and what holds for the members there.
  struct Scope {
    std::uint32_t symbol;
    int depth;
    Visibility visibility;
    std::optional<SymbolKind> kind;
    bool local;              ///< Variables here are nobody else's.
    std::string owner = {};  ///< Of a scope that is no symbol: the class that its members belong to.
  };
  /// A wrapper (decorator, template, export) around the node at depth + 1.
  struct Anchor {
    int depth = -2;
    std::uint32_t end = 0, row = 0, signature = 0;
    bool has_signature = false, exported = false;
    TSNode outer{};  ///< The outermost of adjacent wrappers.
  };
  void leave(int depth) {
    while (scopes_.back().depth >= depth) scopes_.pop_back();
  }

  std::string_view text_of(TSNode node) const { return node_text(text_, node); }
  std::optional<Name> resolve_name(TSNode node) const { return skein::repo::resolve_name(rules_, text_, node); }

  /// Looks at a node; false where nothing below it matters.
  bool enter(TSNode node, int depth) {
    const NodeKind kind = ts_node_symbol(node);
    if (kind == kErrorNode) ++found_.errors;
    const NodeRule& rule = rules_.node(kind);
    if (rule.comment) {
      add_comment(node);
      return false;
    }
    if (depth > 0) found_.first_code_byte = std::min(found_.first_code_byte, start_of(node));
    if (rule.plain) return true;
    if (rule.anchor_doc || rule.anchor_signature || rule.exported) add_anchor(node, rule, depth);
    if (rule.section) set_section(node);
    if (rule.doc_above) note_above(node, depth);
    if (rule.scope) open_scope(*rule.scope, node, depth);
    for (const auto entry : rule.entries) {
      const auto& wanted = spec_.entries[entry];
      if ((wanted.nested || scopes_.size() == 1) && text_of(node).starts_with(wanted.starts)) found_.entry_point = true;
    }
    for (const auto import : rule.imports) {
      if (add_import(rules_.imports[import], node)) break;
    }
    for (const auto symbol : rule.symbols) {
      if (add_symbol(rules_.symbols[symbol], node, depth)) break;
    }
    if (rule.local) {
      Scope scope = scopes_.back();
      scope.depth = depth;
      scope.local = true;
      if (scopes_.back().depth < depth) scopes_.push_back(scope);  // A symbol's own scope is there already.
    }
    const bool skipped = rule.skip || (rule.skip_local && scopes_.back().local);
    return !skipped || ts_node_has_error(node) || marks_.in(start_of(node), end_of(node));
  }

  void add_comment(TSNode node) {
    const std::uint32_t begin = start_of(node);
    std::uint32_t end = end_of(node);
    std::uint32_t end_row = ts_node_end_point(node).row;
    // Some grammars count the newline in.
    while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) {
      if (text_[--end] == '\n') --end_row;
    }
    found_.comments.push_back({begin, end, row_of(node), end_row});
  }

  void add_anchor(TSNode node, const NodeRule& rule, int depth) {
    Anchor next{.depth = depth, .end = end_of(node), .row = row_of(node), .outer = node};
    if (anchor_.depth == depth - 1 && start_of(node) < anchor_.end) {
      next.row = anchor_.row;
      next.exported = anchor_.exported;
      next.outer = anchor_.outer;
      next.has_signature = anchor_.has_signature;
      next.signature = anchor_.signature;
    }
    if (rule.anchor_signature && !next.has_signature) {
      next.has_signature = true;
      next.signature = start_of(node);
    }
    if (rule.exported) {
      next.exported = found_.has_exports = true;
      for (const auto& source : rules_.exported_names) {
        add_names(source, node, [&](std::string name) { found_.exported_names.insert(std::move(name)); });
      }
      if (rules_.exported_value != 0) {
        const TSNode value = node_child(node, rules_.exported_value);
        if (!ts_node_is_null(value) && end_of(value) - start_of(value) < 200) {
          found_.exported_names.emplace(text_of(value));
        }
      }
    }
    anchor_ = next;
  }

  void set_section(TSNode node) {
    const std::string_view word = text_of(node);
    for (const auto visibility : {Visibility::public_, Visibility::protected_, Visibility::private_}) {
      if (!word.starts_with(to_string(visibility))) continue;
      const std::string_view rest = word.substr(to_string(visibility).size());
      if (rest.empty() || rest[0] == ' ' || rest[0] == ':') scopes_.back().visibility = visibility;
    }
  }

  /// Attributes stand between a symbol and its comment; a run of them counts as one.
  void note_above(TSNode node, int depth) {
    const bool goes_on = above_.depth == depth && row_of(node) <= above_.end_row + 1;
    if (!goes_on) above_.row = row_of(node);
    above_.depth = depth;
    above_.end_row = last_row(node);
  }

  void open_scope(const ScopeRule& rule, TSNode node, int depth) {
    const TSNode name_node = node_child(node, rule.name);
    if (ts_node_is_null(name_node) || scopes_.back().depth >= depth) return;
    auto name = resolve_name(name_node);
    if (!name) return;
    const auto members = spec_.visibility.members.find(rule.kind);
    Scope scope = scopes_.back();
    scope.depth = depth;
    scope.kind = rule.kind;
    scope.local = false;
    scope.owner = std::move(name->text);
    if (members != spec_.visibility.members.end()) scope.visibility = members->second;
    scopes_.push_back(std::move(scope));
  }

  [[nodiscard]] bool has(TSNode node, Field field) const {
    return !ts_node_is_null(ts_node_child_by_field_id(node, field));
  }

  /// True if the rule was the right one for this node.
  bool add_symbol(const SymbolRule& rule, TSNode node, int depth) {
    if (!rule.local && scopes_.back().local) return false;
    if (!std::ranges::all_of(rule.needs, [&](Field field) { return has(node, field); })) return false;
    if (std::ranges::any_of(rule.without, [&](Field field) { return has(node, field); })) return false;
    if (!rule.every) {
      const TSNode name = rule.name == 0 ? first_name(node) : node_child(node, rule.name);
      return add_named(rule, node, name, depth);
    }
    bool any = false;
    std::vector<TSNode> names;  // Collected first: add_named uses the cursor too.
    scan_.reset(node);
    for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
      if (scan_.field() == rule.name && names.size() < kMaxImportNames) names.push_back(scan_.node());
    }
    for (const TSNode name : names) any = add_named(rule, node, name, depth) || any;
    return any;
  }

  TSNode first_name(TSNode node) {
    scan_.reset(node);
    for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
      const NameStep& step = rules_.name(ts_node_symbol(scan_.node()));
      if (step.leaf || step.through) return scan_.node();
    }
    return TSNode{};
  }

  bool add_named(const SymbolRule& rule, TSNode node, TSNode name_node, int depth) {
    if (ts_node_is_null(name_node)) return false;
    if (!rule.name_nodes.empty() && !rule.name_nodes.contains(ts_node_symbol(name_node))) return false;
    auto name = resolve_name(name_node);
    if (!name || name->text.empty()) return false;
    auto kind = kind_of(rule, node, *name);
    if (!kind) return false;
    // A second name of the same node ("int a, b") is no member of the first.
    const Scope scope = scopes_.back().depth == depth ? scopes_[scopes_.size() - 2] : scopes_.back();
    if (rule.once && !seen_.insert(std::to_string(scope.symbol) + " " + name->text).second) return true;
    if (found_.symbols.size() >= max_items_) {
      found_.cut = true;
      return true;
    }
    FoundSymbol out;
    if (rule.owner != 0) {
      const TSNode owner = node_child(node, rule.owner);
      if (!ts_node_is_null(owner)) {
        if (auto of = resolve_name(owner)) name->qualifier = std::move(of->text);
      }
    } else if (name->qualifier.empty()) {
      name->qualifier = scope.owner;
    }
    const bool member = (scope.kind && is_class(*scope.kind)) || !name->qualifier.empty();
    if (member) {
      if (const auto as = spec_.members.find(*kind); as != spec_.members.end()) kind = as->second;
    }
    out.symbol.kind = *kind;
    out.symbol.parent = scope.symbol;
    out.outer = scope.symbol == Symbol::kNoParent && !scope.local;
    if (rule.at_name) node = name_node;
    out.symbol.line = row_of(node) + 1;
    out.symbol.end_line = last_row(node) + 1;
    out.doc_row = row_of(node);
    if (above_.depth == depth && out.doc_row <= above_.end_row + 1) out.doc_row = above_.row;
    out.signature_begin = start_of(node);
    out.signature_end = signature_end(rule, node);
    TSNode wrapper{};
    if (anchor_.depth == depth - 1 && start_of(node) < anchor_.end) {
      wrapper = anchor_.outer;
      out.doc_row = anchor_.row;
      out.exported = anchor_.exported;
      if (anchor_.has_signature) out.signature_begin = anchor_.signature;
      anchor_.has_signature = false;
    }
    note_docstring(node, out.string_begin, out.string_end);
    out.symbol.visibility = visibility_of(node, wrapper, name->text, scope, member);
    if (out.outer && !rule.declaration && is_function(*kind)) {
      for (const auto& entry : spec_.entries) found_.entry_point |= !entry.name.empty() && entry.name == name->text;
    }
    out.symbol.name = std::move(name->text);
    out.symbol.qualifier = std::move(name->qualifier);
    if (!rule.at_name && scopes_.back().depth < depth) push_scope(*kind, depth);
    found_.symbols.push_back(std::move(out));
    return true;
  }

  void push_scope(SymbolKind kind, int depth) {
    const auto members = spec_.visibility.members.find(kind);
    scopes_.push_back({static_cast<std::uint32_t>(found_.symbols.size()),
                       depth,
                       members == spec_.visibility.members.end() ? spec_.visibility.standard : members->second,
                       kind,
                       is_function(kind),
                       {}});
  }

  std::optional<SymbolKind> kind_of(const SymbolRule& rule, TSNode node, const Name& name) const {
    if (!rule.fixed && name.makes) return name.made;
    if (!rule.by.empty()) {
      const TSNode value = node_child(node, rule.by_field);
      if (!ts_node_is_null(value) && ts_node_symbol(value) < rule.by.size()) {
        const auto by = rule.by[ts_node_symbol(value)];
        if (by && (rule.by_without == 0 || !has(value, rule.by_without))) return by;
      }
    }
    if (rule.only_by) return std::nullopt;
    if (rule.upper && is_upper(name.text)) return rule.upper;
    return rule.kind;
  }

  static std::uint32_t last_row(TSNode node) {
    const TSPoint end = ts_node_end_point(node);
    const std::uint32_t first = row_of(node);
    return end.column == 0 && end.row > first ? end.row - 1 : end.row;
  }

  std::uint32_t signature_end(const SymbolRule& rule, TSNode node) {
    std::uint32_t end = end_of(node);
    for (const auto& [field, inner] : rule.ends) {
      TSNode at = ts_node_child_by_field_id(node, field);
      if (!ts_node_is_null(at) && inner != 0) at = ts_node_child_by_field_id(at, inner);
      if (!ts_node_is_null(at)) end = std::min(end, start_of(at));
    }
    if (!rule.end_nodes.empty()) {
      scan_.reset(node);
      for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
        if (rule.end_nodes.contains(ts_node_symbol(scan_.node()))) {
          end = std::min(end, start_of(scan_.node()));
          break;
        }
      }
    }
    return end;
  }

  /// `wrapper`: may be null; modifiers of "private int a, b" stand there.
  Visibility visibility_of(TSNode node, TSNode wrapper, std::string_view name, const Scope& scope, bool member) {
    for (const TSNode holder : {node, wrapper}) {
      if (rules_.modifiers.empty() || ts_node_is_null(holder)) continue;
      scan_.reset(holder);
      for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
        const NodeKind kind = ts_node_symbol(scan_.node());
        for (const auto& [nodes, modifier] : rules_.modifiers) {
          if (nodes.contains(kind) && (modifier->member || !member) && text_of(scan_.node()).contains(modifier->word)) {
            return modifier->is;
          }
        }
      }
    }
    for (const auto& by : spec_.visibility.names) {
      if (by.upper && (name.empty() || name[0] < 'A' || name[0] > 'Z')) continue;
      if (name.starts_with(by.starts) && name.ends_with(by.ends)) return by.is;
    }
    return scope.local ? Visibility::internal : scope.visibility;
  }

  /// The string that is the first statement of a body (of the node itself for the file).
  void note_docstring(TSNode node, std::uint32_t& begin, std::uint32_t& end) {
    if (rules_.doc_string.empty()) return;
    TSNode body = ts_node_child_by_field_id(node, rules_.doc_body);
    if (ts_node_is_null(body)) {
      if (start_of(node) != 0 || !ts_node_is_null(ts_node_parent(node))) return;
      body = node;
    }
    scan_.reset(body);
    for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
      TSNode statement = scan_.node();
      if (!ts_node_is_named(statement) || rules_.node(ts_node_symbol(statement)).comment) continue;
      if (rules_.doc_statement.contains(ts_node_symbol(statement))) statement = ts_node_named_child(statement, 0);
      if (!ts_node_is_null(statement) && rules_.doc_string.contains(ts_node_symbol(statement))) {
        begin = start_of(statement);
        end = end_of(statement);
      }
      return;
    }
  }

  /// True if the rule was the right one for this node.
  bool add_import(const ImportRule& rule, TSNode node) {
    if (std::ranges::any_of(rule.without, [&](Field field) { return has(node, field); })) return false;
    if (rule.when_field != 0) {
      const TSNode what = node_child(node, rule.when_field);
      if (ts_node_is_null(what) || end_of(what) - start_of(what) > 64) return false;
      if (std::ranges::find(rule.when, text_of(what)) == rule.when.end()) return false;
    }
    if (rule.each != 0) {
      std::vector<TSNode> targets;
      scan_.reset(node);
      for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
        if (scan_.field() == rule.each && targets.size() < kMaxImportNames) targets.push_back(scan_.node());
      }
      for (const TSNode target : targets) add_import_of(rule, node, target);
      return !targets.empty();
    }
    if (!rule.fixed.empty()) return push_import(rule, node, rule.fixed, false);
    if (!rule.words.empty()) {
      for (auto& target : expanded_import(text_of(node), rule.words)) push_import(rule, node, std::move(target), false);
      return true;
    }
    TSNode target = rule.target == 0 ? first_name(node) : node_child(node, rule.target);
    if (rule.last && !ts_node_is_null(target)) {
      const std::uint32_t count = ts_node_named_child_count(target);
      if (count > 0) target = ts_node_named_child(target, count - 1);
    }
    return add_import_of(rule, node, target);
  }

  bool add_import_of(const ImportRule& rule, TSNode node, TSNode target) {
    if (ts_node_is_null(target)) return false;
    const auto name = resolve_name(target);
    if (!name) return false;
    return push_import(rule, node, name->text, rule.relative_nodes.contains(ts_node_symbol(target)));
  }

  bool push_import(const ImportRule& rule, TSNode node, std::string target, bool relative) {
    if (found_.imports.size() >= max_items_) {
      found_.cut = true;
      return true;
    }
    Import import;
    target.insert(0, rule.before);
    import.relative = relative || std::ranges::any_of(rule.relative_starts,
                                                      [&](const auto& start) { return target.starts_with(start); });
    import.target = std::move(target);
    import.line = row_of(node) + 1;
    for (const auto& source : rule.names) {
      add_names(source, node, [&](std::string name) { import.names.push_back(std::move(name)); });
    }
    found_.imports.push_back(std::move(import));
    return true;
  }

  /// Calls `body(name)` for the names that `source` finds in `node`: children in a field, or descendants of a kind.
  template <class Body>
  void add_names(const NameSource& source, TSNode node, Body body) {
    std::vector<TSNode> hits;
    scan_.reset(node);
    if (source.nodes.empty()) {
      for (bool more = scan_.first_child(); more && hits.size() < kMaxImportNames; more = scan_.next_sibling()) {
        if (scan_.field() == source.field) hits.push_back(scan_.node());
      }
      for (const TSNode hit : hits) {
        if (auto name = resolve_name(hit)) body(std::move(name->text));
      }
      return;
    }
    // Names stand near the top; what lies deeper (a whole exported class) is none of them.
    constexpr int kDepth = 4;
    int depth = 0;
    bool down = true;
    for (;;) {
      if (down && depth > 0 && source.nodes.contains(ts_node_symbol(scan_.node()))) hits.push_back(scan_.node());
      if (hits.size() >= kMaxImportNames) break;
      if (down && depth < kDepth && scan_.first_child()) {
        ++depth;
        continue;
      }
      if (depth == 0) break;
      if (scan_.next_sibling()) {
        down = true;
        continue;
      }
      scan_.parent();
      --depth;
      down = false;
    }
    for (const TSNode hit : hits) {
      TSNode at = hit;
      if (!source.child.empty()) {
        at = TSNode{};
        scan_.reset(hit);
        for (bool more = scan_.first_child(); more; more = scan_.next_sibling()) {
          if (source.child.contains(ts_node_symbol(scan_.node()))) at = scan_.node();
        }
      } else if (source.field != 0) {
        at = node_child(hit, source.field);
      }
      if (ts_node_is_null(at)) continue;
      body(source.as.empty() ? folded(unquoted(text_of(at))) : source.as);
    }
  }

  const Rules& rules_;
  const LanguageSpec& spec_;
  std::string_view text_;
  CommentMarks marks_;
  TreeCursor scan_;  // For looking at a node's children.
  std::size_t max_items_;
  Found found_;
  std::vector<Scope> scopes_;  // The file's own first.
  Anchor anchor_;
  struct {
    int depth = -2;
    std::uint32_t row = 0, end_row = 0;
  } above_;  // What stands between a symbol and its comment.
  std::unordered_set<std::string> seen_;
};

}  // namespace

Found walk(const Rules& rules, const LanguageSpec& spec, const TSTree& tree, std::string_view text,
           std::size_t max_items) {
  const TSNode root = ts_tree_root_node(&tree);
  return Walker(rules, spec, root, text, max_items).run(root);
}

}  // namespace skein::repo
