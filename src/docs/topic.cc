#include "docs/topic.h"

#include <algorithm>

#include "docs/figures.h"
#include "docs/html_page.h"
#include "docs/json_writer.h"
#include "docs/links.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr std::size_t kMarkdownRows = 200;

/// Escaped for a cell of a Markdown table.
void append_cell(std::string& out, const TopicCell& cell, std::string_view page) {
  if (cell.links.empty()) {
    text::append_markdown(out, cell.text);
    return;
  }
  for (std::size_t i = 0; i < cell.links.size(); ++i) {
    if (i > 0) out += cell.between;
    const auto& target = cell.links[i];
    std::string shown;
    text::append_markdown(
        shown, target.path.empty() ? "all files" : text::display_path(target.path) + (target.folder ? "/" : ""));
    if (target.page)
      out += fmt::format("[{}]({})", shown, relative_link(page, page_of(target, PageForm::markdown)));
    else
      out += shown;
  }
}

}  // namespace

std::string topic_file(std::string_view name, std::string_view end) {
  return std::string("graph/").append(name).append(end);
}

std::string topic_html(const SiteContext& site, const TopicPage& topic) {
  const auto here = topic_file(topic.name, ".html");
  const auto markdown = topic_file(topic.name, ".md");
  HtmlPage page(site, here, markdown, 8'192);
  page.raw("<h1>").raw(topic.title).raw("</h1>\n<p class=\"lead\">").prose(topic.lead).raw("</p>\n");
  for (const auto& section : topic.sections) {
    page.section(section.id, section.title);
    if (!section.intro.empty()) page.raw("<p>").prose(section.intro).raw("</p>\n");
    if (section.rows.empty()) continue;
    page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"").raw(section.id);
    page.raw("\"><table><thead><tr>");
    for (const auto& column : section.columns)
      page.raw(column.number ? "<th scope=\"col\" class=\"num\">" : "<th scope=\"col\">")
          .raw(column.title)
          .raw("</th>");
    page.raw("</tr></thead><tbody>\n");
    for (const auto& row : section.rows) {
      page.raw("<tr>");
      for (std::size_t i = 0; i < row.size(); ++i) {
        page.raw(section.columns[i].number ? "<td class=\"num\">" : "<td>");
        if (row[i].links.empty()) page.prose(row[i].text);
        for (std::size_t k = 0; k < row[i].links.size(); ++k) {
          if (k > 0) page.raw(row[i].between);
          page.link(row[i].links[k]);
        }
        page.raw("</td>");
      }
      page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if (section.total > section.rows.size())
      page.raw("<p class=\"soft\">And ").number(section.total - section.rows.size()).raw(" more.</p>\n");
  }
  page.basis(topic.measured, topic.inferred);
  for (const auto& other : topic_names()) {
    if (other.name == topic.name) continue;
    page.side() += fmt::format("<li><a href=\"{}.html\">{}</a></li>\n", other.name, other.title);
  }
  return page.finish(std::string(topic.title) + " · " + site.project, nullptr, topic.title);
}

std::string topic_markdown(const SiteContext& site, const TopicPage& topic) {
  const auto here = topic_file(topic.name, ".md");
  std::string out = fmt::format("# {} of ", topic.title);
  text::append_markdown(out, site.project);
  out += "\n\n";
  text::append_markdown(out, topic.lead, true);
  out += "\n\n[overview](../index.md), [as JSON](" + std::string(topic.name) + ".json)\n";
  for (const auto& section : topic.sections) {
    out += fmt::format("\n## {}\n", section.title);
    if (!section.intro.empty()) {
      out += '\n';
      text::append_markdown(out, section.intro, true);
      out += '\n';
    }
    if (section.rows.empty()) continue;
    out += '\n';
    for (const auto& column : section.columns) out += fmt::format("| {} ", column.title);
    out += "|\n";
    for (const auto& column : section.columns) out += column.number ? "| ---: " : "| --- ";
    out += "|\n";
    const auto shown = std::min(section.rows.size(), kMarkdownRows);
    for (std::size_t i = 0; i < shown; ++i) {
      for (const auto& cell : section.rows[i]) {
        out += "| ";
        append_cell(out, cell, here);
        out += ' ';
      }
      out += "|\n";
    }
    if (const auto total = std::max<std::uint64_t>(section.total, section.rows.size()); total > shown) {
      out += "\nAnd ";
      append_number(out, total - shown);
      out += " more.\n";
    }
  }
  out += "\nMeasured: ";
  text::append_markdown(out, topic.measured);
  out += "\nInferred: ";
  text::append_markdown(out, topic.inferred.empty() ? "nothing." : topic.inferred);
  return out += '\n';
}

std::string topic_json(const SiteContext& site, const TopicPage& topic) {
  JsonWriter json;
  json.open('{').text("schema", "skein.docs.topic/1").text("project", site.project).text("topic", topic.name);
  json.text("title", topic.title).text("about", topic.lead).text("measured", topic.measured);
  json.text("inferred", topic.inferred).text("html", topic_file(topic.name, ".html"));
  json.text("markdown", topic_file(topic.name, ".md")).key("sections").open('[');
  for (const auto& section : topic.sections) {
    json.item().open('{').text("title", section.title);
    if (!section.intro.empty()) json.text("about", section.intro);
    json.number("total", std::max<std::uint64_t>(section.total, section.rows.size())).key("rows").open('[');
    for (const auto& row : section.rows) {
      json.item().open('{');
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].links.empty()) {
          json.text(section.columns[i].title, row[i].text);
          continue;
        }
        json.key(section.columns[i].title).open('[');
        for (const auto& link : row[i].links) {
          json.item().open('{').path(link.path).flag("folder", link.folder);
          if (link.page) json.text("markdown", page_of(link, PageForm::markdown));
          json.close('}');
        }
        json.close(']');
      }
      json.close('}');
    }
    json.close(']').close('}');
  }
  return json.close(']').close('}').take();
}

}  // namespace skein::docs
