// The page of a folder: its purpose, what is in it, and its ties to other folders.
#include "docs/basis.h"
#include "docs/html.h"
#include "docs/html_page.h"
#include "docs/links.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

void write_uses(HtmlPage& page, const std::vector<ModuleUse>& uses) {
  page.raw("<ul class=\"uses\">\n");
  for (const auto& use : uses) {
    page.raw("<li>").link({use.path, true, use.page});
    if (use.imports > 0) page.raw(" <span class=\"soft\">").count(use.imports, "import", "imports").raw("</span>");
    page.raw("</li>\n");
  }
  page.raw("</ul>\n");
}

}  // namespace

std::string module_html(const SiteContext& site, const ModulePage& module) {
  const auto page_path = module_page(module.path);
  const auto markdown_path = module_page(module.path, PageForm::markdown);
  HtmlPage page(site, page_path, markdown_path,
                4'096 + 300 * (module.modules.size() + module.files.size()) + 2 * module.readme.markdown.size());
  const auto slash = module.path.rfind('/');
  const auto name = slash == std::string::npos ? module.path : module.path.substr(slash + 1);

  page.raw("<h1>");
  if (module.path.empty()) {
    page.raw("All files");
  } else {
    page.path(name).raw("/");
  }
  page.raw("</h1>\n<p class=\"meta\">");
  if (slash != std::string::npos) page.raw("<span><code>").path(module.path).raw("</code></span>");
  page.raw("<span>").count(module.counts.files, "file", "files").raw("</span>");
  if (module.counts.folders > 0) page.raw("<span>").count(module.counts.folders, "folder", "folders").raw("</span>");
  if (module.counts.lines > 0) page.raw("<span>").count(module.counts.lines, "line", "lines").raw("</span>");
  page.raw("<span>").size(module.counts.bytes).raw("</span>");
  if (module.counts.symbols > 0) page.raw("<span>").count(module.counts.symbols, "symbol", "symbols").raw("</span>");
  page.raw("</p>\n");
  if (!module.purpose.empty()) {
    page.raw("<p class=\"lead\">").prose(module.purpose.text).source(module.purpose).raw("</p>\n");
  }
  page.notes(module.notes);
  if (!module.around.empty()) page.section("around", "What is around it").raw(module.around);
  if (!module.inside.empty()) page.section("inside", "What uses what inside").raw(module.inside);
  if (!module.modules.empty()) page.section("folders", "Folders").module_rows(module.modules);
  if (!module.files.empty()) page.section("files", "Files").file_rows(module.files);
  if (!module.uses.empty()) write_uses(page.section("uses", "Uses"), module.uses);
  if (!module.used_by.empty()) write_uses(page.section("used-by", "Used by"), module.used_by);
  if (!module.external.empty()) {
    page.section("external", "From outside").raw("<ul class=\"chips\">\n");
    for (const auto& package : module.external) page.raw("<li><code>").text(package).raw("</code></li>\n");
    page.raw("</ul>\n");
  }
  if (!module.readme.markdown.empty()) page.section("about", "README").readme(module.readme);

  page.basis(kModuleMeasured, kModuleInferred);
  const PathRef here{module.path, true, true};
  std::string title = module.path.empty() ? "All files" : text::display_path(module.path) + "/";
  (title += " · ") += site.project;
  return page.finish(title, &here);
}

}  // namespace skein::docs
