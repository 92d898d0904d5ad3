// tree-sitter's parser with an owner and a limit.
#pragma once

#include <tree_sitter/api.h>

#include <cstddef>
#include <memory>
#include <string_view>

namespace skein::repo {

struct TreeDeleter {
  void operator()(TSTree* tree) const;
};
using Tree = std::unique_ptr<TSTree, TreeDeleter>;

/// Parses `text` with this thread's parser. Nothing if it takes more than `max_work` parser operations, the text is
/// larger than 4 GiB, or the grammar is of an unknown version.
[[nodiscard]] Tree parse(const TSLanguage* grammar, std::string_view text, std::size_t max_work);

/// A cursor over a tree, which must outlive it.
class TreeCursor {
 public:
  explicit TreeCursor(TSNode node) : cursor_(ts_tree_cursor_new(node)) {}
  ~TreeCursor() { ts_tree_cursor_delete(&cursor_); }
  TreeCursor(const TreeCursor&) = delete;
  TreeCursor& operator=(const TreeCursor&) = delete;

  void reset(TSNode node) { ts_tree_cursor_reset(&cursor_, node); }
  [[nodiscard]] TSNode node() const { return ts_tree_cursor_current_node(&cursor_); }
  [[nodiscard]] TSFieldId field() const { return ts_tree_cursor_current_field_id(&cursor_); }
  bool first_child() { return ts_tree_cursor_goto_first_child(&cursor_); }
  bool next_sibling() { return ts_tree_cursor_goto_next_sibling(&cursor_); }
  bool parent() { return ts_tree_cursor_goto_parent(&cursor_); }

 private:
  TSTreeCursor cursor_;
};

}  // namespace skein::repo
