#include "docs/symbol_tree.h"

#include <algorithm>
#include <unordered_map>

#include "docs/links.h"

namespace skein::docs {
namespace {

// Ids that the page itself has.
constexpr std::string_view kReserved[] = {"content", "symbols", "imports", "used-by", "about", "notes"};
constexpr std::size_t kMaxAnchorName = 80;  // Bytes of a name in an anchor.
constexpr std::size_t kMaxScope = 400;      // Bytes of the namespaces before it.

bool can_be_a_line(repo::SymbolKind kind) {
  return family_of(kind) == SymbolFamily::data || kind == repo::SymbolKind::type_alias ||
         kind == repo::SymbolKind::namespace_;
}

}  // namespace

SymbolFamily family_of(repo::SymbolKind kind) {
  switch (kind) {
    case repo::SymbolKind::namespace_:
    case repo::SymbolKind::class_:
    case repo::SymbolKind::struct_:
    case repo::SymbolKind::union_:
    case repo::SymbolKind::enum_:
    case repo::SymbolKind::interface:
    case repo::SymbolKind::type_alias:
      return SymbolFamily::type;
    case repo::SymbolKind::function:
    case repo::SymbolKind::method:
    case repo::SymbolKind::macro:
      return SymbolFamily::call;
    case repo::SymbolKind::field:
    case repo::SymbolKind::property:
    case repo::SymbolKind::enum_member:
    case repo::SymbolKind::constant:
    case repo::SymbolKind::variable:
      return SymbolFamily::data;
  }
  return SymbolFamily::data;
}

bool is_indexed(repo::SymbolKind kind) {
  switch (kind) {
    case repo::SymbolKind::namespace_:
    case repo::SymbolKind::class_:
    case repo::SymbolKind::struct_:
    case repo::SymbolKind::union_:
    case repo::SymbolKind::enum_:
    case repo::SymbolKind::interface:
    case repo::SymbolKind::function:
    case repo::SymbolKind::method:
    case repo::SymbolKind::constant:
    case repo::SymbolKind::type_alias:
    case repo::SymbolKind::macro:
      return true;
    case repo::SymbolKind::field:
    case repo::SymbolKind::property:
    case repo::SymbolKind::enum_member:
    case repo::SymbolKind::variable:
      return false;
  }
  return false;
}

std::string_view label_of(repo::SymbolKind kind) {
  switch (kind) {
    case repo::SymbolKind::namespace_:
      return "namespace";
    case repo::SymbolKind::class_:
      return "class";
    case repo::SymbolKind::struct_:
      return "struct";
    case repo::SymbolKind::union_:
      return "union";
    case repo::SymbolKind::enum_:
      return "enum";
    case repo::SymbolKind::interface:
      return "interface";
    case repo::SymbolKind::function:
      return "function";
    case repo::SymbolKind::method:
      return "method";
    case repo::SymbolKind::field:
      return "field";
    case repo::SymbolKind::property:
      return "property";
    case repo::SymbolKind::enum_member:
      return "enum member";
    case repo::SymbolKind::constant:
      return "constant";
    case repo::SymbolKind::variable:
      return "variable";
    case repo::SymbolKind::type_alias:
      return "type";
    case repo::SymbolKind::macro:
      return "macro";
  }
  return "symbol";
}

SymbolTree::SymbolTree(std::span<const repo::Symbol> symbols) : nodes_(symbols.size()) {
  std::vector<std::uint32_t> parents(symbols.size(), kNone);
  std::vector<std::uint32_t> last_child(symbols.size(), kNone);
  std::uint32_t last_top = kNone;
  std::unordered_map<std::string, int> seen;
  seen.reserve(symbols.size() + std::size(kReserved));
  for (auto id : kReserved) seen.emplace(id, 1);

  for (std::uint32_t i = 0; i < symbols.size(); ++i) {
    const auto& symbol = symbols[i];
    const std::uint32_t scope = symbol.parent < i ? symbol.parent : kNone;
    std::uint32_t parent = scope;
    // What is in a namespace is shown beside it: most files are one, and depth would be all that it adds.
    if (parent != kNone && symbols[parent].kind == repo::SymbolKind::namespace_) parent = parents[parent];
    if (parent != kNone && nodes_[parent].depth >= kMaxDepth) parent = parents[parent];
    parents[i] = parent;
    auto& node = nodes_[i];
    node.compact = symbol.doc.empty() && can_be_a_line(symbol.kind);
    std::uint32_t& last = parent == kNone ? last_top : last_child[parent];
    if (last != kNone) {
      nodes_[last].next = i;
    } else if (parent == kNone) {
      first_ = i;
    } else {
      nodes_[parent].first_child = i;
      nodes_[parent].compact = false;
    }
    last = i;
    if (parent != kNone) node.depth = nodes_[parent].depth + 1;
    if (scope != kNone && parent == kNone && nodes_[scope].anchor.size() < kMaxScope) {
      (node.anchor = nodes_[scope].anchor) += '.';
    } else if (parent != kNone) {
      (node.anchor = nodes_[parent].anchor) += '.';
    }
    append_anchor(node.anchor, std::string_view(symbol.name).substr(0, kMaxAnchorName));
    const auto [it, is_new] = seen.try_emplace(node.anchor, 1);
    int& taken = it->second;  // Stays valid while `seen` grows.
    while (!is_new) {
      std::string numbered = node.anchor + "--" + std::to_string(++taken);
      if (seen.try_emplace(numbered, 1).second) {
        node.anchor = std::move(numbered);
        break;
      }
    }
  }
}

}  // namespace skein::docs
