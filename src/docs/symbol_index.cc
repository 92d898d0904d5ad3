#include "docs/symbol_index.h"

#include <map>

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

bool is_indexed(repo::SymbolKind kind) {
  switch (kind) {
    case repo::SymbolKind::namespace_:
    case repo::SymbolKind::class_:
    case repo::SymbolKind::struct_:
    case repo::SymbolKind::union_:
    case repo::SymbolKind::enum_:
    case repo::SymbolKind::interface:
    case repo::SymbolKind::function:
    case repo::SymbolKind::method:
    case repo::SymbolKind::constant:
    case repo::SymbolKind::type_alias:
    case repo::SymbolKind::macro:
      return true;
    case repo::SymbolKind::field:
    case repo::SymbolKind::property:
    case repo::SymbolKind::enum_member:
    case repo::SymbolKind::variable:
      return false;
  }
  return false;
}

std::string link_of(const IndexEntry& entry, std::string_view from, PageForm form) {
  auto link = relative_link(from, page_of(entry.where, form));
  if (!entry.anchor.empty() && form == PageForm::html) (link += '#') += entry.anchor;
  return link;
}

std::string shown_path(const PathRef& where) {
  auto path = text::display_path(where.path);
  if (where.folder) path += '/';
  return path;
}

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

Result<FileNames> decode_names(std::string_view bytes) {
  ByteReader in(bytes);
  FileNames names;
  names.names.resize(in.count(3));
  for (auto& name : names.names) {
    name.name = in.text();
    const auto kind = in.u8();
    if (kind > static_cast<std::uint8_t>(repo::SymbolKind::macro))
      return fail(Code::data_corrupt, "a file's names hold an unknown kind");
    name.kind = static_cast<repo::SymbolKind>(kind);
    name.anchor = in.text();
  }
  SKEIN_DO(in.finish("a file's names"));
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
  HtmlPage page(site, here, markdown, shard.entries.size() * 220 + 2'048);
  page.raw("<h1>Symbols: ").raw(shard.name == "all" ? "all" : shard.name + "…").raw("</h1>\n<p class=\"meta\"><span>");
  page.count(shard.entries.size(), "name", "names")
      .raw("</span><span><a href=\"index.html\">All symbols</a></span></p>");
  page.raw("\n<ul class=\"rows\">\n");
  for (const auto& entry : shard.entries) {
    page.raw("<li><div class=\"head\"><span><a href=\"").raw(link_of(entry, here, PageForm::html)).raw("\"><code>");
    page.text(entry.name).raw("</code></a> <span class=\"tag\">").raw(entry.kind).raw("</span></span>");
    page.raw("<span class=\"count\">").text(shown_path(entry.where)).raw("</span></div></li>\n");
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
  for (const auto& entry : shard.entries) {
    out += "- [";
    text::append_markdown_code(out, entry.name);
    ((out += "](") += link_of(entry, here, PageForm::markdown)) += ") ";
    (out += entry.kind) += " in ";
    text::append_markdown_code(out, shown_path(entry.where));
    out += "\n";
  }
  return out;
}

std::string shard_script(const IndexShard& shard) {
  if (shard.entries.empty()) return {};
  // Pages once, entries by their number.
  std::map<std::string, std::size_t> numbers;
  std::string pages, entries;
  for (const auto& entry : shard.entries) {
    const auto path = page_of(entry.where);
    const auto [at, is_new] = numbers.try_emplace(path, numbers.size());
    if (is_new) {
      pages += pages.empty() ? "[" : ",\n[";
      text::append_json_string(pages, path);
      pages += ',';
      text::append_json_string(pages, shown_path(entry.where));
      pages += ']';
    }
    entries += entries.empty() ? "[" : ",\n[";
    text::append_json_string(entries, entry.name);
    entries += ',';
    text::append_json_string(entries, entry.kind);
    entries += ',' + std::to_string(at->second) + ',';
    text::append_json_string(entries, entry.anchor);
    entries += ']';
  }
  return "skeinShard(\"" + shard.name + "\",[" + pages + "],[" + entries + "]);\n";
}

std::string symbols_html(const SiteContext& site, const std::vector<IndexShard>& shards) {
  HtmlPage page(site, kSymbolsHtml, kSymbolsMarkdown, 4'096);
  std::size_t all = 0;
  for (const auto& shard : shards) all += shard.entries.size();
  page.raw("<h1>Symbols</h1>\n<p class=\"lead\">").count(all, "name", "names");
  page.raw(" of types, functions, constants, macros, files and folders, by how they begin.</p>\n");
  page.raw("<p class=\"soft\">Press / on any page to search.</p>\n<ul class=\"chips\">\n");
  for (const auto& shard : shards) {
    if (shard.entries.empty()) continue;
    page.raw("<li><a href=\"").raw(shard.name).raw(".html\">").raw(shard.name).raw("</a> <span class=\"soft\">");
    page.number(shard.entries.size()).raw("</span></li>\n");
  }
  page.raw("</ul>\n");
  return page.finish("Symbols · " + site.project, nullptr);
}

std::string symbols_markdown(const SiteContext& site, const std::vector<IndexShard>& shards) {
  std::string out = "# Symbols of ";
  text::append_markdown(out, site.project);
  out += "\n\n";
  for (const auto& shard : shards)
    if (!shard.entries.empty())
      out += "- [" + shard.name + "](" + shard.name + ".md): " + std::to_string(shard.entries.size()) + "\n";
  return out;
}

std::string symbols_script(const std::vector<IndexShard>& shards, int width) {
  std::string out = "skeinShards(" + std::to_string(width) + ",[";
  bool first = true;
  for (const auto& shard : shards) {
    if (shard.entries.empty()) continue;
    out += (first ? "\"" : ",\"") + shard.name + "\"";
    first = false;
  }
  return out += "]);\n";
}

}  // namespace skein::docs
