#include "docs/change_log.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "docs/html_page.h"
#include "text/escape.h"
#include "text/json_string.h"

namespace skein::docs {
namespace {

constexpr std::uint8_t kVersion = 1;

Edit take_edit(ByteReader& in) {
  switch (in.u8()) {
    case 0:
      return Edit::added;
    case 2:
      return Edit::removed;
    default:
      return Edit::changed;
  }
}

void put(ByteWriter& out, const SiteChanges& changes) {
  out.u8((changes.first ? 1 : 0) | (changes.symbols_known ? 2 : 0)).text(changes.commit);
  out.varint(changes.reasons.size());
  for (const auto& reason : changes.reasons) out.text(reason);
  out.varint(changes.total_pages).varint(changes.total_files).varint(changes.total_symbols);
  out.varint(changes.pages.size());
  for (const auto& page : changes.pages) out.u8(static_cast<std::uint8_t>(page.edit)).text(page.page).text(page.why);
  out.varint(changes.files.size());
  for (const auto& file : changes.files) out.u8(static_cast<std::uint8_t>(file.edit)).text(file.path);
  out.varint(changes.symbols.size());
  for (const auto& symbol : changes.symbols) {
    out.u8(static_cast<std::uint8_t>(symbol.edit)).text(symbol.path).text(symbol.kind).text(symbol.name);
    out.text(symbol.before).text(symbol.after);
  }
}

SiteChanges take_changes(ByteReader& in) {
  SiteChanges changes;
  const auto flags = in.u8();
  changes.first = (flags & 1) != 0;
  changes.symbols_known = (flags & 2) != 0;
  changes.commit = in.text();
  changes.reasons.resize(in.count());
  for (auto& reason : changes.reasons) reason = in.text();
  changes.total_pages = in.varint();
  changes.total_files = in.varint();
  changes.total_symbols = in.varint();
  changes.pages.resize(in.count(3));
  for (auto& page : changes.pages) {
    page.edit = take_edit(in);
    page.page = in.text();
    page.why = in.text();
  }
  changes.files.resize(in.count(2));
  for (auto& file : changes.files) {
    file.edit = take_edit(in);
    file.path = in.text();
  }
  changes.symbols.resize(in.count(6));
  for (auto& symbol : changes.symbols) {
    symbol.edit = take_edit(in);
    symbol.path = in.text();
    symbol.kind = in.text();
    symbol.name = in.text();
    symbol.before = in.text();
    symbol.after = in.text();
  }
  return changes;
}

/// Kind and scoped name, with the signatures of all that share them, sorted.
using Signatures = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

Signatures signatures_of(const repo::FileFacts* facts) {
  Signatures all;
  if (facts == nullptr) return all;
  for (const auto& symbol : facts->symbols) {
    auto scope = scope_of(*facts, symbol);
    auto name = scope.empty() ? symbol.name : scope + "." + symbol.name;
    all[{std::string(to_string(symbol.kind)), std::move(name)}].push_back(symbol.signature.empty() ? symbol.name
                                                                                                   : symbol.signature);
  }
  for (auto& [key, list] : all) std::ranges::sort(list);
  return all;
}

std::string title_of(const SiteChanges& changes) {
  return changes.commit.empty() ? "Without a commit" : "At commit " + changes.commit.substr(0, 12);
}

std::string summary_of(const SiteChanges& changes) {
  if (changes.first) return fmt::format("The first pages that are remembered: {} in all.", changes.total_pages);
  std::string text = fmt::format("{} {}, {} {}", changes.total_pages, changes.total_pages == 1 ? "page" : "pages",
                                 changes.total_files, changes.total_files == 1 ? "file" : "files");
  if (changes.symbols_known)
    text += fmt::format(", {} {}", changes.total_symbols, changes.total_symbols == 1 ? "symbol" : "symbols");
  for (const auto& reason : changes.reasons) text += "; " + reason;
  text += ".";
  if (!changes.symbols_known) text += " What symbols were before is not in the store any more.";
  return text;
}

std::string_view word_of(const SymbolEdit& symbol) {
  return symbol.edit == Edit::changed ? "signature" : to_string(symbol.edit);
}

}  // namespace

std::string_view to_string(Edit edit) {
  switch (edit) {
    case Edit::added:
      return "added";
    case Edit::changed:
      return "changed";
    case Edit::removed:
      return "removed";
  }
  return {};
}

std::string encode(const PastSite& past) {
  ByteWriter out;
  out.reserve(past.files.size() * 110 + 4096);
  out.u8(kVersion).digest(past.manifest).text(past.look).text(past.languages).varint(past.files.size());
  for (const auto& file : past.files) out.text(file.path).digest(file.content).digest(file.facts);
  out.varint(past.log.size());
  for (const auto& changes : past.log) put(out, changes);
  return out.take();
}

Result<PastSite> decode_past_site(std::string_view bytes) {
  ByteReader in(bytes);
  PastSite past;
  if (const auto version = in.u8(); version > kVersion)
    return fail(Code::unsupported_version, "what is remembered of a site has format {}", version);
  past.manifest = in.digest();
  past.look = in.text();
  past.languages = in.text();
  past.files.resize(in.count(65));
  for (auto& file : past.files) {
    file.path = in.text();
    file.content = in.digest();
    file.facts = in.digest();
  }
  past.log.resize(std::min(in.count(8), PastSite::kLog));
  for (auto& changes : past.log) changes = take_changes(in);
  SKEIN_DO(in.finish("what is remembered of a site"));
  return past;
}

void add_symbol_edits(SiteChanges& changes, const std::string& path, const repo::FileFacts* before,
                      const repo::FileFacts* after) {
  auto old = signatures_of(before);
  auto now = signatures_of(after);
  const auto add = [&](Edit edit, const auto& key, std::string was, std::string is) {
    ++changes.total_symbols;
    if (changes.symbols.size() < SiteChanges::kKept)
      changes.symbols.push_back({edit, path, key.first, key.second, std::move(was), std::move(is)});
  };
  for (const auto& [key, list] : old) now.try_emplace(key);
  for (auto& [key, after_list] : now) {
    auto& before_list = old[key];
    std::vector<std::string> gone, come;
    std::ranges::set_difference(before_list, after_list, std::back_inserter(gone));
    std::ranges::set_difference(after_list, before_list, std::back_inserter(come));
    const auto both = std::min(gone.size(), come.size());
    for (std::size_t i = 0; i < both; ++i) add(Edit::changed, key, gone[i], come[i]);
    for (std::size_t i = both; i < gone.size(); ++i) add(Edit::removed, key, gone[i], "");
    for (std::size_t i = both; i < come.size(); ++i) add(Edit::added, key, "", come[i]);
  }
}

std::string changes_html(const SiteContext& site, const std::vector<SiteChanges>& log) {
  HtmlPage page(site, kChangesHtml, kChangesMarkdown, 16'384);
  page.raw("<h1>Changes</h1>\n<p class=\"lead\">What the last publications of these pages changed, and why.</p>\n");
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto& changes = log[i];
    const std::string id = "change-" + std::to_string(i + 1);
    std::string title;
    text::append_html(title, title_of(changes));
    page.section(id, title).raw("<p>").text(summary_of(changes)).raw("</p>\n");
    const auto list = [&](std::string_view what, std::size_t shown, std::uint64_t total, auto row) {
      if (shown == 0) return;
      page.raw("<h3>").raw(what).raw("</h3>\n<ul class=\"rows\">\n");
      for (std::size_t k = 0; k < shown; ++k) {
        page.raw("<li>");
        row(k);
        page.raw("</li>\n");
      }
      page.raw("</ul>\n");
      if (total > shown) page.raw("<p class=\"soft\">And ").number(total - shown).raw(" more.</p>\n");
    };
    list("Symbols", changes.symbols.size(), changes.total_symbols, [&](std::size_t k) {
      const auto& symbol = changes.symbols[k];
      page.raw("<div class=\"head\"><span><span class=\"tag\">").raw(word_of(symbol)).raw("</span> ");
      page.text(symbol.kind).raw(" <code>").text(symbol.name).raw("</code></span><span class=\"count\">");
      page.path(symbol.path).raw("</span></div>");
      if (symbol.edit == Edit::changed)
        page.raw("<p><code>").text(symbol.before).raw("</code> → <code>").text(symbol.after).raw("</code></p>");
    });
    list("Files", changes.files.size(), changes.total_files, [&](std::size_t k) {
      page.raw("<span class=\"tag\">").raw(to_string(changes.files[k].edit)).raw("</span> ");
      page.path(changes.files[k].path);
    });
    list("Pages", changes.pages.size(), changes.total_pages, [&](std::size_t k) {
      const auto& edited = changes.pages[k];
      page.raw("<div class=\"head\"><span><span class=\"tag\">").raw(to_string(edited.edit)).raw("</span> ");
      const bool there = i == 0 && edited.edit != Edit::removed;
      if (there) page.raw("<a href=\"").raw(edited.page).raw("\">");
      page.text(edited.page);
      if (there) page.raw("</a>");
      page.raw("</span></div><p>").text(edited.why).raw("</p>");
    });
  }
  return page.finish("Changes · " + site.project, nullptr);
}

std::string changes_markdown(const SiteContext& site, const std::vector<SiteChanges>& log) {
  std::string out = "# Changes of the pages of ";
  text::append_markdown(out, site.project);
  out += "\n";
  for (const auto& changes : log) {
    out += "\n## ";
    text::append_markdown(out, title_of(changes));
    out += "\n\n";
    text::append_markdown(out, summary_of(changes), true);
    out += "\n";
    const auto rest = [&](std::string_view what, std::size_t shown, std::uint64_t total) {
      if (total > shown && shown > 0) out += fmt::format("- and {} more {}\n", total - shown, what);
    };
    if (!changes.symbols.empty()) out += "\n### Symbols\n\n";
    for (const auto& symbol : changes.symbols) {
      out += fmt::format("- {}: {} ", word_of(symbol), symbol.kind);
      text::append_markdown_code(out, symbol.name);
      out += " in ";
      text::append_markdown_code(out, text::display_path(symbol.path));
      if (symbol.edit == Edit::changed) {
        out += ": ";
        text::append_markdown_code(out, symbol.before);
        out += " → ";
        text::append_markdown_code(out, symbol.after);
      }
      out += "\n";
    }
    rest("symbols", changes.symbols.size(), changes.total_symbols);
    if (!changes.files.empty()) out += "\n### Files\n\n";
    for (const auto& file : changes.files) {
      out += fmt::format("- {}: ", to_string(file.edit));
      text::append_markdown_code(out, text::display_path(file.path));
      out += "\n";
    }
    rest("files", changes.files.size(), changes.total_files);
    if (!changes.pages.empty()) out += "\n### Pages\n\n";
    for (const auto& page : changes.pages) {
      out += fmt::format("- {}: ", to_string(page.edit));
      text::append_markdown_code(out, page.page);
      out += " — ";
      text::append_markdown(out, page.why);
      out += "\n";
    }
    rest("pages", changes.pages.size(), changes.total_pages);
  }
  return out;
}

std::string changes_json(const SiteContext& site, const std::vector<SiteChanges>& log) {
  std::string out = "{\n  \"schema\": \"skein.docs.changes/1\",\n  \"project\": ";
  const auto field = [&out](std::string_view name, std::string_view value) {
    out += fmt::format(", \"{}\": ", name);
    text::append_json_string(out, value);
  };
  text::append_json_string(out, site.project);
  out += ",\n  \"publications\": [";
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto& changes = log[i];
    out += i == 0 ? "\n    {" : ",\n    {";
    out += fmt::format("\"first\": {}, \"symbols_known\": {}, \"pages_total\": {}, \"files_total\": {}, ",
                       changes.first, changes.symbols_known, changes.total_pages, changes.total_files);
    out += fmt::format("\"symbols_total\": {}", changes.total_symbols);
    field("commit", changes.commit);
    out += ", \"reasons\": [";
    for (std::size_t k = 0; k < changes.reasons.size(); ++k) {
      if (k > 0) out += ", ";
      text::append_json_string(out, changes.reasons[k]);
    }
    out += "],\n     \"symbols\": [";
    for (std::size_t k = 0; k < changes.symbols.size(); ++k) {
      const auto& symbol = changes.symbols[k];
      out += fmt::format("{}\n      {{\"edit\": \"{}\"", k == 0 ? "" : ",", word_of(symbol));
      field("path", text::display_path(symbol.path));
      field("kind", symbol.kind);
      field("name", symbol.name);
      if (!symbol.before.empty()) field("before", symbol.before);
      if (!symbol.after.empty()) field("after", symbol.after);
      out += "}";
    }
    out += "],\n     \"files\": [";
    for (std::size_t k = 0; k < changes.files.size(); ++k) {
      out += fmt::format("{}\n      {{\"edit\": \"{}\"", k == 0 ? "" : ",", to_string(changes.files[k].edit));
      field("path", text::display_path(changes.files[k].path));
      out += "}";
    }
    out += "],\n     \"pages\": [";
    for (std::size_t k = 0; k < changes.pages.size(); ++k) {
      out += fmt::format("{}\n      {{\"edit\": \"{}\"", k == 0 ? "" : ",", to_string(changes.pages[k].edit));
      field("page", changes.pages[k].page);
      field("why", changes.pages[k].why);
      out += "}";
    }
    out += "]}";
  }
  return out += "\n  ]\n}\n";
}

std::vector<std::string> changes_lines(const SiteChanges& changes) {
  std::vector<std::string> lines{title_of(changes) + ": " + summary_of(changes)};
  for (const auto& symbol : changes.symbols) {
    auto line = fmt::format("  {} {} {} in {}", word_of(symbol), symbol.kind, symbol.name, symbol.path);
    if (symbol.edit == Edit::changed) line += fmt::format(": {} -> {}", symbol.before, symbol.after);
    lines.push_back(std::move(line));
  }
  if (changes.total_symbols > changes.symbols.size() && !changes.symbols.empty())
    lines.push_back(fmt::format("  and {} more symbols", changes.total_symbols - changes.symbols.size()));
  for (const auto& page : changes.pages)
    lines.push_back(fmt::format("  {} {} ({})", to_string(page.edit), page.page, page.why));
  if (changes.total_pages > changes.pages.size() && !changes.pages.empty())
    lines.push_back(fmt::format("  and {} more pages", changes.total_pages - changes.pages.size()));
  return lines;
}

}  // namespace skein::docs
