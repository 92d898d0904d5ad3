#include "docs/shard_pages.h"

#include <unordered_map>

#include "docs/html_page.h"
#include "docs/links.h"
#include "text/escape.h"
#include "text/json_string.h"
#include "text/quantity.h"

namespace skein::docs {
namespace {

constexpr std::size_t kFrameBytes = 16'384;  // Of a page beside its rows.
constexpr std::size_t kRowBytes = 110;       // Of a row beside its texts: its tags.

std::string shown_path(const PathRef& where) {
  auto path = text::display_path(where.path);
  if (where.folder) path += '/';
  return path;
}

/// What pages say of the places of their rows: each made once, since a file has many names. Links are from any page
/// beside "symbols/index.html".
class Places {
 public:
  struct Shown {
    std::string page;  ///< Of the site.
    std::string link;  ///< To it.
    std::string path;
    std::size_t bytes = 0;  ///< Of link and path in HTML.
  };
  explicit Places(PageForm form) : form_(form) {}

  const Shown& of(const PathRef& place) {
    const auto [at, is_new] = shown_.try_emplace(&place);
    if (is_new) {
      auto page = page_of(place, form_);
      auto link = relative_link(kSymbolsHtml, page);
      auto path = shown_path(place);
      std::string escaped;
      text::append_html(escaped, path);
      const std::size_t bytes = link.size() + escaped.size();
      at->second = {std::move(page), std::move(link), std::move(path), bytes};
    }
    return at->second;
  }

 private:
  PageForm form_;
  std::unordered_map<const PathRef*, Shown> shown_;
};

std::size_t html_bytes(std::string_view text) {
  std::size_t size = text.size();
  for (const char c : text) size += c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' ? 5 : 0;
  return size;
}

std::string title_of(const IndexShard& shard) { return shard.name == "all" ? "all" : shard.name + "…"; }

class ShardWriter {
 public:
  using Rows = std::span<const IndexEntry>;

  ShardWriter(const SiteContext& site, const IndexShard& shard, const PartLimits& limits) : site_(site), shard_(shard) {
    std::vector<std::size_t> bytes;
    bytes.reserve(shard.entries.size());
    for (const auto& row : shard.entries)
      bytes.push_back(kRowBytes + row.kind.size() + row.anchor.size() + html_bytes(row.name) +
                      places_.of(*row.where).bytes);
    parts_ = parts_of(shard, bytes, limits);
  }

  Status write(const std::function<Status(std::string path, std::string_view bytes)>& give) {
    if (parts_.size() > 1) {
      SKEIN_DO(give(shard_file(shard_.name, ".html"), contents_html()));
      SKEIN_DO(give(shard_file(shard_.name, ".md"), contents_markdown()));
      SKEIN_DO(give(shard_file(shard_.name, ".js"), contents_script()));
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::string& name = parts_[i].name;
      SKEIN_DO(give(shard_file(name, ".html"), part_html(i)));
      SKEIN_DO(give(shard_file(name, ".md"), part_markdown(i)));
      SKEIN_DO(give(shard_file(name, ".js"), part_script(i)));
    }
    return {};
  }

 private:
  [[nodiscard]] Rows rows(std::size_t part) const {
    return Rows(shard_.entries).subspan(parts_[part].begin, parts_[part].end - parts_[part].begin);
  }
  /// The part begins among the rows of one name.
  [[nodiscard]] bool continues(std::size_t part) const {
    return part > 0 && rows(part).front().name == rows(part - 1).back().name;
  }

  static void first_to_last(HtmlPage& page, Rows rows) {
    page.raw("<code>").text(rows.front().name).raw("</code>");
    if (rows.front().name != rows.back().name) page.raw(" – <code>").text(rows.back().name).raw("</code>");
  }
  static void first_to_last(std::string& out, Rows rows) {
    text::append_markdown_code(out, rows.front().name);
    if (rows.front().name == rows.back().name) return;
    out += " – ";
    text::append_markdown_code(out, rows.back().name);
  }

  std::string contents_html() {
    const auto here = shard_file(shard_.name, ".html"), markdown = shard_file(shard_.name, ".md");
    HtmlPage page(site_, here, markdown, parts_.size() * 250 + kFrameBytes);
    page.raw("<h1>Symbols: ").raw(title_of(shard_)).raw("</h1>\n<p class=\"meta\"><span>");
    page.count(shard_.entries.size(), "name", "names")
        .raw("</span><span><a href=\"index.html\">All symbols</a></span></p>\n<ul class=\"rows\">\n");
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      page.raw("<li><div class=\"head\"><span><a href=\"").raw(parts_[i].name).raw(".html\">");
      first_to_last(page, rows(i));
      page.raw("</a></span><span class=\"count\">").count(rows(i).size(), "name", "names").raw("</span></div>");
      if (continues(i))
        page.raw("<p><code>")
            .text(rows(i).front().name)
            .raw("</code> from ")
            .text(places_.of(*rows(i).front().where).path)
            .raw(" on</p>");
      page.raw("</li>\n");
    }
    page.raw("</ul>\n");
    return page.finish("Symbols " + shard_.name + " · " + site_.project, nullptr);
  }

  std::string contents_markdown() {
    std::string out = markdown_head();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      out += "- [";
      first_to_last(out, rows(i));
      ((out += "](") += parts_[i].name) += ".md): ";
      out += text::format_count(static_cast<std::int64_t>(rows(i).size()));
      if (continues(i)) {
        out += ", the first from ";
        text::append_markdown_code(out, places_.of(*rows(i).front().where).path);
        out += " on";
      }
      out += "\n";
    }
    return out;
  }

  std::string contents_script() {
    std::string out = "skeinParts(\"" + shard_.name + "\",[";
    for (std::size_t i = 0; i < parts_.size(); ++i)
      out += (i == 0 ? "[\"" : ",\n[\"") + key_of(rows(i).front().name) + "\",\"" + parts_[i].name + "\"]";
    return out += "]);\n";
  }

  std::string part_html(std::size_t part) {
    const std::string& name = parts_[part].name;
    const auto here = shard_file(name, ".html"), markdown = shard_file(name, ".md");
    HtmlPage page(site_, here, markdown, rows(part).size() * 230 + kFrameBytes);
    page.raw("<h1>Symbols: ");
    if (parts_.size() == 1)
      page.raw(title_of(shard_));
    else
      first_to_last(page, rows(part));
    page.raw("</h1>\n<p class=\"meta\"><span>");
    page.count(rows(part).size(), "name", "names").raw("</span><span><a href=\"index.html\">All symbols</a></span>");
    if (parts_.size() > 1) {
      page.raw("<span><a href=\"").raw(shard_.name).raw(".html\">").raw(title_of(shard_)).raw("</a></span>");
      if (part > 0) page.raw("<span><a href=\"").raw(parts_[part - 1].name).raw(".html\">Previous page</a></span>");
      if (part + 1 < parts_.size())
        page.raw("<span><a href=\"").raw(parts_[part + 1].name).raw(".html\">Next page</a></span>");
    }
    page.raw("</p>\n<ul class=\"rows\">\n");
    for (const auto& row : rows(part)) {
      const auto& place = places_.of(*row.where);
      page.raw("<li><div class=\"head\"><span><a href=\"").raw(place.link);
      if (!row.anchor.empty()) page.raw("#").raw(row.anchor);
      page.raw("\"><code>").text(row.name).raw("</code></a> <span class=\"tag\">").raw(row.kind).raw("</span></span>");
      page.raw("<span class=\"count\">").text(place.path).raw("</span></div></li>\n");
    }
    page.raw("</ul>\n");
    return page.finish("Symbols " + name + " · " + site_.project, nullptr);
  }

  std::string part_markdown(std::size_t part) {
    std::string out = markdown_head();
    if (parts_.size() > 1) (out += "[All of these](") += shard_.name + ".md)\n\n";
    for (const auto& row : rows(part)) {
      const auto& place = markdown_places_.of(*row.where);
      out += "- [";
      text::append_markdown_code(out, row.name);
      ((out += "](") += place.link) += ") ";
      (out += row.kind) += " in ";
      text::append_markdown_code(out, place.path);
      out += "\n";
    }
    return out;
  }

  /// Pages once, rows by their number.
  std::string part_script(std::size_t part) {
    std::unordered_map<const PathRef*, std::size_t> numbers;
    std::string pages, entries;
    for (const auto& row : rows(part)) {
      const auto [number, is_new] = numbers.try_emplace(row.where, numbers.size());
      if (is_new) {
        const auto& place = places_.of(*row.where);
        pages += pages.empty() ? "[" : ",\n[";
        text::append_json_string(pages, place.page);
        pages += ',';
        text::append_json_string(pages, place.path);
        pages += ']';
      }
      entries += entries.empty() ? "[" : ",\n[";
      text::append_json_string(entries, row.name);
      entries += ',';
      text::append_json_string(entries, row.kind);
      entries += ',' + std::to_string(number->second) + ',';
      text::append_json_string(entries, row.anchor);
      entries += ']';
    }
    return "skeinShard(\"" + parts_[part].name + "\",[" + pages + "],[" + entries + "]);\n";
  }

  [[nodiscard]] std::string markdown_head() const {
    std::string out = "# Symbols of ";
    text::append_markdown(out, site_.project);
    ((out += ": ") += shard_.name) += "\n\n";
    return out;
  }

  const SiteContext& site_;
  const IndexShard& shard_;
  Places places_{PageForm::html}, markdown_places_{PageForm::markdown};
  std::vector<ShardPart> parts_;
};

}  // namespace

Status each_shard_page(const SiteContext& site, const IndexShard& shard, const PartLimits& limits,
                       const std::function<Status(std::string path, std::string_view bytes)>& give) {
  return ShardWriter(site, shard, limits).write(give);
}

}  // namespace skein::docs
