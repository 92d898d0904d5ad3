#include "docs/html_reader_support.h"

#include <algorithm>
#include <array>

#include "text/escape.h"

namespace skein::docs {
namespace {

constexpr std::array kVoid = {"meta", "link", "hr", "br", "rect", "path", "polygon"};
constexpr std::array kElements = {
    "html", "head", "meta",       "title", "link",    "script", "body",   "a",          "header",  "nav",     "ol",
    "ul",   "li",   "span",       "div",   "main",    "footer", "p",      "h1",         "h2",      "h3",      "h4",
    "h5",   "h6",   "code",       "pre",   "section", "table",  "thead",  "tbody",      "tr",      "th",      "td",
    "svg",  "rect", "g",          "path",  "polygon", "text",   "figure", "figcaption", "details", "summary", "dl",
    "dt",   "dd",   "blockquote", "hr",    "br",      "em",     "strong", "del"};
constexpr std::array kAttributes = {"lang",  "charset",  "http-equiv", "content",      "name",
                                    "rel",   "href",     "type",       "src",          "defer",
                                    "class", "id",       "aria-label", "aria-current", "aria-labelledby",
                                    "role",  "tabindex", "scope",      "viewBox",      "preserveAspectRatio",
                                    "width", "height",   "start",      "data-root",    "x",
                                    "y",     "rx",       "d",          "points"};

bool contains(const auto& list, std::string_view name) { return std::ranges::find(list, name) != list.end(); }

std::string decode(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto* found =
        std::ranges::find_if(kEntities, [&](const auto& e) { return text.substr(i).starts_with(e.first); });
    if (found != kEntities.end()) {
      out += found->second;
      i += found->first.size();
    } else {
      out += text[i++];
    }
  }
  return out;
}

bool is_page_link(std::string_view link) {
  return std::ranges::all_of(link,
                             [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                      std::string_view("._+-~/#?=").find(c) != std::string_view::npos;
                             }) &&
         !link.starts_with("/");
}

}  // namespace

HtmlReport read_html(std::string_view html) {
  HtmlReport report;
  const auto fail = [&report](std::string what) {
    if (report.fault.empty()) report.fault = std::move(what);
  };
  if (!text::is_utf8(html)) fail("is no valid UTF-8");
  std::vector<std::string> open;
  std::size_t i = 0;
  while (i < html.size() && report.fault.empty()) {
    if (html[i] != '<') {
      const auto end = std::min(html.find('<', i), html.size());
      const auto text = html.substr(i, end - i);
      if (!open.empty() && open.back() == "script" && !text.empty()) fail("text in <script>");
      if (text.find('>') != text.npos && report.links.size() + open.size() > 0)
        fail("a bare > in text: " + std::string(text));
      i = end;
      continue;
    }
    const auto end = [&] {  // Of the tag; ">" inside quotes does not count.
      bool quoted = false;
      for (std::size_t k = i; k < html.size(); ++k) {
        if (html[k] == '"') quoted = !quoted;
        if (html[k] == '>' && !quoted) return k;
      }
      return html.npos;
    }();
    if (end == html.npos) {
      fail("a tag without an end");
      break;
    }
    auto tag = html.substr(i + 1, end - i - 1);
    i = end + 1;
    if (tag == "!doctype html") continue;
    const bool closing = tag.starts_with('/');
    if (closing) tag.remove_prefix(1);
    const bool self_closing = tag.ends_with('/');
    if (self_closing) tag.remove_suffix(1);
    const auto name = std::string(tag.substr(0, tag.find_first_of(" \n")));
    if (!contains(kElements, name)) {
      fail("an element <" + name + ">");
      break;
    }
    if (closing) {
      if (open.empty() || open.back() != name)
        fail("</" + name + "> closes " + (open.empty() ? "nothing" : open.back()));
      if (!open.empty()) open.pop_back();
      continue;
    }
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6')
      report.headings.push_back(name[1] - '0');
    for (auto rest = tag.substr(name.size()); report.fault.empty();) {
      const auto start = rest.find_first_not_of(" \n");
      if (start == rest.npos) break;
      rest.remove_prefix(start);
      const auto stop = std::min(rest.find_first_of("= \n"), rest.size());
      const auto attribute = std::string(rest.substr(0, stop));
      if (!contains(kAttributes, attribute)) fail("an attribute " + attribute + " in <" + name + ">");
      rest.remove_prefix(stop);
      if (!rest.starts_with('=')) continue;
      if (!rest.starts_with("=\"")) {
        fail("an attribute without quotes");
        break;
      }
      const auto close = rest.find('"', 2);
      const auto raw = rest.substr(2, close - 2);
      const auto value = decode(raw);
      rest.remove_prefix(close + 1);
      if (raw.find_first_of("<>") != raw.npos) fail("a bare < in an attribute: " + std::string(raw));
      if (attribute == "id" && !report.ids.insert(value).second) fail("the id " + value + " twice");
      if (attribute == "href" || attribute == "src") {
        report.links.push_back(value);
        if (!is_page_link(value) && !value.starts_with("https://") && !value.starts_with("http://") &&
            value != "data:,") {
          fail("a link to " + value);
        }
      }
    }
    if (!self_closing && !contains(kVoid, name)) open.push_back(name);
  }
  if (!open.empty()) fail("<" + open.back() + "> is left open");
  for (const auto& link : report.links) {
    if (link.starts_with('#') && !report.ids.contains(link.substr(1)) && !link.starts_with("#readme-")) {
      fail("a link to a missing id: " + link);
    }
  }
  return report;
}

}  // namespace skein::docs
