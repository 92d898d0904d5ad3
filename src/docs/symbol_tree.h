// A file's symbols as the tree in which pages show them: members below their parents (but for namespaces, which stand
// beside what they hold), an anchor for each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "repo/facts.h"

namespace skein::docs {

/// What a reader tells apart by colour.
enum class SymbolFamily : std::uint8_t { type, call, data };

[[nodiscard]] SymbolFamily family_of(repo::SymbolKind kind);
/// A type, a callable, a constant or a macro: what people look for by name, not a part of these.
[[nodiscard]] bool is_indexed(repo::SymbolKind kind);
/// "class", "function", "enum member": as people write it.
[[nodiscard]] std::string_view label_of(repo::SymbolKind kind);

class SymbolTree {
 public:
  static constexpr int kMaxDepth = 6;  ///< Deeper members are shown beside their parent.
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Node {
    std::uint32_t first_child = kNone;
    std::uint32_t next = kNone;  ///< Sibling.
    int depth = 1;
    bool compact = false;  ///< A line is enough: data, a type's other name, a namespace, without doc and members.
    std::string anchor;    ///< Unique in the page, safe in attributes and links.
  };

  /// `symbols` in the order of the file, a parent before its members; a wrong parent counts as none. Linear.
  explicit SymbolTree(std::span<const repo::Symbol> symbols);

  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] const Node& node(std::uint32_t index) const { return nodes_[index]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

 private:
  std::vector<Node> nodes_;
  std::uint32_t first_ = kNone;
};

}  // namespace skein::docs
