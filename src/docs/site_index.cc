#include "docs/site_index.h"

#include "docs/figures.h"
#include "docs/json_writer.h"
#include "docs/links.h"
#include "docs/topic.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

using Json = JsonWriter;

void append_counts(Json& json, const Counts& counts) {
  json.number("files", counts.files).number("folders", counts.folders).number("lines", counts.lines);
  json.number("bytes", counts.bytes).number("symbols", counts.symbols);
}

void append_statement(Json& json, std::string_view name, const Statement& statement) {
  if (statement.empty()) return;
  json.key(name).open('{').text("text", statement.text).flag("inferred", statement.inferred);
  if (!statement.from.empty()) json.text("from", text::display_path(statement.from));
  json.close('}');
}

void append_modules(Json& json, const std::vector<ModuleEntry>& modules) {
  json.key("modules").open('[');
  for (const auto& module : modules) {
    json.item().open('{').path(module.path);
    append_statement(json, "purpose", module.purpose);
    append_counts(json, module.counts);
    json.text("html", module_page(module.path)).text("markdown", module_page(module.path, PageForm::markdown));
    json.text("index", module_shard(module.path)).close('}');
  }
  json.close(']');
}

void append_files(Json& json, const std::vector<FileEntry>& files) {
  json.key("files").open('[');
  for (const auto& file : files) {
    json.item().open('{').path(file.path);
    if (!file.language.empty()) json.text("language", file.language);
    json.number("lines", file.lines).number("bytes", file.bytes).number("symbols", file.symbols);
    if (!file.summary.empty()) json.text("summary", file.summary);
    if (!file.mark.empty()) json.text("mark", file.mark);
    if (!file.used_names.empty()) {
      json.key("used_symbols").open('[');
      for (const auto& used : file.used_names)
        json.item().open('{').text("name", used.name).number("files", used.files).flag("inferred", true).close('}');
      json.close(']');
    }
    if (file.page) json.text("html", file_page(file.path)).text("markdown", file_page(file.path, PageForm::markdown));
    json.close('}');
  }
  json.close(']');
}

void append_uses(Json& json, std::string_view name, const std::vector<ModuleUse>& uses) {
  json.key(name).open('[');
  for (const auto& use : uses) {
    json.item().open('{').path(use.path).number("imports", use.imports);
    if (use.page) json.text("index", module_shard(use.path));
    json.close('}');
  }
  json.close(']');
}

}  // namespace

std::string llms_txt(const SiteContext& site, const Overview& overview) {
  std::string out = "# ";
  text::append_markdown(out, site.project);
  out += "\n";
  if (!overview.tagline.empty()) {
    out += "\n> ";
    text::append_markdown(out, overview.tagline.text, true);
    if (overview.tagline.inferred) out += " (inferred)";
    out += "\n";
  }
  out += "\n";
  append_count(out, overview.totals.files, "file", "files");
  out += ", ";
  append_count(out, overview.totals.lines, "line", "lines");
  for (std::size_t i = 0; i < overview.languages.size() && i < 5; ++i) {
    out += i == 0 ? ": " : ", ";
    text::append_markdown(out, overview.languages[i].name);
  }
  if (overview.is_first()) {
    out += ". A first overview; still being made: ";
    for (std::size_t i = 0; i < overview.missing.size(); ++i) (out += i == 0 ? "" : ", ") += overview.missing[i];
    out += ".\n\n## Start\n\n- [Overview](index.md): what the project is and how to build it\n";
    return out;
  }
  out +=
      ". Each page is there as HTML and, with the ending .md, as Markdown.\n\n## Start\n\n"
      "- [Overview](index.md): what the project is, how to build it, where to start reading\n"
      "- [All files](modules/index.md): the root folder\n"
      "- [Index](index.json): the same as JSON; each folder's index.json lists its files and folders\n"
      "- [Symbols](symbols/index.md): every type, function, constant and macro by name\n"
      "- [Changes](changes.md): what the last publications changed, and why\n";
  for (const auto& topic : topic_names())
    out += fmt::format("- [{}]({}): {}\n", topic.title, topic_file(topic.name, ".md"), topic.about);
  if (!overview.commands.empty()) out += "\n## Commands\n\n";
  for (const auto& command : overview.commands) {
    out += "- ";
    text::append_markdown(out, command.purpose);
    out += ": ";
    text::append_markdown_code(out, command.command);
    out += command.why.inferred ? " (inferred)\n" : "\n";
  }
  if (!overview.modules.empty()) out += "\n## Folders\n\n";
  for (const auto& module : overview.modules) {
    out += "- [";
    text::append_markdown(out, text::display_path(module.path));
    ((out += "/](") += module_page(module.path, PageForm::markdown)) += "): ";
    append_count(out, module.counts.files, "file", "files");
    if (!module.purpose.empty()) {
      out += ". ";
      text::append_markdown(out, module.purpose.text);
      if (module.purpose.inferred) out += " (inferred)";
    }
    out += "\n";
  }
  if (!overview.reading_order.empty()) out += "\n## Most used\n\n";
  for (const auto& step : overview.reading_order) {
    out += "- ";
    std::string shown;
    text::append_markdown(shown, text::display_path(step.target.path));
    if (step.target.folder) shown += '/';
    if (step.target.page) {
      (((out += '[') += shown) += "](") += page_of(step.target, PageForm::markdown);
      out += ')';
    } else {
      out += shown;
    }
    if (!step.why.empty()) {
      out += ": ";
      text::append_markdown(out, step.why);
    }
    out += "\n";
  }
  return out;
}

std::string site_index_json(const SiteContext& site, const Overview& overview) {
  Json json;
  json.open('{').text("schema", "skein.docs.index/1").text("project", site.project);
  append_statement(json, "description", overview.tagline);
  json.text("html", kOverviewHtml).text("markdown", kOverviewMarkdown).text("llms", kLlmsTxt);
  if (overview.is_first()) {
    json.key("missing").open('[');
    for (const auto& missing : overview.missing) json.item().text(missing);
    json.close(']');
  } else {
    json.text("index", module_shard("")).text("changes", "changes.json").key("topics").open('[');
    for (const auto& topic : topic_names())
      json.item().open('{').text("title", topic.title).text("json", topic_file(topic.name, ".json")).close('}');
    json.close(']');
  }
  json.key("totals").open('{');
  append_counts(json, overview.totals);
  json.close('}').key("languages").open('[');
  for (const auto& language : overview.languages) {
    json.item().open('{').text("name", language.name).number("files", language.files);
    json.number("lines", language.lines).number("bytes", language.bytes).close('}');
  }
  json.close(']').key("commands").open('[');
  for (const auto& command : overview.commands) {
    json.item().open('{').text("purpose", command.purpose).text("command", command.command);
    append_statement(json, "why", command.why);
    json.close('}');
  }
  json.close(']').key("entry_points").open('[');
  for (const auto& entry : overview.entry_points) {
    json.item().open('{').path(entry.target.path);
    append_statement(json, "what", entry.what);
    if (entry.target.page && !overview.is_first()) json.text("html", page_of(entry.target));
    json.close('}');
  }
  json.close(']');
  if (!overview.is_first()) {
    json.key("ties").open('[');
    for (const auto& tie : overview.ties)
      json.item()
          .open('{')
          .text("from", text::display_path(tie.from.path))
          .text("to", text::display_path(tie.to.path))
          .number("imports", tie.imports)
          .close('}');
    json.close(']').key("reading_order").open('[');
    for (const auto& step : overview.reading_order)
      json.item().open('{').path(step.target.path).text("why", step.why).close('}');
    json.close(']').key("hot_spots").open('[');
    for (const auto& spot : overview.hot_spots)
      json.item().open('{').path(spot.target.path).text("why", spot.why).close('}');
    json.close(']').key("dependencies").open('[');
    for (const auto& dependency : overview.dependencies)
      json.item()
          .open('{')
          .text("name", dependency.name)
          .text("requirement", dependency.requirement)
          .text("locked", dependency.locked)
          .text("kind", dependency.kind)
          .text("from", text::display_path(dependency.from))
          .close('}');
    json.close(']');
    append_modules(json, overview.modules);
  }
  return json.close('}').take();
}

std::string module_index_json(const SiteContext& site, const ModulePage& module) {
  Json json;
  json.open('{').text("schema", "skein.docs.module/1").text("project", site.project).path(module.path);
  append_statement(json, "purpose", module.purpose);
  json.text("html", module_page(module.path)).text("markdown", module_page(module.path, PageForm::markdown));
  json.key("totals").open('{');
  append_counts(json, module.counts);
  json.close('}');
  append_modules(json, module.modules);
  append_files(json, module.files);
  append_uses(json, "uses", module.uses);
  append_uses(json, "used_by", module.used_by);
  json.key("external").open('[');
  for (const auto& package : module.external) json.item().text(package);
  return json.close(']').close('}').take();
}

}  // namespace skein::docs
