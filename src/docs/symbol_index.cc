#include "docs/symbol_index.h"

#include <array>

#include "base/bytes.h"
#include "docs/html_page.h"
#include "docs/symbol_tree.h"
#include "text/escape.h"
#include "text/json_string.h"

namespace skein::docs {
namespace {

constexpr std::string_view kLetters = "_abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kOneShard = 150;  // Documented files.
constexpr std::size_t kOneLetter = 1'500;

/// What a byte is in a key; 0: a later byte of a character, which stands for nothing.
constexpr std::array<char, 256> kKeyBytes = [] {
  std::array<char, 256> of{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    char& key = of[static_cast<std::size_t>(byte)];
    if (byte >= 0x80)
      key = byte < 0xc0 ? '\0' : '_';
    else if (c >= 'A' && c <= 'Z')
      key = static_cast<char>(c - 'A' + 'a');
    else
      key = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
  }
  return of;
}();

char key_byte(char c) { return kKeyBytes[static_cast<unsigned char>(c)]; }

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

KeyReader::KeyReader(std::string_view name) : rest_(name) {
  const auto begins = [](char c) {
    return static_cast<unsigned char>(c) < 0x80 ? key_byte(c) != '_' : key_byte(c) != '\0';
  };
  while (!rest_.empty() && !begins(rest_.front())) rest_.remove_prefix(1);
}

int KeyReader::next() {
  while (!rest_.empty()) {
    const char key = key_byte(rest_.front());
    rest_.remove_prefix(1);
    if (key != '\0') return key;
  }
  return -1;
}

std::string key_of(std::string_view name) {
  KeyReader reader(name);
  std::string key;
  for (int c = reader.next(); c >= 0; c = reader.next()) key += static_cast<char>(c);
  return key;
}

std::string shard_of(std::string_view name, int width) {
  if (width == 0) return "all";
  KeyReader key(name);
  std::string shard;
  for (int i = 0; i < width; ++i) {
    const int c = key.next();
    shard += c >= 'a' && c <= 'z' ? static_cast<char>(c) : '_';
  }
  return shard;
}

std::string shard_file(std::string_view shard, std::string_view end) {
  return std::string("symbols/").append(shard).append(end);
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
