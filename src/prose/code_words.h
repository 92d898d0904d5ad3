// Whether, and where, the code of a workspace has the words that its pages name: one pass over its text, without
// parsing.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "base/file_system.h"
#include "repo/snapshot.h"

namespace skein::prose {

/// A set of identifiers to look for. Immutable, thread-safe.
class WordSet {
 public:
  explicit WordSet(const std::set<std::string>& words);
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] const std::string& word(std::size_t i) const { return words_[i]; }
  /// Calls `found(i)` for every identifier of `text` that is word i. O(text).
  template <class Found>
  void find(std::string_view text, Found&& found) const {
    each(text, [&](std::size_t word, std::string_view, std::size_t) { found(word); });
  }
  /// The same with the identifier before it (empty after anything but blanks) and its offset.
  template <class Found>
  void each(std::string_view text, Found&& found) const;
  [[nodiscard]] std::size_t index_of(std::string_view word) const;

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::size_t shortest_ = 0, longest_ = 0;
  bool first_[256] = {};
};

/// What the pass found of a word.
struct WordUse {
  std::vector<std::uint32_t> files;  ///< Of the snapshot, in order; at most kFiles.
  bool defines_scope = false;        ///< It stands behind "class", "namespace", …

  static constexpr std::size_t kFiles = 300;
};

/// True for files whose words count: text that is no Markdown.
[[nodiscard]] bool is_code_path(std::string_view path);

/// Looks through all code of the snapshot. Files that cannot be read have no words. The answer does not depend on the
/// executor's width.
[[nodiscard]] std::vector<WordUse> find_words(const repo::Snapshot& snapshot, const WordSet& words, FileSystem& files,
                                              Executor& executor);

template <class Found>
void WordSet::each(std::string_view text, Found&& found) const {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string_view before;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      if (text[i] != ' ' && text[i] != '\t') before = {};
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && is_word(text[i])) ++i;
    const auto word = text.substr(begin, i - begin);
    if (word.size() >= shortest_ && word.size() <= longest_ && first_[static_cast<unsigned char>(word.front())])
      if (const auto at = index_.find(word); at != index_.end()) found(at->second, before, begin);
    before = word;
  }
}

}  // namespace skein::prose
