// The site's symbols and pages by name, in shards: pages to read, and scripts that the search on each page loads. A
// shard holds the names that begin alike, so none grows with all of the repository, and search works from file://.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "docs/model.h"

namespace skein::docs {

/// What the index shows of a file: made with its facts, without lines, so that most edits leave it as it is.
struct FileNames {
  struct Name {
    std::string name;
    repo::SymbolKind kind{};
    std::string anchor;  ///< In the file's page.
  };
  std::vector<Name> names;

  static constexpr std::size_t kNames = 5'000;  ///< Of one file.
};
/// Types, callables, constants and macros; not fields and variables, which are found on their pages.
[[nodiscard]] FileNames names_of(const repo::FileFacts& facts);
[[nodiscard]] std::string encode(const FileNames& names);
[[nodiscard]] Result<FileNames> decode_names(std::string_view bytes);

/// As decode_names, without copies: calls `visit` with views into `bytes`.
Status visit_names(
    std::string_view bytes,
    const std::function<void(std::string_view name, repo::SymbolKind kind, std::string_view anchor)>& visit);

/// What names are ordered and looked for by, read character by character: from the first letter, digit or character
/// beyond ASCII on, letters small, all that is neither letter nor digit of ASCII as "_". The search on the pages does
/// the same (`keyOf` in data/docs/assets/skein.js).
class KeyReader {
 public:
  explicit KeyReader(std::string_view name);
  /// "0"-"9", "_", "a"-"z"; -1 at the end.
  int next();

 private:
  std::string_view rest_;
};
[[nodiscard]] std::string key_of(std::string_view name);

/// How many first letters make a shard, by the number of documented files: 0, 1 or 2.
[[nodiscard]] int shard_width(std::size_t files);
/// All shards there can be, sorted; width 0: "all". Letters are a-z and "_" for all others.
[[nodiscard]] std::vector<std::string> shard_names(int width);
/// The shard of a name: how its key begins.
[[nodiscard]] std::string shard_of(std::string_view name, int width);

inline constexpr std::string_view kSymbolsHtml = "symbols/index.html";
inline constexpr std::string_view kSymbolsMarkdown = "symbols/index.md";
inline constexpr std::string_view kSymbolsScript = "symbols/index.js";
/// "symbols/ab.html", "symbols/ab.md", "symbols/ab.js". A shard that holds nothing has no files.
[[nodiscard]] std::string shard_file(std::string_view shard, std::string_view end = {});

/// One row of the index.
/// A small one, since there are as many as names in the repository: what it points to must outlive it.
struct IndexEntry {
  std::string_view name;
  std::string_view kind;  ///< "class", "file", "folder".
  const PathRef* where = nullptr;
  std::string_view anchor;  ///< Empty: the page itself.
};
struct IndexShard {
  std::string name;
  std::vector<IndexEntry> entries;  ///< Sorted by key, then name, place and anchor (`shown_before`).
};

struct ShardSize {
  std::string name;
  std::size_t entries = 0;
};

/// Of the index itself: which shards there are.
[[nodiscard]] std::string symbols_html(const SiteContext& site, const std::vector<ShardSize>& shards);
[[nodiscard]] std::string symbols_markdown(const SiteContext& site, const std::vector<ShardSize>& shards);
[[nodiscard]] std::string symbols_script(const std::vector<ShardSize>& shards, int width);

}  // namespace skein::docs
