// Whether what a workspace's Markdown names is there: paths, lines of files, symbols, headings. What moved is found by
// renames in git's history, by equal bytes, by a base name that is there once, and by where a symbol is defined now.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/file_system.h"
#include "prose/past.h"
#include "repo/snapshot.h"

namespace skein::prose {

/// Bytes of a file that are to be replaced.
struct Edit {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string with;
};

enum class FindingKind : std::uint8_t { path, line, symbol, anchor };
[[nodiscard]] std::string_view to_string(FindingKind kind);

/// Something named that is not there.
struct Finding {
  std::string file;  ///< The Markdown, below the root.
  std::size_t line = 1, column = 1;
  FindingKind kind{};
  std::string text;         ///< As written.
  std::string message;      ///< What is wrong: "src/a.cc is not there: removed by 1a2b3c4".
  std::string replacement;  ///< What would be right; empty where nobody knows.
  std::vector<Edit> edits;  ///< That put it there; empty where the place cannot be rewritten.
};

struct LintReport {
  std::size_t files = 0;          ///< Markdown files read.
  std::size_t bytes = 0;          ///< Of them.
  std::size_t claims = 0;         ///< Paths, lines and symbols that were looked for.
  std::vector<Finding> findings;  ///< By file, then place.
};

/// True for a file that is looked at when none is named: Markdown that somebody here wrote.
[[nodiscard]] bool is_prose(const repo::SnapshotFile& file);

/// Looks at `pages` (paths below the root, sorted). `past` may be null: then what only history could tell is not found.
/// Errors: `not_found` and the like for a page that cannot be read; `cancelled`.
[[nodiscard]] Result<LintReport> lint(const repo::Snapshot& snapshot, const std::vector<std::string>& pages, Past* past,
                                      FileSystem& files, Executor& executor, std::stop_token stop = {});

/// `text` with the edits made; they do not overlap. All other bytes stay.
[[nodiscard]] std::string with_edits(std::string_view text, std::vector<Edit> edits);

}  // namespace skein::prose
