#include "docs/stale.h"

#include <algorithm>
#include <map>

#include "docs/links.h"
#include "docs/tree.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr std::size_t kStart = 512;  // Of a file, for its first line.

}  // namespace

Result<std::vector<StalePage>> stale_pages(const SiteRequest& request, FileSystem& files, Executor& pool) {
  const auto manifest = read_file(files, join_path(request.target, kManifestName));
  if (!manifest) return fail(Code::not_found, "no site is in {}", request.target);
  SKEIN_TRY(const auto past, read_past_site(files, request.past(), sha256(*manifest)));
  SKEIN_TRY(const auto snapshot, scan_workspace(request, pool));
  const auto tree = make_tree(snapshot, repo::builtin_languages(), [&](const std::string& path) {
    const auto file = files.open(join_path(request.root, path), OpenMode::read);
    return file ? (*file)->read_at(0, kStart).value_or("") : std::string();
  });
  std::map<std::string, std::string> stale;
  const auto changed = [&](const std::string& path, std::string_view how, bool page) {
    std::string why = text::display_path(path) + " was " + std::string(how) + " after this page was made";
    for (const auto form : {PageForm::html, PageForm::markdown}) {
      if (page) stale.try_emplace(file_page(path, form), why);
      for (std::string_view folder = path; !folder.empty();) {
        const auto slash = folder.rfind('/');
        folder = slash == std::string_view::npos ? std::string_view{} : folder.substr(0, slash);
        stale.try_emplace(module_page(folder, form), why);
      }
    }
    stale.try_emplace(std::string(kOverviewHtml), why);
    stale.try_emplace(std::string(kOverviewMarkdown), why);
  };
  // Two lists in the order of paths.
  auto old = past.files.begin();
  for (const auto& file : tree.files) {
    if (!file.page) continue;
    const std::string& path = file.file->path;
    for (; old != past.files.end() && old->path < path; ++old) changed(old->path, "removed", true);
    if (old == past.files.end() || old->path != path) {
      changed(path, "added", false);
      continue;
    }
    if (old->content != file.file->digest) changed(path, "changed", true);
    ++old;
  }
  for (; old != past.files.end(); ++old) changed(old->path, "removed", true);
  std::vector<StalePage> pages;
  for (auto& [page, why] : stale) pages.push_back({page, std::move(why)});
  return pages;
}

const StalePage* find_stale(const std::vector<StalePage>& stale, std::string_view page) {
  const auto found = std::ranges::lower_bound(stale, page, {}, &StalePage::page);
  return found == stale.end() || found->page != page ? nullptr : &*found;
}

std::string mark_stale(std::string_view page, std::string_view bytes, std::string_view why) {
  std::string note;
  std::size_t at = 0;
  if (page.ends_with(".html")) {
    static constexpr std::string_view kMain = "<main id=\"content\" tabindex=\"-1\">\n";
    at = bytes.find(kMain);
    if (at == bytes.npos) return std::string(bytes);
    at += kMain.size();
    note = "<p class=\"note\" role=\"note\">Stale: ";
    text::append_html(note, why);
    note += ". Run <code>skein docs</code>.</p>\n";
  } else {
    note = "Note: stale: ";
    text::append_markdown(note, why);
    note += ". Run `skein docs`.\n\n";
  }
  std::string marked(bytes);
  return marked.insert(at, note);
}

}  // namespace skein::docs
