#include "docs/symbol_index.h"

#include <unordered_map>

#include "base/bytes.h"
#include "docs/html_page.h"
#include "docs/links.h"
#include "docs/symbol_tree.h"
#include "text/escape.h"
#include "text/json_string.h"

namespace skein::docs {
namespace {

constexpr std::string_view kLetters = "_abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kOneShard = 150;  // Documented files.
constexpr std::size_t kOneLetter = 1'500;

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string shown_path(const PathRef& where) {
  auto path = text::display_path(where.path);
  if (where.folder) path += '/';
  return path;
}

/// What a page says of the places of its rows: each made once, since a file has many names.
class Places {
 public:
  struct Shown {
    std::size_t number = 0;  ///< In the order of their first rows.
    std::string page;        ///< Of the site.
    std::string link;        ///< To it.
    std::string path;
  };
  Places(std::string_view from, PageForm form) : from_(from), form_(form) {}

  const Shown& of(const PathRef& place) {
    const auto [at, is_new] = shown_.try_emplace(&place);
    if (is_new) {
      auto page = page_of(place, form_);
      auto link = relative_link(from_, page);
      at->second = {shown_.size() - 1, std::move(page), std::move(link), shown_path(place)};
    }
    return at->second;
  }
  [[nodiscard]] std::size_t size() const { return shown_.size(); }

 private:
  std::string_view from_;
  PageForm form_;
  std::unordered_map<const PathRef*, Shown> shown_;
};

}  // namespace

FileNames names_of(const repo::FileFacts& facts) {
  FileNames out;
  const SymbolTree tree(facts.symbols);
  for (std::uint32_t i = 0; i < facts.symbols.size() && out.names.size() < FileNames::kNames; ++i) {
    const auto& symbol = facts.symbols[i];
    if (is_indexed(symbol.kind) && !symbol.name.empty())
      out.names.push_back({symbol.name, symbol.kind, tree.node(i).anchor});
  }
  return out;
}

std::string encode(const FileNames& names) {
  ByteWriter out;
  out.varint(names.names.size());
  for (const auto& name : names.names) out.text(name.name).u8(static_cast<std::uint8_t>(name.kind)).text(name.anchor);
  return out.take();
}

Status visit_names(
    std::string_view bytes,
    const std::function<void(std::string_view name, repo::SymbolKind kind, std::string_view anchor)>& visit) {
  ByteReader in(bytes);
  for (auto left = in.count(3); left > 0; --left) {
    const auto name = in.text();
    const auto kind = in.u8();
    if (kind > static_cast<std::uint8_t>(repo::SymbolKind::macro))
      return fail(Code::data_corrupt, "a file's names hold an unknown kind");
    const auto anchor = in.text();
    if (in.ok()) visit(name, static_cast<repo::SymbolKind>(kind), anchor);
  }
  return in.finish("a file's names");
}

Result<FileNames> decode_names(std::string_view bytes) {
  FileNames names;
  SKEIN_DO(visit_names(bytes, [&](auto name, auto kind, auto anchor) {
    names.names.push_back({std::string(name), kind, std::string(anchor)});
  }));
  return names;
}

int shard_width(std::size_t files) { return files <= kOneShard ? 0 : files <= kOneLetter ? 1 : 2; }

std::vector<std::string> shard_names(int width) {
  if (width == 0) return {"all"};
  std::vector<std::string> names;
  for (const char a : kLetters) {
    if (width == 1) {
      names.emplace_back(1, a);
      continue;
    }
    for (const char b : kLetters) names.push_back({a, b});
  }
  return names;
}

std::string shard_of(std::string_view name, int width) {
  if (width == 0) return "all";
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::size_t at = 0;
  while (at < name.size() && !is_word(fold(name[at]))) ++at;
  std::string shard;
  for (int i = 0; i < width; ++i, ++at) {
    const char c = at < name.size() ? fold(name[at]) : '_';
    shard += c >= 'a' && c <= 'z' ? c : '_';
  }
  return shard;
}

std::string shard_file(std::string_view shard, std::string_view end) {
  return std::string("symbols/").append(shard == "index" ? "index_" : shard).append(end);
}

std::string shard_html(const SiteContext& site, const IndexShard& shard) {
  if (shard.entries.empty()) return {};
  const auto here = shard_file(shard.name, ".html");
  const auto markdown = shard_file(shard.name, ".md");
  HtmlPage page(site, here, markdown, shard.entries.size() * 230 + 16'384);
  page.raw("<h1>Symbols: ").raw(shard.name == "all" ? "all" : shard.name + "…").raw("</h1>\n<p class=\"meta\"><span>");
  page.count(shard.entries.size(), "name", "names")
      .raw("</span><span><a href=\"index.html\">All symbols</a></span></p>");
  page.raw("\n<ul class=\"rows\">\n");
  Places places(here, PageForm::html);
  for (const auto& entry : shard.entries) {
    const auto& place = places.of(*entry.where);
    page.raw("<li><div class=\"head\"><span><a href=\"").raw(place.link);
    if (!entry.anchor.empty()) page.raw("#").raw(entry.anchor);
    page.raw("\"><code>")
        .text(entry.name)
        .raw("</code></a> <span class=\"tag\">")
        .raw(entry.kind)
        .raw("</span></span>");
    page.raw("<span class=\"count\">").text(place.path).raw("</span></div></li>\n");
  }
  page.raw("</ul>\n");
  return page.finish("Symbols " + shard.name + " · " + site.project, nullptr);
}

std::string shard_markdown(const SiteContext& site, const IndexShard& shard) {
  if (shard.entries.empty()) return {};
  const auto here = shard_file(shard.name, ".md");
  std::string out = "# Symbols of ";
  text::append_markdown(out, site.project);
  ((out += ": ") += shard.name) += "\n\n";
  Places places(here, PageForm::markdown);
  for (const auto& entry : shard.entries) {
    const auto& place = places.of(*entry.where);
    out += "- [";
    text::append_markdown_code(out, entry.name);
    ((out += "](") += place.link) += ") ";
    (out += entry.kind) += " in ";
    text::append_markdown_code(out, place.path);
    out += "\n";
  }
  return out;
}

std::string shard_script(const IndexShard& shard) {
  if (shard.entries.empty()) return {};
  // Pages once, entries by their number.
  Places places({}, PageForm::html);
  std::string pages, entries;
  for (const auto& entry : shard.entries) {
    const std::size_t known = places.size();
    const auto& place = places.of(*entry.where);
    if (place.number == known) {
      pages += pages.empty() ? "[" : ",\n[";
      text::append_json_string(pages, place.page);
      pages += ',';
      text::append_json_string(pages, place.path);
      pages += ']';
    }
    entries += entries.empty() ? "[" : ",\n[";
    text::append_json_string(entries, entry.name);
    entries += ',';
    text::append_json_string(entries, entry.kind);
    entries += ',' + std::to_string(place.number) + ',';
    text::append_json_string(entries, entry.anchor);
    entries += ']';
  }
  return "skeinShard(\"" + shard.name + "\",[" + pages + "],[" + entries + "]);\n";
}

std::string symbols_html(const SiteContext& site, const std::vector<ShardSize>& shards) {
  HtmlPage page(site, kSymbolsHtml, kSymbolsMarkdown, 4'096);
  std::size_t all = 0;
  for (const auto& shard : shards) all += shard.entries;
  page.raw("<h1>Symbols</h1>\n<p class=\"lead\">").count(all, "name", "names");
  page.raw(" of types, functions, constants, macros, files and folders, by how they begin.</p>\n");
  page.raw("<p class=\"soft\">Press / on any page to search.</p>\n<ul class=\"chips\">\n");
  for (const auto& shard : shards) {
    if (shard.entries == 0) continue;
    page.raw("<li><a href=\"").raw(shard.name).raw(".html\">").raw(shard.name).raw("</a> <span class=\"soft\">");
    page.number(shard.entries).raw("</span></li>\n");
  }
  page.raw("</ul>\n");
  return page.finish("Symbols · " + site.project, nullptr);
}

std::string symbols_markdown(const SiteContext& site, const std::vector<ShardSize>& shards) {
  std::string out = "# Symbols of ";
  text::append_markdown(out, site.project);
  out += "\n\n";
  for (const auto& shard : shards)
    if (shard.entries > 0)
      out += "- [" + shard.name + "](" + shard.name + ".md): " + std::to_string(shard.entries) + "\n";
  return out;
}

std::string symbols_script(const std::vector<ShardSize>& shards, int width) {
  std::string out = "skeinShards(" + std::to_string(width) + ",[";
  bool first = true;
  for (const auto& shard : shards) {
    if (shard.entries == 0) continue;
    out += (first ? "\"" : ",\"") + shard.name + "\"";
    first = false;
  }
  return out += "]);\n";
}

}  // namespace skein::docs
