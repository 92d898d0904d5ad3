// What each publication of a site changed, and why: pages, files, symbols. It tells of the past, so it stands in
// changes.html, changes.md and changes.json alone; everything else of a site depends on the repository only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "docs/model.h"

namespace skein::docs {

inline constexpr std::string_view kChangesHtml = "changes.html";
inline constexpr std::string_view kChangesMarkdown = "changes.md";
inline constexpr std::string_view kChangesJson = "changes.json";

enum class Edit : std::uint8_t { added, changed, removed };
[[nodiscard]] std::string_view to_string(Edit edit);

struct PageEdit {
  Edit edit{};
  std::string page;  ///< In the site: "files/src/a.py.html". Markdown and JSON forms follow it and are not named.
  std::string why;
};
struct FileEdit {
  Edit edit{};
  std::string path;
};
/// `changed`: its signature.
struct SymbolEdit {
  Edit edit{};
  std::string path;
  std::string kind;
  std::string name;    ///< With its scope.
  std::string before;  ///< Signatures; empty where there was or is none.
  std::string after;
};

/// One publication. Lists are cut at kKept entries, the totals are not.
struct SiteChanges {
  bool first = false;         ///< There was no site before, or nothing is known of it: no lists of files and symbols.
  bool symbols_known = true;  ///< False: facts of before are not in the store any more.
  std::string commit;         ///< HEAD's id; empty without one.
  std::vector<std::string> reasons;  ///< What touches every page: "how pages look".
  std::uint64_t total_pages = 0, total_files = 0, total_symbols = 0;
  std::vector<PageEdit> pages;
  std::vector<FileEdit> files;
  std::vector<SymbolEdit> symbols;

  static constexpr std::size_t kKept = 200;
};

/// A file's facts at one publication.
struct PastFile {
  std::string path;
  Digest content;
  Digest facts;
};

/// What the state remembers of a publication; it belongs to the site whose manifest has this digest.
struct PastSite {
  Digest manifest;
  std::string look;              ///< Digests of what shapes every page,
  std::string languages;         ///< and of the rules of languages.
  std::vector<PastFile> files;   ///< Sorted by path.
  std::vector<SiteChanges> log;  ///< The newest first, at most kLog.

  static constexpr std::size_t kLog = 20;
};
[[nodiscard]] std::string encode(const PastSite& past);
/// Errors: `data_corrupt`, `unsupported_version`.
[[nodiscard]] Result<PastSite> decode_past_site(std::string_view bytes);

/// Adds what turned the facts `before` (of the file `path`; null: it is new) into `after` (null: it is gone).
void add_symbol_edits(SiteChanges& changes, const std::string& path, const repo::FileFacts* before,
                      const repo::FileFacts* after);

/// The log's three forms; the newest entry's pages are links.
[[nodiscard]] std::string changes_html(const SiteContext& site, const std::vector<SiteChanges>& log);
[[nodiscard]] std::string changes_markdown(const SiteContext& site, const std::vector<SiteChanges>& log);
[[nodiscard]] std::string changes_json(const SiteContext& site, const std::vector<SiteChanges>& log);
/// Lines for a terminal; not escaped for it.
[[nodiscard]] std::vector<std::string> changes_lines(const SiteChanges& changes);

}  // namespace skein::docs
