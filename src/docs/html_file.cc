// The page of a file: what it is, its symbols as a tree, what it uses and what uses it.
#include <algorithm>

#include "docs/basis.h"
#include "docs/figures.h"
#include "docs/html.h"
#include "docs/html_page.h"
#include "docs/links.h"
#include "docs/symbol_tree.h"
#include "docs/symbol_users.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr std::size_t kMaxSideEntries = 400;
constexpr std::size_t kMaxNestedSide = 250;  // Above this many symbols the side navigation shows the top level only.
constexpr std::size_t kMaxUsedBy = 500;

std::string_view kind_class(repo::SymbolKind kind) {
  switch (family_of(kind)) {
    case SymbolFamily::type:
      return "k-type";
    case SymbolFamily::call:
      return "k-call";
    case SymbolFamily::data:
      return "k-data";
  }
  return {};
}

class SymbolSection {
 public:
  SymbolSection(HtmlPage& page, const FilePage& file)
      : page_(page), file_(file), facts_(file.facts), tree_(file.facts.symbols) {}

  void write() {
    page_.section("symbols", "Symbols");
    for (auto i = tree_.first(); i != SymbolTree::kNone; i = tree_.node(i).next) symbol(i);
    side();
  }

 private:
  void badge(const repo::Symbol& symbol) {
    page_.raw("<span class=\"kind ").raw(kind_class(symbol.kind)).raw("\">").raw(label_of(symbol.kind)).raw("</span>");
    if (symbol.visibility != repo::Visibility::public_) {
      page_.raw("<span class=\"tag\">").raw(visibility(symbol.visibility)).raw("</span>");
    }
  }

  static std::string_view visibility(repo::Visibility visibility) {
    switch (visibility) {
      case repo::Visibility::public_:
        return "public";
      case repo::Visibility::protected_:
        return "protected";
      case repo::Visibility::private_:
        return "private";
      case repo::Visibility::internal:
        return "internal";
    }
    return {};
  }

  void at(const repo::Symbol& symbol) {
    page_.raw("<span class=\"at\">");
    append_lines(page_.content(), symbol.line, symbol.end_line);
    page_.raw("</span>");
  }

  void uses(std::uint32_t index) {
    const auto* use = use_of(file_, index);
    if (use == nullptr) return;
    page_.raw("<p class=\"soft\">Used by ");
    for (std::size_t i = 0; i < use->files.size(); ++i)
      page_.raw(i == 0 ? "" : use->total == i + 1 ? " and " : ", ").link(use->files[i]);
    const auto more = use->total - use->files.size();
    if (use->files.empty())
      page_.count(more, "file", "files");
    else if (more > 0)
      page_.raw(" and ").count(more, "more file", "more files");
    page_.raw("</p>\n");
  }

  // Depth is bounded by SymbolTree::kMaxDepth.
  void symbol(std::uint32_t index) {
    const auto& symbol = facts_.symbols[index];
    const auto& node = tree_.node(index);
    const std::string_view signature = symbol.signature.empty() ? symbol.name : symbol.signature;
    if (node.compact) {
      page_.raw("<div class=\"row\" id=\"").raw(node.anchor).raw("\">");
      badge(symbol);
      page_.raw("<code class=\"sig\">").text(signature).raw("</code>");
      if (const auto* use = use_of(file_, index); use != nullptr)
        page_.raw("<span class=\"soft\">used by ").count(use->total, "file", "files").raw("</span>");
      at(symbol);
      page_.raw("</div>\n");
      return;
    }
    const char level = static_cast<char>('0' + std::min(node.depth + 2, 6));
    const char heading[] = {'h', level, '\0'};
    page_.raw("<section class=\"sym\" id=\"").raw(node.anchor).raw("\"><div class=\"name\">");
    badge(symbol);
    page_.raw("<").raw(heading).raw("><a href=\"#").raw(node.anchor).raw("\">");
    page_.text(symbol.name.empty() ? "(no name)" : symbol.name).raw("</a></").raw(heading).raw(">");
    at(symbol);
    page_.raw("</div>\n");
    if (!symbol.signature.empty()) page_.raw("<pre class=\"sig\">").text(signature).raw("</pre>\n");
    page_.doc(symbol.doc);
    uses(index);
    if (node.first_child != SymbolTree::kNone) {
      page_.raw("<div class=\"members\">\n");
      for (auto i = node.first_child; i != SymbolTree::kNone; i = tree_.node(i).next) this->symbol(i);
      page_.raw("</div>\n");
    }
    page_.raw("</section>\n");
  }

  void side_entry(std::uint32_t index, bool open) {
    auto& out = page_.side();
    ((out += "<li><a href=\"#") += tree_.node(index).anchor) += "\">";
    text::append_html(out, facts_.symbols[index].name.empty() ? "(no name)" : facts_.symbols[index].name);
    out += open ? "</a>" : "</a></li>\n";
    ++side_entries_;
  }

  void side() {
    auto& out = page_.side();
    const bool nested = tree_.size() <= kMaxNestedSide;
    std::size_t more = 0;
    // Below the section's own entry.
    if (out.ends_with("</li>\n")) out.resize(out.size() - 6);
    out += "<ul>\n";
    for (auto i = tree_.first(); i != SymbolTree::kNone; i = tree_.node(i).next) {
      if (facts_.symbols[i].kind == repo::SymbolKind::namespace_ && tree_.node(i).compact) continue;
      if (side_entries_ >= kMaxSideEntries) {
        ++more;
        continue;
      }
      bool members = false;
      for (auto k = tree_.node(i).first_child; nested && k != SymbolTree::kNone; k = tree_.node(k).next) {
        if (tree_.node(k).compact) continue;
        if (!members) {
          side_entry(i, true);
          out += "<ul>\n";
          members = true;
        }
        side_entry(k, false);
      }
      if (members) {
        out += "</ul></li>\n";
      } else {
        side_entry(i, false);
      }
    }
    if (more > 0) {
      out += "<li class=\"soft\">and ";
      append_number(out, more);
      out += " more</li>\n";
    }
    out += "</ul></li>\n";
  }

  HtmlPage& page_;
  const FilePage& file_;
  const repo::FileFacts& facts_;
  SymbolTree tree_;
  std::size_t side_entries_ = 0;
};

void write_imports(HtmlPage& page, const std::vector<ImportLink>& imports) {
  page.section("imports", "Uses");
  page.raw("<ul class=\"rows\">\n");
  for (const auto& import : imports) {
    page.raw("<li><div class=\"head\"><span><code>").text(import.target).raw("</code>");
    if (!import.resolved.path.empty()) page.raw(" → ").link(import.resolved);
    if (import.external) page.raw(" <span class=\"tag\">external</span>");
    page.raw("</span><span class=\"count\">");
    append_lines(page.content(), import.line, import.line);
    page.raw("</span></div>");
    if (!import.names.empty()) {
      page.raw("<p>");
      for (std::size_t i = 0; i < import.names.size(); ++i) {
        page.raw(i == 0 ? "" : ", ").raw("<code>").text(import.names[i]).raw("</code>");
      }
      page.raw("</p>");
    }
    page.raw("</li>\n");
  }
  page.raw("</ul>\n");
}

void write_used_by(HtmlPage& page, const FilePage& file) {
  page.section("used-by", "Used by");
  page.raw("<ul>\n");
  const auto shown = std::min(file.used_by.size(), kMaxUsedBy);
  for (std::size_t i = 0; i < shown; ++i) page.raw("<li>").link(file.used_by[i]).raw("</li>\n");
  page.raw("</ul>\n");
  const auto total = std::max<std::uint64_t>(file.used_by_total, file.used_by.size());
  if (total > shown) page.raw("<p class=\"soft\">And ").count(total - shown, "more file", "more files").raw(".</p>\n");
}

}  // namespace

std::string file_html(const SiteContext& site, const FilePage& file) {
  const auto& facts = file.facts;
  const auto page_path = file_page(file.path);
  const auto markdown_path = file_page(file.path, PageForm::markdown);
  HtmlPage page(site, page_path, markdown_path, 2'048 + facts.symbols.size() * 700 + facts.doc.size());
  const auto slash = file.path.rfind('/');
  const auto name = slash == std::string::npos ? file.path : file.path.substr(slash + 1);

  page.raw("<h1>").path(name).raw("</h1>\n<p class=\"meta\">");
  page.raw("<span><code>").path(file.path).raw("</code></span>");
  if (!file.language.empty()) page.raw("<span>").text(file.language).raw("</span>");
  if (facts.lines > 0) {
    page.raw("<span>").count(facts.lines, "line", "lines").raw("</span>");
    if (facts.code_lines > 0) page.raw("<span>").number(facts.code_lines).raw(" code</span>");
    if (facts.comment_lines > 0) page.raw("<span>").number(facts.comment_lines).raw(" comment</span>");
  }
  page.raw("<span>").size(file.bytes).raw("</span>");
  if (!facts.symbols.empty()) page.raw("<span>").count(facts.symbols.size(), "symbol", "symbols").raw("</span>");
  if (facts.entry_point) page.raw("<span>entry point</span>");
  page.raw("</p>\n");
  page.notes(file.notes);
  if (facts.cut)
    page.raw("<p class=\"note\">A limit was met while this file was read: what is shown is not all.</p>\n");
  if (facts.parse_errors > 0) {
    page.raw("<p class=\"note\">The parser did not understand ").count(facts.parse_errors, "place", "places");
    page.raw(" of this file; symbols near there may be missing.</p>\n");
  }
  page.doc(facts.doc);
  if (!facts.symbols.empty()) SymbolSection(page, file).write();
  if (!file.imports.empty()) write_imports(page, file.imports);
  if (!file.used_by.empty()) write_used_by(page, file);

  const PathRef here{file.path, false, true};
  std::string title = text::display_path(name);
  if (slash != std::string::npos) (title += " · ") += text::display_path(std::string_view(file.path).substr(0, slash));
  (title += " · ") += site.project;
  page.basis(kFileMeasured, file.symbol_uses.empty() ? std::string_view{} : kFileInferred);
  return page.finish(title, &here);
}

}  // namespace skein::docs
