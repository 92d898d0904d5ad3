// Pages hold texts that nobody vouches for. Whatever these are, a page stays what skein wrote.
#include <gtest/gtest.h>
#include <md4c.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "docs/html.h"
#include "docs/html_reader_support.h"
#include "docs/links.h"
#include "docs/markdown.h"
#include "docs/sample_support.h"
#include "docs/site_index.h"
#include "text/escape.h"

namespace skein::docs {
namespace {

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = {
      "<script>alert(1)</script>",
      "\"><script>alert(3)<.py",
      "</title><img src=x onerror=alert(2)>",
      "' onmouseover='alert(1)",
      "javascript:alert(5)",
      "[x](javascript:alert(5))",
      "java&#115;cript:alert(1)",
      "javascript&colon;alert(1)",
      " \tjavascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "//evil.example/x",
      "![x](http://evil.example/x.png)",
      "<img src=x onerror=alert(1)>",
      "<a href=\"javascript:alert(1)\">x</a>",
      "<!-- x",
      "]]>",
      "</pre></main><h1>",
      "`` ` ```\n```\n<script>",
      "~~~\n</pre>\n~~~",
      "| a | b |\n|---|---|\n| <b> | `|` |",
      "# heading\n- item\n1. item\n> quote\n    code\n\n---\n===\n",
      "new\nline.py",
      "bad\xff\xfe.py",
      std::string("nul\0byte", 8),
      "\x1b[31mred",
      "right \xe2\x80\xae tfel",
      "\xf0\x9f\xa6\xa2 \xe9\xb4\xbb",
      "..",
      "../../etc/passwd",
      "index",
      "index.html",
      "content",
      "{{content}}",
      "{{title}}",
      "&lt;script&gt;",
      "[ref]: javascript:alert(1)\n\n[ref]",
      "<https://example.org/?a=1&b=\"2\">",
      "<details><summary>x</summary>\n\n<script>alert(1)</script>\n\n</details>",
      "a\\",
      "",
      std::string(3'000, '<'),
      std::string(3'000, '`'),
      std::string(3'000, '['),
      std::string(500, '/'),
  };
  return texts;
}

struct MarkdownFindings {
  int html = 0;
  int images = 0;
  std::vector<std::string> links;
};

// What a reader with all features of Markdown on, raw HTML too, makes of a page.
MarkdownFindings read_markdown(const std::string& markdown) {
  MarkdownFindings found;
  MD_PARSER parser{};
  parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;
  parser.enter_block = [](MD_BLOCKTYPE type, void*, void* user) {
    if (type == MD_BLOCK_HTML) ++static_cast<MarkdownFindings*>(user)->html;
    return 0;
  };
  parser.leave_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
    auto& all = *static_cast<MarkdownFindings*>(user);
    if (type == MD_SPAN_IMG) ++all.images;
    if (type == MD_SPAN_A) {
      const auto& href = static_cast<MD_SPAN_A_DETAIL*>(detail)->href;
      all.links.emplace_back(href.text, href.size);
    }
    return 0;
  };
  parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR*, MD_SIZE, void* user) {
    if (type == MD_TEXT_HTML) ++static_cast<MarkdownFindings*>(user)->html;
    return 0;
  };
  md_parse(markdown.data(), static_cast<MD_SIZE>(markdown.size()), &parser, &found);
  return found;
}

void expect_harmless_html(const std::string& html, const std::string& text) {
  const auto report = read_html(html);
  EXPECT_EQ(report.fault, "") << "with the text: " << text << "\n" << (report.fault.empty() ? "" : html);
  for (std::size_t i = 1; i < report.headings.size(); ++i) {
    EXPECT_LE(report.headings[i], report.headings[i - 1] + 1) << "a heading level is skipped, with the text: " << text;
  }
}

void expect_harmless_markdown(const std::string& markdown, const std::string& text) {
  EXPECT_TRUE(text::is_utf8(markdown)) << text;
  const auto found = read_markdown(markdown);
  EXPECT_EQ(found.html, 0) << "raw HTML, with the text: " << text << "\n" << markdown;
  EXPECT_EQ(found.images, 0) << "an image, with the text: " << text << "\n" << markdown;
  for (const auto& link : found.links) {
    EXPECT_TRUE(link.ends_with(".md") || link.ends_with(".html") || link.ends_with(".json"))
        << "a link to " << link << ", with the text: " << text << "\n"
        << markdown;
  }
}

void expect_harmless_pages(const std::string& text) {
  SiteContext site;
  site.project = text;
  site.theme = text;
  expect_harmless_html(file_html(site, hostile_file(text)), text);
  expect_harmless_html(module_html(site, hostile_module(text)), text);
  expect_harmless_html(overview_html(site, hostile_overview(text)), text);
  expect_harmless_markdown(file_markdown(site, hostile_file(text)), text);
  expect_harmless_markdown(module_markdown(site, hostile_module(text)), text);
  expect_harmless_markdown(overview_markdown(site, hostile_overview(text)), text);
  expect_harmless_markdown(llms_txt(site, hostile_overview(text)), text);
  expect_harmless_html(topic_html(site, hostile_topic(text)), text);
  expect_harmless_markdown(topic_markdown(site, hostile_topic(text)), text);
  EXPECT_TRUE(nlohmann::json::accept(topic_json(site, hostile_topic(text)))) << text;
  EXPECT_TRUE(nlohmann::json::accept(site_index_json(site, hostile_overview(text)))) << text;
  EXPECT_TRUE(nlohmann::json::accept(module_index_json(site, hostile_module(text)))) << text;
}

TEST(HostilePages, StayHarmlessWithEachKnownTrick) {
  for (const auto& text : hostile_texts()) expect_harmless_pages(text);
}

TEST(HostilePages, StayHarmlessWithRandomMixesOfTricks) {
  SeededRandom random(42);
  static constexpr std::string_view kGlue[] = {"",   " ", "\n", "\n\n", "\\", "`",   "``",  "    ",
                                               "- ", "|", "&",  "<",    "\"", "@x ", ">>> "};
  for (int round = 0; round < 1'500 && !HasFailure(); ++round) {
    std::string text;
    for (auto pieces = random.below(5) + 1; pieces > 0; --pieces) {
      const auto& piece = hostile_texts()[random.below(hostile_texts().size())];
      const auto from = random.below(piece.size() + 1);
      text += piece.substr(from, random.below(40));
      text += kGlue[random.below(std::size(kGlue))];
    }
    expect_harmless_pages(text);
  }
}

TEST(HostilePages, AreUtf8WhateverTheBytes) {
  SeededRandom random(7);
  for (int round = 0; round < 300 && !HasFailure(); ++round) {
    std::string text;
    for (auto bytes = random.below(60); bytes > 0; --bytes) text += static_cast<char>(random.below(256));
    expect_harmless_pages(text);
  }
}

TEST(HostilePages, TheSamplesAreFineToo) {
  for (const auto& [path, bytes] : sample_pages()) {
    if (path.ends_with(".html")) expect_harmless_html(bytes, path);
    if (path.ends_with(".json")) {
      EXPECT_TRUE(nlohmann::json::accept(bytes)) << path;
    }
  }
}

TEST(HostilePages, AFileOfTenThousandNestedClassesIsRendered) {
  FilePage file;
  file.path = "deep.py";
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    repo::Symbol symbol;
    symbol.name = "c";
    symbol.kind = repo::SymbolKind::class_;
    symbol.parent = i == 0 ? repo::Symbol::kNoParent : i - 1;
    symbol.line = i + 1;
    symbol.end_line = i + 1;
    file.facts.symbols.push_back(symbol);
  }
  expect_harmless_html(file_html({}, file), "nested classes");
  EXPECT_LT(file_html({}, file).size(), 10'000'000U);
}

TEST(HostilePages, AnyVersionOfALongPathHasAShortBreadcrumb) {
  FilePage file;
  for (int i = 0; i < 10'000; ++i) file.path += "d/";
  file.path += "x.py";
  const auto html = file_html({}, file);
  expect_harmless_html(html, "a deep path");
  EXPECT_LT(html.size(), 200'000U);
}

}  // namespace
}  // namespace skein::docs
