// What graph.h needs to know of a file beside its imports: whether it is a place to start, and whether it is used only
// where some file imports it. By the rules of its language, `[graph]` in data/languages.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "repo/classify.h"
#include "repo/graph.h"
#include "repo/ignore.h"
#include "repo/languages.h"

namespace skein::repo {

/// What is known of one file.
struct GraphSigns {
  bool in_manifest = false;  ///< A manifest names it as an entry point.
  bool main = false;         ///< FileFacts::entry_point, and no script.
  bool script = false;       ///< FileFacts::script.
  FileTraits traits{};
};

/// The rules of all languages, compiled once. Immutable and thread-safe.
class GraphSources {
 public:
  explicit GraphSources(const Languages& languages);

  /// `language`: its id; empty: none is known, so the file is never an orphan.
  [[nodiscard]] GraphSource make(std::string_view path, std::string_view language, const GraphSigns& signs,
                                 std::vector<std::string> uses) const;

 private:
  struct Rules {
    IgnoreRules by_import, run;
  };
  std::map<std::string, Rules, std::less<>> rules_;  // By language's id; only of those that have some.
};

}  // namespace skein::repo
