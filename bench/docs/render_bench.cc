// Rendering: a file's page with 50 symbols, HTML and Markdown together; a folder's page with 200 rows.
#include <functional>
#include <string>

#include "bench/harness/bench.h"
#include "docs/html.h"
#include "docs/links.h"
#include "docs/markdown.h"
#include "docs/site_index.h"

namespace {

using namespace skein;

docs::FilePage file_with_symbols(int symbols) {
  docs::FilePage file;
  file.path = "src/transport/negotiation.py";
  file.language = "Python";
  file.bytes = 38'000;
  file.facts.language = "python";
  file.facts.lines = 1'100;
  file.facts.code_lines = 800;
  file.facts.comment_lines = 150;
  file.facts.doc =
      "Negotiates how two sides talk.\n\nBoth sides offer what they can; the stronger offer wins:\n\n- first item\n- "
      "second\n";
  for (int i = 0; i < symbols; ++i) {
    repo::Symbol symbol;
    const bool is_class = i % 10 == 0;
    symbol.name = (is_class ? "Negotiator" : "offer_with_terms_") + std::to_string(i);
    symbol.kind = is_class ? repo::SymbolKind::class_ : repo::SymbolKind::method;
    if (!is_class) symbol.parent = static_cast<std::uint32_t>(i / 10 * 10);
    symbol.line = static_cast<std::uint32_t>(i * 20 + 10);
    symbol.end_line = symbol.line + 18;
    symbol.signature =
        "def " + symbol.name + "(self, terms: Mapping[str, Term], *, timeout_s: float = 3.0) -> Offer | None";
    symbol.doc =
        "Makes an offer out of `terms`, or none where they exclude each other.\n\n"
        ":param terms: what this side can do, by name\n:param timeout_s: how long the other side may think\n";
    file.facts.symbols.push_back(symbol);
  }
  for (int i = 0; i < 12; ++i) {
    docs::ImportLink import;
    import.target = ".module_" + std::to_string(i);
    import.line = static_cast<std::uint32_t>(i + 3);
    import.names = {"Term", "Offer"};
    import.resolved.path = "src/transport/module_" + std::to_string(i) + ".py";
    file.imports.push_back(import);
    file.used_by.push_back({"src/service/user_" + std::to_string(i) + ".py"});
  }
  return file;
}

docs::ModulePage module_with_files(int files) {
  docs::ModulePage module;
  module.path = "src/transport";
  for (int i = 0; i < files; ++i) {
    docs::FileEntry entry;
    entry.path = "src/transport/module_" + std::to_string(i) + ".py";
    entry.language = "Python";
    entry.lines = 200;
    entry.symbols = 12;
    entry.summary = "Says what terms are and how they are compared.";
    module.files.push_back(entry);
  }
  return module;
}

// Microseconds of one call, the median of 200 batches of 5.
double micros(const std::function<void()>& work) {
  return 1e6 / 5 * bench::median_seconds(200, [&] {
           for (int i = 0; i < 5; ++i) work();
         });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  docs::SiteContext site;
  site.project = "Negotiation";
  if (report.wants("docs.render.file")) {
    const auto file = file_with_symbols(50);
    const double us = micros([&] {
      bench::keep(docs::file_html(site, file).size());
      bench::keep(docs::file_markdown(site, file).size());
    });
    report.figure("docs.render.file_50_symbols", us, "us", bench::Op::at_most, 150);
    report.note("docs.render.file_50_symbols.html", static_cast<double>(docs::file_html(site, file).size()), "bytes");
  }
  if (report.wants("docs.render.module")) {
    const auto module = module_with_files(200);
    const double us = micros([&] {
      bench::keep(docs::module_html(site, module).size());
      bench::keep(docs::module_markdown(site, module).size());
      bench::keep(docs::module_index_json(site, module).size());
    });
    report.note("docs.render.module_200_files", us, "us");
  }
  return report.finish();
}
