#include "docs/html_page.h"

#include <algorithm>

#include "docs/doc_text.h"
#include "docs/figures.h"
#include "docs/links.h"
#include "docs/page_frame.h"
#include "text/escape.h"
#include "text/markdown_html.h"

namespace skein::docs {
namespace {

void append_inline(std::string& out, std::string_view line) {
  split_inline(
      line, [&out](std::string_view text) { text::append_html(out, text); },
      [&out](std::string_view code) {
        out += "<code>";
        text::append_html(out, code);
        out += "</code>";
      });
}

std::string_view last_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

}  // namespace

HtmlPage::HtmlPage(const SiteContext& site, std::string_view page, std::string_view markdown,
                   std::size_t expected_bytes)
    : site_(site), page_(page), markdown_(markdown) {
  content_.reserve(expected_bytes);
}

HtmlPage& HtmlPage::text(std::string_view untrusted) {
  text::append_html(content_, untrusted);
  return *this;
}

HtmlPage& HtmlPage::prose(std::string_view untrusted) {
  append_inline(content_, untrusted);
  return *this;
}

HtmlPage& HtmlPage::path(std::string_view path) {
  text::append_html(content_, text::display_path(path));
  return *this;
}

HtmlPage& HtmlPage::number(std::uint64_t value) {
  append_number(content_, value);
  return *this;
}

HtmlPage& HtmlPage::count(std::uint64_t value, std::string_view one, std::string_view many) {
  append_count(content_, value, one, many);
  return *this;
}

HtmlPage& HtmlPage::size(std::uint64_t bytes) {
  append_size(content_, bytes);
  return *this;
}

void HtmlPage::append_link(std::string& out, const PathRef& target, std::string_view label) const {
  std::string shown(label);
  if (label.empty()) {
    shown = target.path.empty() ? "all files" : text::display_path(target.path);
    if (target.folder && !target.path.empty()) shown += '/';
  }
  if (target.page && linking_) {
    out += "<a href=\"";
    out += relative_link(page_, page_of(target));
    out += "\">";
  }
  text::append_html(out, shown);
  if (target.page && linking_) out += "</a>";
}

HtmlPage& HtmlPage::link(const PathRef& target, std::string_view label) {
  append_link(content_, target, label);
  return *this;
}

HtmlPage& HtmlPage::source(const Statement& statement) {
  if (statement.empty()) return *this;
  if (statement.inferred) {
    raw(" <span class=\"guess\">inferred");
    if (!statement.from.empty()) raw(" from ").text(statement.from);
    raw("</span>");
  } else if (!statement.from.empty()) {
    raw(" <span class=\"source\">from ").path(statement.from).raw("</span>");
  }
  return *this;
}

HtmlPage& HtmlPage::section(std::string_view id, std::string_view title) {
  raw("<h2 id=\"").raw(id).raw("\">").raw(title).raw("</h2>\n");
  (side_ += "<li><a class=\"part\" href=\"#") += id;
  ((side_ += "\">") += title) += "</a></li>\n";
  return *this;
}

HtmlPage& HtmlPage::doc(std::string_view doc) {
  const auto blocks = doc_blocks(doc);
  if (blocks.empty()) return *this;
  raw("<div class=\"doc\">\n");
  std::string_view list;  // The open one.
  for (const auto& block : blocks) {
    const std::string_view wanted = block.kind == DocBlockKind::list_item ? "ul"
                                    : block.kind == DocBlockKind::step    ? "ol"
                                                                          : "";
    if (wanted != list) {
      if (!list.empty()) raw("</").raw(list).raw(">\n");
      if (!wanted.empty()) raw("<").raw(wanted).raw(">\n");
      list = wanted;
    }
    switch (block.kind) {
      case DocBlockKind::paragraph:
        raw("<p>").prose(block.text).raw("</p>\n");
        break;
      case DocBlockKind::list_item:
      case DocBlockKind::step:
        raw("<li>").prose(block.text).raw("</li>\n");
        break;
      case DocBlockKind::preformatted:
        raw("<pre tabindex=\"0\">").text(block.text).raw("</pre>\n");
        break;
    }
  }
  if (!list.empty()) raw("</").raw(list).raw(">\n");
  return raw("</div>\n");
}

HtmlPage& HtmlPage::readme(const Readme& readme) {
  if (readme.markdown.empty()) return *this;
  text::MarkdownHtmlOptions options;
  options.max_bytes = Readme::kReadmeBytes;
  options.link = [&](std::string_view href) -> std::string {
    if (href.starts_with("https://") || href.starts_with("http://")) return std::string(href);
    std::string path;
    if (!resolve_readme_link(readme.path, href, path)) return {};
    const auto found = std::ranges::lower_bound(readme.targets, path, {}, &PathRef::path);
    if (found == readme.targets.end() || found->path != path || !found->page || !linking_) return {};
    return relative_link(page_, page_of(*found));
  };
  bool cut = false;
  const auto html = text::markdown_to_html(readme.markdown, options, &cut);
  raw("<div class=\"readme\">\n").raw(html).raw("</div>\n<p class=\"source\">");
  raw(cut ? "The beginning of " : "From ").path(readme.path);
  return raw(". Images and raw HTML are left out.</p>\n");
}

HtmlPage& HtmlPage::notes(const std::vector<std::string>& notes) {
  for (const auto& note : notes) raw("<p class=\"note\">").prose(note).raw("</p>\n");
  return *this;
}

HtmlPage& HtmlPage::basis(std::string_view measured, std::string_view inferred) {
  raw("<p class=\"basis\"><strong>Measured:</strong> ").prose(measured).raw(" <strong>Inferred:</strong> ");
  return prose(inferred.empty() ? "nothing." : inferred).raw("</p>\n");
}

HtmlPage& HtmlPage::module_rows(const std::vector<ModuleEntry>& modules) {
  raw("<ul class=\"rows\">\n");
  for (std::size_t i = 0; i < std::min(modules.size(), kMaxRows); ++i) {
    const auto& module = modules[i];
    raw("<li><div class=\"head\"><span>");
    link({module.path, true, true}, text::display_path(last_name(module.path)) + "/");
    raw("</span><span class=\"count\">").count(module.counts.files, "file", "files");
    if (module.counts.lines > 0) raw(", ").count(module.counts.lines, "line", "lines");
    raw("</span></div>");
    if (!module.purpose.empty()) raw("<p>").prose(module.purpose.text).source(module.purpose).raw("</p>");
    raw("</li>\n");
  }
  raw("</ul>\n");
  if (modules.size() > kMaxRows) {
    raw("<p class=\"soft\">And ").number(modules.size() - kMaxRows).raw(" more, listed in index.json.</p>\n");
  }
  return *this;
}

HtmlPage& HtmlPage::file_rows(const std::vector<FileEntry>& files) {
  raw("<ul class=\"rows\">\n");
  for (std::size_t i = 0; i < std::min(files.size(), kMaxRows); ++i) {
    const auto& file = files[i];
    raw("<li><div class=\"head\"><span>");
    link({file.path, false, file.page}, text::display_path(last_name(file.path)));
    if (!file.mark.empty()) raw(" <span class=\"tag\">").text(file.mark).raw("</span>");
    raw("</span><span class=\"count\">");
    if (!file.language.empty()) text(file.language).raw(", ");
    if (file.lines > 0) {
      count(file.lines, "line", "lines");
    } else {
      size(file.bytes);
    }
    if (file.symbols > 0) raw(", ").count(file.symbols, "symbol", "symbols");
    raw("</span></div>");
    if (!file.summary.empty()) raw("<p>").prose(file.summary).raw("</p>");
    raw("</li>\n");
  }
  raw("</ul>\n");
  if (files.size() > kMaxRows) {
    raw("<p class=\"soft\">And ").number(files.size() - kMaxRows).raw(" more, listed in index.json.</p>\n");
  }
  return *this;
}

void HtmlPage::append_crumbs(std::string& out, const PathRef* here, std::string_view crumb) const {
  constexpr std::size_t kFirst = 2;  // Shown of a deep path: its first and its last folders.
  constexpr std::size_t kLast = 4;
  out += "<ol>";
  const auto current = [&out](std::string_view name) {
    out += "<li><span aria-current=\"page\">";
    text::append_html(out, name);
    out += "</span></li>";
  };
  if (here == nullptr || here->path.empty()) {
    current(here == nullptr ? crumb : "All files");
    out += "</ol>";
    return;
  }
  const std::string_view path = here->path;
  const auto slashes = static_cast<std::size_t>(std::ranges::count(path, '/'));
  std::size_t begin = 0;
  for (std::size_t i = 0; i < slashes; ++i) {
    const auto slash = path.find('/', begin);
    if (slashes <= kFirst + kLast || i < kFirst || i + kLast >= slashes) {
      out += "<li>";
      append_link(out, {std::string(path.substr(0, slash)), true, true},
                  text::display_path(path.substr(begin, slash - begin)));
      out += "</li>";
    } else if (i == kFirst) {
      out += "<li>…</li>";
    }
    begin = slash + 1;
  }
  current(text::display_path(path.substr(begin)));
  out += "</ol>";
}

std::string HtmlPage::finish(std::string_view title, const PathRef* here, std::string_view crumb) {
  constexpr std::size_t kLarge = std::size_t{1} << 20;  // From here on it is held once: what stands before it moves in.
  const auto& frame = page_frame();
  const auto root = relative_link(page_, "");
  std::string out;
  if (content_.size() < kLarge) out.reserve(frame.size() + content_.size() + side_.size() + 1'024);
  for (const auto& part : frame.parts()) {
    out += part.literal;
    switch (part.slot) {
      case PageFrame::Slot::rendering:
        text::append_html(out, site_.rendering);
        break;
      case PageFrame::Slot::title:
        text::append_html(out, title);
        break;
      case PageFrame::Slot::root:
        out += root;
        break;
      case PageFrame::Slot::theme:
        if (!site_.theme.empty()) {
          out += "?v=";
          append_anchor(out, site_.theme);
        }
        break;
      case PageFrame::Slot::project:
        text::append_html(out, site_.project);
        break;
      case PageFrame::Slot::markdown:
        out += relative_link(page_, markdown_);
        break;
      case PageFrame::Slot::crumbs:
        append_crumbs(out, here, crumb);
        break;
      case PageFrame::Slot::side:
        out += "<ul>\n";
        out += side_;
        out += "</ul>";
        break;
      case PageFrame::Slot::content:
        if (content_.size() < kLarge) {
          out += content_;
        } else {
          content_.insert(0, out);
          out = std::move(content_);
        }
        break;
    }
  }
  return out += frame.tail();
}

}  // namespace skein::docs
