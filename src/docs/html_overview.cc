// The first page: what the project is, where to start reading, how to build it, what it consists of.
#include <algorithm>

#include "docs/basis.h"
#include "docs/change_log.h"
#include "docs/html.h"
#include "docs/html_page.h"
#include "docs/links.h"
#include "docs/symbol_index.h"
#include "docs/topic.h"

namespace skein::docs {
namespace {

void write_figures(HtmlPage& page, const Counts& totals) {
  const auto figure = [&page](std::uint64_t value, std::string_view one, std::string_view many) {
    if (value == 0) return;
    page.raw("<div><dt>").raw(value == 1 ? one : many).raw("</dt><dd>").number(value).raw("</dd></div>\n");
  };
  page.raw("<dl class=\"figures\">\n");
  figure(totals.files, "file", "files");
  figure(totals.folders, "folder", "folders");
  figure(totals.lines, "line", "lines");
  figure(totals.symbols, "symbol", "symbols");
  page.raw("<div><dt>size</dt><dd>").size(totals.bytes).raw("</dd></div>\n</dl>\n");
}

void write_missing(HtmlPage& page, const std::vector<std::string>& missing) {
  page.raw("<p class=\"note\">A first overview of quick facts. Still being made: ");
  for (std::size_t i = 0; i < missing.size(); ++i) page.raw(i == 0 ? "" : ", ").text(missing[i]);
  page.raw(". Reload this page in a while.</p>\n");
}

void write_reading_order(HtmlPage& page, const std::vector<ReadingStep>& steps) {
  page.section("start", "Where to start reading").raw("<ol class=\"steps\">\n");
  for (const auto& step : steps) {
    page.raw("<li>").link(step.target);
    if (!step.why.empty()) page.raw(" <span class=\"soft\">").prose(step.why).raw("</span>");
    page.raw("</li>\n");
  }
  page.raw("</ol>\n<p><a href=\"graph/reading-order.html\">The whole reading order</a></p>\n");
}

void write_entry_points(HtmlPage& page, const std::vector<EntryPoint>& entries, std::uint64_t total) {
  page.section("entry-points", "Entry points").raw("<ul>\n");
  for (const auto& entry : entries) {
    page.raw("<li>").link(entry.target).raw(" <span class=\"soft\">").prose(entry.what.text).raw("</span>");
    page.source(entry.what).raw("</li>\n");
  }
  page.raw("</ul>\n");
  if (total > entries.size())
    page.raw("<p><a href=\"graph/entry-points.html\">All ")
        .count(total, "entry point", "entry points")
        .raw("</a></p>\n");
}

void write_command_list(HtmlPage& page, const std::vector<const Command*>& commands) {
  page.raw("<dl class=\"command\">\n");
  for (const auto* command : commands) {
    page.raw("<dt>").text(command->purpose).raw("</dt><dd><pre tabindex=\"0\"><code>").text(command->command);
    page.raw("</code></pre><span class=\"soft\">").prose(command->why.text).raw("</span>").source(command->why);
    page.raw("</dd>\n");
  }
  page.raw("</dl>\n");
}

void write_commands(HtmlPage& page, const std::vector<Command>& commands) {
  page.section("commands", "Build and test");
  if (commands.empty()) {
    page.raw("<p>No file says how: no manifest that is known names a command.</p>\n");
    return;
  }
  // What CI runs is long: it is folded away where shorter commands are known.
  std::vector<const Command*> usual, jobs;
  for (const auto& command : commands) (command.purpose.starts_with("CI: ") ? jobs : usual).push_back(&command);
  if (!usual.empty()) write_command_list(page, usual);
  if (jobs.empty()) return;
  if (!usual.empty()) page.raw("<details class=\"jobs\"><summary>What CI runs: ").count(jobs.size(), "job", "jobs");
  if (!usual.empty()) page.raw("</summary>\n");
  write_command_list(page, jobs);
  if (!usual.empty()) page.raw("</details>\n");
}

void write_languages(HtmlPage& page, const std::vector<LanguageCount>& languages) {
  std::uint64_t all = 0;
  for (const auto& language : languages) all += language.lines;
  const bool by_size = all == 0;  // Lines are not counted yet.
  if (by_size)
    for (const auto& language : languages) all += language.bytes;
  page.section("languages", "Languages");
  page.raw(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"languages\"><table><thead><tr>"
      "<th scope=\"col\">Language</th><th scope=\"col\"><span class=\"unseen\">Share</span></th>"
      "<th scope=\"col\" class=\"num\">Lines</th><th scope=\"col\" class=\"num\">Files</th>"
      "<th scope=\"col\" class=\"num\">Size</th></tr></thead><tbody>\n");
  for (const auto& language : languages) {
    const std::uint64_t share = all == 0 ? 0 : ((by_size ? language.bytes : language.lines) * 100 + all / 2) / all;
    page.raw("<tr><td>").text(language.name);
    page.raw(
        "</td><td><svg class=\"bar\" viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"");
    page.number(share).raw(" %\"><rect class=\"of\" width=\"100\" height=\"1\"/><rect class=\"is\" width=\"");
    page.number(share).raw("\" height=\"1\"/></svg></td><td class=\"num\">").number(language.lines);
    page.raw("</td><td class=\"num\">").number(language.files).raw("</td><td class=\"num\">").size(language.bytes);
    page.raw("</td></tr>\n");
  }
  page.raw("</tbody></table></div>\n");
}

void write_dependencies(HtmlPage& page, const std::vector<Dependency>& dependencies, std::uint64_t total) {
  page.section("dependencies", "Dependencies");
  page.raw(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"dependencies\"><table><thead><tr>"
      "<th scope=\"col\">Name</th><th scope=\"col\">Version</th><th scope=\"col\">Locked</th><th scope=\"col\">For</th>"
      "<th scope=\"col\">Named in</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < std::min(dependencies.size(), kMaxRows); ++i) {
    const auto& dependency = dependencies[i];
    page.raw("<tr><td><code>").text(dependency.name).raw("</code></td><td>").text(dependency.requirement);
    page.raw("</td><td>").text(dependency.locked);
    page.raw("</td><td>").text(dependency.kind).raw("</td><td>").path(dependency.from).raw("</td></tr>\n");
  }
  page.raw("</tbody></table></div>\n");
  if (total > dependencies.size())
    page.raw("<p><a href=\"graph/dependencies.html\">All ")
        .count(total, "dependency", "dependencies")
        .raw("</a></p>\n");
}

/// Pages about the whole.
void write_topics(HtmlPage& page) {
  page.section("more", "More about the whole").raw("<ul>\n");
  for (const auto& topic : topic_names())
    page.raw("<li><a href=\"")
        .raw(topic_file(topic.name, ".html"))
        .raw("\">")
        .raw(topic.title)
        .raw("</a> <span class=\"soft\">")
        .raw(topic.about)
        .raw("</span></li>\n");
  page.raw("<li><a href=\"")
      .raw(kSymbolsHtml)
      .raw("\">All symbols</a> <span class=\"soft\">by name</span></li>\n<li><a href=\"");
  page.raw(kChangesHtml)
      .raw("\">What changed last</a> <span class=\"soft\">in these pages, and why</span></li>\n</ul>\n");
}

void write_left_out(HtmlPage& page, const std::vector<LeftOut>& left_out) {
  page.section("left-out", "Left out").raw("<ul class=\"rows\">\n");
  for (const auto& left : left_out) {
    page.raw("<li><div class=\"head\"><span>").text(left.what).raw("</span><span class=\"count\">");
    page.count(left.files, "file", "files").raw(", ").size(left.bytes).raw("</span></div><p>").prose(left.why);
    for (std::size_t i = 0; i < left.examples.size(); ++i) {
      page.raw(i == 0 ? "; for example <code>" : ", <code>").path(left.examples[i]).raw("</code>");
    }
    page.raw("</p></li>\n");
  }
  page.raw("</ul>\n");
}

}  // namespace

std::string overview_html(const SiteContext& site, const Overview& overview) {
  HtmlPage page(site, kOverviewHtml, kOverviewMarkdown, 16'384 + 2 * overview.readme.markdown.size());
  page.linking(!overview.is_first());
  page.raw("<h1>").text(site.project).raw("</h1>\n");
  if (!overview.tagline.empty()) {
    page.raw("<p class=\"lead\">").prose(overview.tagline.text).source(overview.tagline).raw("</p>\n");
  }
  write_figures(page, overview.totals);
  if (overview.is_first()) write_missing(page, overview.missing);
  page.notes(overview.notes);
  write_commands(page, overview.commands);
  if (!overview.entry_points.empty()) write_entry_points(page, overview.entry_points, overview.all_entry_points);
  if (!overview.picture.empty()) page.section("architecture", "What uses what").raw(overview.picture);
  if (!overview.reading_order.empty()) write_reading_order(page, overview.reading_order);
  if (!overview.hot_spots.empty()) {
    page.section("hot-spots", "Hot spots").raw("<p class=\"soft\">Changed often, with many decisions.</p>\n<ul>\n");
    for (const auto& spot : overview.hot_spots)
      page.raw("<li>").link(spot.target).raw(" <span class=\"soft\">").prose(spot.why).raw("</span></li>\n");
    page.raw("</ul>\n<p><a href=\"graph/hot-spots.html\">All hot spots</a></p>\n");
  }
  if (!overview.modules.empty()) page.section("modules", "Folders").module_rows(overview.modules);
  if (!overview.root_files.empty()) page.section("files", "Files").file_rows(overview.root_files);
  if (!overview.is_first()) {
    page.raw("<p>").link({"", true, true}, "All files of the root folder").raw("</p>\n");
  }
  if (!overview.languages.empty()) write_languages(page, overview.languages);
  if (!overview.dependencies.empty()) write_dependencies(page, overview.dependencies, overview.all_dependencies);
  if (!overview.is_first()) write_topics(page);
  if (!overview.left_out.empty()) write_left_out(page, overview.left_out);
  if (!overview.readme.markdown.empty()) page.section("about", "README").readme(overview.readme);
  page.basis(overview_basis(overview.is_first()), kOverviewInferred);
  return page.finish(site.project + " · Overview", nullptr);
}

}  // namespace skein::docs
