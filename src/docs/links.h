// Where the page of a path stands in the site, and how pages link to each other. Pure functions of the path, safe for
// any name that a file system can hold.
//
// A page's path uses only [A-Za-z0-9._+-~] and "/". Other bytes of a name are written "~xx" (hexadecimal), so are a
// leading dot, a trailing dot and the last dot of a folder named like a page ("x.html", "x.md", "x.json"). A name with
// upper-case letters ends in "~u" and their positions as bits, in hexadecimal, so names that differ by case have
// different pages on file systems that ignore it. A name too long ends in "~h" and its digest; a path too long stands
// below "~hashed/".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docs/model.h"

namespace skein::docs {

/// Longest name and longest page path, in bytes. Room is left for a temporary file's suffix and the target's folder.
inline constexpr std::size_t kMaxPageName = 200;
inline constexpr std::size_t kMaxPagePath = 1'000;

enum class PageForm : std::uint8_t { html, markdown };

/// "files/src/a.py.html", "files/src/a.py.md". Distinct files have distinct pages; none is a folder of another.
[[nodiscard]] std::string file_page(std::string_view path, PageForm form = PageForm::html);
/// "modules/src/index.html", "modules/src/index.md"; "modules/index.html" for the root.
[[nodiscard]] std::string module_page(std::string_view path, PageForm form = PageForm::html);
/// "modules/src/index.json".
[[nodiscard]] std::string module_shard(std::string_view path);
/// The page of `ref`, whether it has one or not.
[[nodiscard]] std::string page_of(const PathRef& ref, PageForm form = PageForm::html);

inline constexpr std::string_view kOverviewHtml = "index.html";
inline constexpr std::string_view kOverviewMarkdown = "index.md";
inline constexpr std::string_view kLlmsTxt = "llms.txt";
inline constexpr std::string_view kSiteIndex = "index.json";

/// The link from page `from` to page `to` (both paths in the site): "../../index.html". Works from file:// and needs no
/// further escaping, neither in HTML nor in Markdown.
[[nodiscard]] std::string relative_link(std::string_view from, std::string_view to);

/// A name for a fragment: the bytes of `text` outside [A-Za-z0-9._-] written "~xx".
void append_anchor(std::string& out, std::string_view text);

/// The workspace paths that the links of a README lead to (no schemes, fragments or queries; "..", "." resolved; none
/// that leaves the workspace), sorted, without doubles. They may not exist.
[[nodiscard]] std::vector<std::string> readme_links(const Readme& readme);

/// The link target `href` of the README at `readme_path` as a workspace path; false if it is none.
[[nodiscard]] bool resolve_readme_link(std::string_view readme_path, std::string_view href, std::string& path);

}  // namespace skein::docs
