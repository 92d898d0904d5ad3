#include "docs/markdown.h"

#include <algorithm>

#include "docs/basis.h"
#include "docs/doc_text.h"
#include "docs/figures.h"
#include "docs/links.h"
#include "docs/symbol_tree.h"
#include "docs/symbol_users.h"
#include "docs/topic.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr std::size_t kMaxListed = 2'000;  // Entries of one list shown before "and N more".

// Writes one page; text from the repository goes through `text`, `code` and `doc` only.
class Writer {
 public:
  Writer(std::string_view page, std::size_t expected_bytes) : page_(page) { out_.reserve(expected_bytes); }

  Writer& raw(std::string_view markdown) {
    out_ += markdown;
    return *this;
  }
  // Text in which a part between backticks is code.
  Writer& prose(std::string_view untrusted) {
    append_prose(untrusted, out_.empty() || out_.back() == '\n');
    return *this;
  }
  Writer& text(std::string_view untrusted) {
    text::append_markdown(out_, untrusted, out_.empty() || out_.back() == '\n');
    return *this;
  }
  Writer& code(std::string_view untrusted) {
    text::append_markdown_code(out_, untrusted);
    return *this;
  }
  Writer& path(std::string_view path) { return code(text::display_path(path)); }
  Writer& count(std::uint64_t value, std::string_view one, std::string_view many) {
    append_count(out_, value, one, many);
    return *this;
  }
  Writer& number(std::uint64_t value) {
    append_number(out_, value);
    return *this;
  }
  Writer& size(std::uint64_t bytes) {
    append_size(out_, bytes);
    return *this;
  }
  Writer& lines(std::uint32_t line, std::uint32_t end_line) {
    append_lines(out_, line, end_line);
    return *this;
  }

  Writer& link(const PathRef& target) {
    if (!target.page || !linking_) return path(target.path);
    raw("[");
    if (target.path.empty()) {
      raw("all files");
    } else {
      code(text::display_path(target.path) + (target.folder ? "/" : ""));
    }
    raw("](");
    return raw(relative_link(page_, page_of(target, PageForm::markdown))).raw(")");
  }

  /// False: no other page is there yet.
  Writer& linking(bool on) {
    linking_ = on;
    return *this;
  }

  Writer& source(const Statement& statement) {
    if (statement.empty()) return *this;
    if (statement.inferred) {
      raw(" (inferred");
      if (!statement.from.empty()) raw(" from ").text(statement.from);
      raw(")");
    } else if (!statement.from.empty()) {
      raw(" (from ").path(statement.from).raw(")");
    }
    return *this;
  }

  Writer& section(std::string_view title) { return raw("\n## ").raw(title).raw("\n\n"); }

  // A doc text after a blank line.
  Writer& doc(std::string_view doc) {
    auto last = DocBlockKind::paragraph;
    for (const auto& block : doc_blocks(doc)) {
      const bool in_list = block.kind == last && (last == DocBlockKind::list_item || last == DocBlockKind::step);
      if (!in_list) raw("\n");
      last = block.kind;
      switch (block.kind) {
        case DocBlockKind::paragraph:
          paragraph(block.text, "");
          break;
        case DocBlockKind::list_item:
          raw("- ");
          paragraph(block.text, "  ");
          break;
        case DocBlockKind::step:
          raw("1. ");
          paragraph(block.text, "   ");
          break;
        case DocBlockKind::preformatted:
          text::append_markdown_block(out_, block.text);
          break;
      }
    }
    return *this;
  }

  Writer& block(std::string_view text, std::string_view language) {
    text::append_markdown_block(out_, text, language);
    return *this;
  }

  Writer& notes(const std::vector<std::string>& notes) {
    for (const auto& note : notes) raw("\nNote: ").prose(note).raw("\n");
    return *this;
  }

  Writer& basis(std::string_view measured, std::string_view inferred) {
    raw("\nMeasured: ").prose(measured).raw("\nInferred: ").prose(inferred.empty() ? "nothing." : inferred);
    return raw("\n");
  }

  Writer& readme(const Readme& readme) {
    if (readme.markdown.empty()) return *this;
    section("README");
    const bool cut = readme.markdown.size() > Readme::kReadmeBytes;
    raw(cut ? "The beginning of " : "The text of ").path(readme.path).raw(", as it is written:\n\n");
    return block(std::string_view(readme.markdown).substr(0, Readme::kReadmeBytes), "markdown");
  }

  Writer& modules(const std::vector<ModuleEntry>& modules) {
    for (std::size_t i = 0; i < std::min(modules.size(), kMaxListed); ++i) {
      const auto& module = modules[i];
      raw("- ").link({module.path, true, true}).raw(" — ").count(module.counts.files, "file", "files");
      if (module.counts.lines > 0) raw(", ").count(module.counts.lines, "line", "lines");
      if (!module.purpose.empty()) raw(". ").prose(module.purpose.text).source(module.purpose);
      raw("\n");
    }
    return more(modules.size());
  }

  Writer& files(const std::vector<FileEntry>& files) {
    for (std::size_t i = 0; i < std::min(files.size(), kMaxListed); ++i) {
      const auto& file = files[i];
      raw("- ").link({file.path, false, file.page}).raw(" — ");
      if (!file.language.empty()) text(file.language).raw(", ");
      if (file.lines > 0) {
        count(file.lines, "line", "lines");
      } else {
        size(file.bytes);
      }
      if (file.symbols > 0) raw(", ").count(file.symbols, "symbol", "symbols");
      if (!file.mark.empty()) raw(", ").text(file.mark);
      if (!file.summary.empty()) raw(". ").prose(file.summary);
      raw("\n");
    }
    return more(files.size());
  }

  Writer& more(std::size_t total) {
    if (total > kMaxListed) raw("- and ").number(total - kMaxListed).raw(" more, listed in index.json\n");
    return *this;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void append_prose(std::string_view line, bool at_start) {
    split_inline(
        line,
        [&](std::string_view text) {
          if (text.empty()) return;
          text::append_markdown(out_, text, at_start);
          at_start = false;
        },
        [&](std::string_view code) {
          text::append_markdown_code(out_, code);
          at_start = false;
        });
  }

  void paragraph(std::string_view text, std::string_view indent) {
    bool first = true;
    while (!text.empty()) {
      const auto end = text.find('\n');
      if (!first) out_ += indent;
      append_prose(text.substr(0, end), true);  // Each line could begin a block.
      out_ += '\n';
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
      first = false;
    }
  }

  std::string_view page_;
  std::string out_;
  bool linking_ = true;
};

void write_symbol(Writer& out, const FilePage& file, const SymbolTree& tree, std::uint32_t index, bool& in_list) {
  const auto& symbol = file.facts.symbols[index];
  const auto& node = tree.node(index);
  const auto* use = use_of(file, index);
  const std::string_view signature = symbol.signature.empty() ? symbol.name : symbol.signature;
  if (node.compact) {
    if (!in_list) out.raw("\n");
    in_list = true;
    out.raw("- ")
        .raw(label_of(symbol.kind))
        .raw(" ")
        .code(signature)
        .raw(" (")
        .lines(symbol.line, symbol.end_line)
        .raw(")");
    if (use != nullptr) out.raw(", used by ").count(use->total, "file", "files");
    out.raw("\n");
    return;
  }
  in_list = false;
  out.raw("\n")
      .raw(std::string_view("######").substr(0, static_cast<std::size_t>(std::min(node.depth + 2, 6))))
      .raw(" ");
  if (symbol.visibility != repo::Visibility::public_) {
    switch (symbol.visibility) {
      case repo::Visibility::public_:
        break;
      case repo::Visibility::protected_:
        out.raw("protected ");
        break;
      case repo::Visibility::private_:
        out.raw("private ");
        break;
      case repo::Visibility::internal:
        out.raw("internal ");
        break;
    }
  }
  out.raw(label_of(symbol.kind)).raw(" ").code(symbol.name.empty() ? "(no name)" : symbol.name);
  out.raw(" (").lines(symbol.line, symbol.end_line).raw(")\n");
  if (!symbol.signature.empty()) out.raw("\n").block(signature, file.facts.language);
  out.doc(symbol.doc);
  if (use != nullptr) {
    // Paths, not links: the pages of much used files would consist of these.
    out.raw("\nUsed by ").count(use->total, "file", "files");
    for (std::size_t i = 0; i < use->files.size(); ++i) out.raw(i == 0 ? ": " : ", ").path(use->files[i].path);
    out.raw(use->total > use->files.size() && !use->files.empty() ? ", …\n" : "\n");
  }
  for (auto i = node.first_child; i != SymbolTree::kNone; i = tree.node(i).next)
    write_symbol(out, file, tree, i, in_list);
}

void write_uses(Writer& out, std::string_view title, const std::vector<ModuleUse>& uses) {
  if (uses.empty()) return;
  out.section(title);
  for (const auto& use : uses) {
    out.raw("- ").link({use.path, true, use.page});
    if (use.imports > 0) out.raw(" — ").count(use.imports, "import", "imports");
    out.raw("\n");
  }
}

}  // namespace

std::string overview_markdown(const SiteContext& site, const Overview& overview) {
  Writer out(kOverviewMarkdown, 8'192 + overview.readme.markdown.size());
  out.raw("# ").text(site.project).raw("\n");
  if (!overview.tagline.empty()) out.raw("\n").prose(overview.tagline.text).source(overview.tagline).raw("\n");
  out.raw("\n- ").count(overview.totals.files, "file", "files").raw(" in ");
  out.count(overview.totals.folders, "folder", "folders").raw(", ").size(overview.totals.bytes).raw("\n");
  if (overview.totals.lines > 0) out.raw("- ").count(overview.totals.lines, "line", "lines").raw("\n");
  if (overview.totals.symbols > 0) out.raw("- ").count(overview.totals.symbols, "symbol", "symbols").raw("\n");
  out.linking(!overview.is_first());
  if (overview.is_first()) {
    out.raw("\nA first overview of quick facts. Still being made: ");
    for (std::size_t i = 0; i < overview.missing.size(); ++i) out.raw(i == 0 ? "" : ", ").text(overview.missing[i]);
    out.raw(".\n");
  } else {
    out.raw("- [all files of the root folder](modules/index.md), [as JSON](index.json), ");
    out.raw("[symbols](symbols/index.md), [what changed last](changes.md)\n");
    for (const auto& topic : topic_names()) {
      out.raw("- [")
          .raw(topic.title)
          .raw("](")
          .raw(topic_file(topic.name, ".md"))
          .raw("): ")
          .raw(topic.about)
          .raw("\n");
    }
  }
  out.notes(overview.notes);

  if (!overview.reading_order.empty()) out.section("Where to start reading");
  for (const auto& step : overview.reading_order) {
    out.raw("1. ").link(step.target);
    if (!step.why.empty()) out.raw(" — ").prose(step.why);
    out.raw("\n");
  }
  out.section("Build and test");
  if (overview.commands.empty()) out.raw("No file says how.\n");
  for (const auto& command : overview.commands) {
    out.raw("- ").text(command.purpose).raw(": ");
    for (std::string_view rest = command.command; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (!line.empty()) out.code(line).raw(rest.empty() ? "" : ", then ");
    }
    if (!command.why.empty()) out.raw(" — ").prose(command.why.text).source(command.why);
    out.raw("\n");
  }
  if (!overview.entry_points.empty()) out.section("Entry points");
  for (const auto& entry : overview.entry_points) {
    out.raw("- ").link(entry.target);
    if (!entry.what.empty()) out.raw(" — ").prose(entry.what.text).source(entry.what);
    out.raw("\n");
  }
  if (overview.all_entry_points > overview.entry_points.size())
    out.raw("- [all ")
        .count(overview.all_entry_points, "entry point", "entry points")
        .raw("](graph/entry-points.md)\n");
  if (!overview.ties.empty()) out.section("What uses what");
  for (std::size_t i = 0; i < overview.ties.size();) {
    const auto& from = overview.ties[i].from;
    out.raw("- ").link(from).raw(" uses ");
    for (std::size_t k = i; i < overview.ties.size() && overview.ties[i].from == from; ++i)
      out.raw(i > k ? ", " : "").link(overview.ties[i].to).raw(" (").number(overview.ties[i].imports).raw(")");
    out.raw("\n");
  }
  if (!overview.hot_spots.empty()) out.section("Hot spots");
  for (const auto& spot : overview.hot_spots) out.raw("- ").link(spot.target).raw(" — ").prose(spot.why).raw("\n");
  if (!overview.modules.empty()) out.section("Folders").modules(overview.modules);
  if (!overview.root_files.empty()) out.section("Files").files(overview.root_files);
  if (!overview.languages.empty()) out.section("Languages");
  for (const auto& language : overview.languages) {
    out.raw("- ").text(language.name).raw(": ").count(language.lines, "line", "lines").raw(" in ");
    out.count(language.files, "file", "files").raw(", ").size(language.bytes).raw("\n");
  }
  if (!overview.dependencies.empty()) out.section("Dependencies");
  for (std::size_t i = 0; i < std::min(overview.dependencies.size(), kMaxListed); ++i) {
    const auto& dependency = overview.dependencies[i];
    out.raw("- ").code(dependency.name);
    if (!dependency.requirement.empty()) out.raw(" ").text(dependency.requirement);
    if (!dependency.locked.empty()) out.raw(", locked at ").text(dependency.locked);
    if (!dependency.kind.empty()) out.raw(", ").text(dependency.kind);
    if (!dependency.from.empty()) out.raw(" (from ").path(dependency.from).raw(")");
    out.raw("\n");
  }
  if (overview.all_dependencies > overview.dependencies.size())
    out.raw("- [all ").count(overview.all_dependencies, "dependency", "dependencies").raw("](graph/dependencies.md)\n");
  if (!overview.left_out.empty()) out.section("Left out");
  for (const auto& left : overview.left_out) {
    out.raw("- ").text(left.what).raw(": ").count(left.files, "file", "files").raw(", ").size(left.bytes);
    if (!left.why.empty()) out.raw(" — ").prose(left.why);
    for (std::size_t i = 0; i < left.examples.size(); ++i) {
      out.raw(i == 0 ? "; for example " : ", ").path(left.examples[i]);
    }
    out.raw("\n");
  }
  out.readme(overview.readme);
  out.basis(overview_basis(overview.is_first()), kOverviewInferred);
  return out.take();
}

std::string module_markdown(const SiteContext& site, const ModulePage& module) {
  const auto page = module_page(module.path, PageForm::markdown);
  Writer out(page, 2'048 + 200 * (module.modules.size() + module.files.size()) + module.readme.markdown.size());
  out.raw("# ");
  if (module.path.empty()) {
    out.raw("All files of ").text(site.project);
  } else {
    out.path(module.path + "/");
  }
  out.raw("\n");
  if (!module.purpose.empty()) out.raw("\n").prose(module.purpose.text).source(module.purpose).raw("\n");
  out.raw("\n- ").count(module.counts.files, "file", "files");
  if (module.counts.folders > 0) out.raw(" in ").count(module.counts.folders, "folder", "folders");
  if (module.counts.lines > 0) out.raw(", ").count(module.counts.lines, "line", "lines");
  out.raw(", ").size(module.counts.bytes);
  if (module.counts.symbols > 0) out.raw(", ").count(module.counts.symbols, "symbol", "symbols");
  out.raw("\n- ");
  if (!module.path.empty()) {
    const auto slash = module.path.rfind('/');
    out.raw("in ").link({slash == std::string::npos ? "" : module.path.substr(0, slash), true, true}).raw(", ");
  }
  out.raw("[overview](").raw(relative_link(page, kOverviewMarkdown)).raw("), [as JSON](index.json)\n");
  out.notes(module.notes);
  if (!module.modules.empty()) out.section("Folders").modules(module.modules);
  if (!module.files.empty()) out.section("Files").files(module.files);
  write_uses(out, "Uses", module.uses);
  write_uses(out, "Used by", module.used_by);
  if (!module.external.empty()) out.section("From outside");
  for (const auto& package : module.external) out.raw("- ").code(package).raw("\n");
  out.readme(module.readme);
  out.basis(kModuleMeasured, kModuleInferred);
  return out.take();
}

std::string file_markdown(const SiteContext&, const FilePage& file) {
  const auto& facts = file.facts;
  const auto page = file_page(file.path, PageForm::markdown);
  Writer out(page, 1'024 + facts.symbols.size() * 250 + facts.doc.size());
  out.raw("# ").path(file.path).raw("\n\n- ");
  if (!file.language.empty()) out.text(file.language).raw(", ");
  if (facts.lines > 0) {
    out.count(facts.lines, "line", "lines");
    if (facts.code_lines > 0 || facts.comment_lines > 0) {
      out.raw(" (").number(facts.code_lines).raw(" code, ").number(facts.comment_lines).raw(" comment)");
    }
    out.raw(", ");
  }
  out.size(file.bytes);
  if (!facts.symbols.empty()) out.raw(", ").count(facts.symbols.size(), "symbol", "symbols");
  if (facts.entry_point) out.raw(", entry point");
  const auto slash = file.path.rfind('/');
  out.raw("\n- in ").link({slash == std::string::npos ? "" : file.path.substr(0, slash), true, true});
  out.raw(", [overview](").raw(relative_link(page, kOverviewMarkdown)).raw(")\n");
  out.notes(file.notes);
  if (facts.cut) out.raw("\nNote: a limit was met while this file was read: what is shown is not all.\n");
  if (facts.parse_errors > 0) {
    out.raw("\nNote: the parser did not understand ").count(facts.parse_errors, "place", "places");
    out.raw(" of this file; symbols near there may be missing.\n");
  }
  out.doc(facts.doc);
  if (!facts.symbols.empty()) {
    const SymbolTree tree(facts.symbols);
    out.raw("\n## Symbols\n");
    bool in_list = false;
    for (auto i = tree.first(); i != SymbolTree::kNone; i = tree.node(i).next)
      write_symbol(out, file, tree, i, in_list);
  }
  if (!file.imports.empty()) out.section("Uses");
  for (const auto& import : file.imports) {
    out.raw("- ").code(import.target);
    if (!import.resolved.path.empty()) out.raw(" → ").link(import.resolved);
    if (import.external) out.raw(", external");
    if (import.line > 0) out.raw(", ").lines(import.line, import.line);
    for (std::size_t i = 0; i < import.names.size(); ++i) out.raw(i == 0 ? ": " : ", ").code(import.names[i]);
    out.raw("\n");
  }
  if (!file.used_by.empty()) {
    out.section("Used by");
    const auto shown = std::min(file.used_by.size(), kMaxListed);
    for (std::size_t i = 0; i < shown; ++i) out.raw("- ").link(file.used_by[i]).raw("\n");
    const auto total = std::max<std::uint64_t>(file.used_by_total, file.used_by.size());
    if (total > shown) out.raw("- and ").count(total - shown, "more file", "more files").raw("\n");
  }
  out.basis(kFileMeasured, file.symbol_uses.empty() ? std::string_view{} : kFileInferred);
  return out.take();
}

}  // namespace skein::docs
