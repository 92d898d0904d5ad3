#include "text/markdown_html.h"

#include <md4c.h>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "text/escape.h"

namespace skein::text {
namespace {

constexpr unsigned kFlags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS;

std::string_view view(const MD_CHAR* data, MD_SIZE size) { return {data, size}; }

// The largest prefix of at most `max_bytes` that ends at a line's end (or anywhere, in a line longer than that).
std::string_view bounded(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  text = text.substr(0, max_bytes);
  const auto newline = text.rfind('\n');
  return newline == text.npos ? text : text.substr(0, newline + 1);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = 0xfffd;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// Appends what "&…;" stands for. Names other than XML's stay as they are written: the caller escapes them.
void append_entity(std::string& out, std::string_view entity) {
  if (entity.size() > 3 && entity[1] == '#') {
    const bool hex = lower(entity[2]) == 'x';
    std::uint32_t value = 0;
    for (char c : entity.substr(hex ? 3 : 2, entity.size() - (hex ? 4 : 3))) {
      const char l = lower(c);
      const auto digit = static_cast<std::uint32_t>(l >= 'a' ? l - 'a' + 10 : l - '0');
      value = std::min<std::uint32_t>(value * (hex ? 16 : 10) + digit, 0x110000);
    }
    append_utf8(out, value);
    return;
  }
  if (entity == "&amp;")
    out += '&';
  else if (entity == "&lt;")
    out += '<';
  else if (entity == "&gt;")
    out += '>';
  else if (entity == "&quot;")
    out += '"';
  else if (entity == "&nbsp;")
    out += "\xc2\xa0";
  else
    out += entity;
}

std::string attribute_text(const MD_ATTRIBUTE& attribute) {
  std::string out;
  for (int i = 0; attribute.substr_offsets != nullptr && attribute.substr_offsets[i] < attribute.size; ++i) {
    const auto from = attribute.substr_offsets[i];
    const auto part = view(attribute.text + from, attribute.substr_offsets[i + 1] - from);
    if (attribute.substr_types[i] == MD_TEXT_ENTITY) {
      append_entity(out, part);
    } else {
      out += part;
    }
  }
  return out;
}

// The words of raw HTML: tags, comments, scripts and styles taken out; a tag that ends a line in a browser ends one
// here.
std::vector<std::string> words_of_html(std::string_view html) {
  std::vector<std::string> paragraphs(1);
  const auto skip_past = [&html](std::size_t from, std::string_view what) {
    const auto at = html.find(what, from);
    return at == html.npos ? html.size() : at + what.size();
  };
  for (std::size_t i = 0; i < html.size();) {
    const char next = i + 1 < html.size() ? html[i + 1] : '\0';
    if (html[i] == '&') {
      const auto end = html.find(';', i);
      if (end != html.npos && end - i < 12 && end - i > 1 &&
          std::all_of(html.begin() + static_cast<std::ptrdiff_t>(i) + 2,
                      html.begin() + static_cast<std::ptrdiff_t>(end),
                      [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); }) &&
          is_letter(next)) {
        append_entity(paragraphs.back(), html.substr(i, end + 1 - i));
        i = end + 1;
        continue;
      }
    }
    if (html[i] != '<' || !(is_letter(next) || next == '/' || next == '!' || next == '?')) {
      paragraphs.back() += html[i++];
      continue;
    }
    if (html.substr(i, 4) == "<!--") {
      i = skip_past(i + 4, "-->");
      continue;
    }
    std::string name;
    for (std::size_t k = i + (next == '/' ? 2 : 1); k < html.size() && name.size() < 12; ++k) {
      if (!is_letter(html[k]) && !(html[k] >= '0' && html[k] <= '9')) break;
      name += lower(html[k]);
    }
    if (next != '/' && (name == "script" || name == "style")) {
      i = skip_past(i, "</");  // The end tag's name is skipped as a tag's rest.
      i = skip_past(i, ">");
      continue;
    }
    i = skip_past(i, ">");
    static constexpr std::string_view kBreaks[] = {"br", "p",  "div", "h1", "h2", "h3",      "h4",     "h5",
                                                   "h6", "li", "tr",  "ul", "ol", "summary", "details"};
    if (std::ranges::find(kBreaks, name) != std::end(kBreaks)) paragraphs.emplace_back();
  }
  std::erase_if(paragraphs, [](const std::string& p) { return p.find_first_not_of(" \t\r\n") == p.npos; });
  return paragraphs;
}

class Renderer {
 public:
  Renderer(const MarkdownHtmlOptions& options, std::size_t limit) : options_(options), limit_(limit) {}

  int enter_block(MD_BLOCKTYPE type, void* detail) {
    switch (type) {
      case MD_BLOCK_DOC:
        break;
      case MD_BLOCK_QUOTE:
        open("blockquote");
        break;
      case MD_BLOCK_UL:
        open("ul");
        break;
      case MD_BLOCK_OL: {
        const auto start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
        if (start == 1) {
          open("ol");
        } else {
          open("ol", " start=\"" + std::to_string(start) + "\"");
        }
        break;
      }
      case MD_BLOCK_LI: {
        const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
        open("li");
        if (item->is_task != 0) out() += item->task_mark == ' ' ? "\u2610 " : "\u2611 ";
        break;
      }
      case MD_BLOCK_HR:
        out() += "<hr>\n";
        break;
      case MD_BLOCK_H:
        begin_heading(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
      case MD_BLOCK_CODE:
        open("pre", " tabindex=\"0\"");
        open("code");
        break;
      case MD_BLOCK_HTML:
        in_html_ = true;
        html_.clear();
        break;
      case MD_BLOCK_P:
        open("p");
        break;
      case MD_BLOCK_TABLE:
        open("div", " class=\"scroll\" tabindex=\"0\"");
        open("table");
        break;
      case MD_BLOCK_THEAD:
        open("thead");
        break;
      case MD_BLOCK_TBODY:
        open("tbody");
        break;
      case MD_BLOCK_TR:
        open("tr");
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD: {
        const auto align = static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align;
        open(type == MD_BLOCK_TH ? "th" : "td", align == MD_ALIGN_RIGHT    ? " class=\"right\""
                                                : align == MD_ALIGN_CENTER ? " class=\"center\""
                                                                           : "");
        break;
      }
    }
    return full();
  }

  int leave_block(MD_BLOCKTYPE type) {
    switch (type) {
      case MD_BLOCK_DOC:
      case MD_BLOCK_HR:
        break;
      case MD_BLOCK_H:
        end_heading();
        break;
      case MD_BLOCK_HTML:
        in_html_ = false;
        for (const auto& paragraph : words_of_html(html_)) {
          out() += "<p>";
          append_html(out(), paragraph);
          out() += "</p>\n";
        }
        break;
      case MD_BLOCK_CODE:
      case MD_BLOCK_TABLE:
        close();
        close();
        out() += '\n';
        break;
      case MD_BLOCK_QUOTE:
      case MD_BLOCK_UL:
      case MD_BLOCK_OL:
      case MD_BLOCK_LI:
      case MD_BLOCK_P:
      case MD_BLOCK_THEAD:
      case MD_BLOCK_TBODY:
      case MD_BLOCK_TR:
        close();
        out() += '\n';
        break;
      case MD_BLOCK_TH:
      case MD_BLOCK_TD:
        close();
        break;
    }
    return full();
  }

  int enter_span(MD_SPANTYPE type, void* detail) {
    switch (type) {
      case MD_SPAN_EM:
        open("em");
        break;
      case MD_SPAN_STRONG:
        open("strong");
        break;
      case MD_SPAN_A:
        begin_link(attribute_text(static_cast<MD_SPAN_A_DETAIL*>(detail)->href));
        break;
      case MD_SPAN_IMG:
        break;  // Its alternative text follows as text.
      case MD_SPAN_CODE:
        open("code");
        break;
      case MD_SPAN_DEL:
        open("del");
        break;
      case MD_SPAN_LATEXMATH:
      case MD_SPAN_LATEXMATH_DISPLAY:
      case MD_SPAN_WIKILINK:
      case MD_SPAN_U:
        break;
    }
    return full();
  }

  int leave_span(MD_SPANTYPE type) {
    switch (type) {
      case MD_SPAN_EM:
      case MD_SPAN_STRONG:
      case MD_SPAN_CODE:
      case MD_SPAN_DEL:
        close();
        break;
      case MD_SPAN_A:
        if (link_open_) close();
        link_open_ = false;
        break;
      case MD_SPAN_IMG:
      case MD_SPAN_LATEXMATH:
      case MD_SPAN_LATEXMATH_DISPLAY:
      case MD_SPAN_WIKILINK:
      case MD_SPAN_U:
        break;
    }
    return full();
  }

  int text(MD_TEXTTYPE type, std::string_view text) {
    switch (type) {
      case MD_TEXT_NORMAL:
      case MD_TEXT_CODE:
      case MD_TEXT_LATEXMATH:
        words(text);
        break;
      case MD_TEXT_NULLCHAR:
        words("\xef\xbf\xbd");
        break;
      case MD_TEXT_BR:
        out() += "<br>\n";
        break;
      case MD_TEXT_SOFTBR:
        out() += '\n';
        break;
      case MD_TEXT_ENTITY:
        entity(text);
        break;
      case MD_TEXT_HTML:
        if (in_html_) {
          html_ += text;
        } else if (text.starts_with("<br")) {
          out() += "<br>\n";
        }  // Else a tag inside a line: its words are text of their own.
        break;
    }
    return full();
  }

  std::string finish() {
    while (in_heading_ && open_.size() > heading_depth_) close();
    if (in_heading_) end_heading();
    while (!open_.empty()) close();
    return std::move(out_);
  }

 private:
  std::string& out() { return in_heading_ ? heading_ : out_; }
  // Not 0 stops md4c: a table of n columns and n rows would be n^2 cells.
  int full() const { return out_.size() + heading_.size() > limit_ ? 1 : 0; }

  void open(std::string_view tag, std::string_view attributes = {}) {
    ((out() += '<') += tag) += attributes;
    out() += '>';
    open_.push_back(tag);
  }
  void close() {
    if (open_.empty()) return;
    ((out() += "</") += open_.back()) += '>';
    open_.pop_back();
  }

  void words(std::string_view text) {
    append_html(out(), text);
    if (in_heading_) slug_text_ += text;
  }

  void entity(std::string_view entity) {
    std::string decoded;
    append_entity(decoded, entity);
    if (decoded == entity) {
      out() += entity;  // A name: letters and digits between "&" and ";", which is all that md4c lets through.
    } else {
      append_html(out(), decoded);
    }
  }

  void begin_link(const std::string& target) {
    std::string href;
    if (target.starts_with('#')) {
      href = "#" + options_.id_prefix + slug(target.substr(1));
    } else if (options_.link) {
      href = options_.link(target);
    }
    link_open_ = !href.empty();
    if (!link_open_) return;
    std::string attributes = " href=\"";
    append_html(attributes, href);
    attributes += '"';
    if (href.starts_with("http")) attributes += " rel=\"noreferrer\"";
    open("a", attributes);
  }

  void begin_heading(unsigned level) {
    const int wanted = options_.top_heading + static_cast<int>(level) - 1;
    const int deepest = last_heading_ == 0 ? options_.top_heading : last_heading_ + 1;
    last_heading_ = std::min({wanted, deepest, 6});
    in_heading_ = true;
    heading_depth_ = open_.size();
    slug_text_.clear();
  }
  void end_heading() {
    in_heading_ = false;
    std::string id = slug(slug_text_);
    const int seen = ids_[id]++;
    if (seen > 0) id += "-" + std::to_string(seen);
    const char digit = static_cast<char>('0' + last_heading_);
    (out_ += "<h") += digit;
    ((out_ += " id=\"") += options_.id_prefix) += id;
    (out_ += "\">") += heading_;
    (out_ += "</h") += digit;
    out_ += ">\n";
    heading_.clear();
  }

  // As the forges make it: lower case, letters, digits, "-" and "_"; spaces become "-". Other bytes are left out.
  static std::string slug(std::string_view text) {
    std::string out;
    for (char c : text) {
      if (is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_') {
        out += lower(c);
      } else if (c == ' ') {
        out += '-';
      }
    }
    return out;
  }

  const MarkdownHtmlOptions& options_;
  std::size_t limit_;
  std::string out_;
  std::vector<std::string_view> open_;
  bool link_open_ = false;
  bool in_html_ = false;
  std::string html_;
  bool in_heading_ = false;
  std::size_t heading_depth_ = 0;  // Tags that were open before the heading.
  int last_heading_ = 0;
  std::string heading_;
  std::string slug_text_;
  std::unordered_map<std::string, int> ids_;
};

Renderer& renderer(void* user) { return *static_cast<Renderer*>(user); }

}  // namespace

std::string markdown_to_html(std::string_view markdown, const MarkdownHtmlOptions& options, bool* cut) {
  const auto shown = bounded(markdown, options.max_bytes);
  Renderer out(options, 16 * shown.size() + 4'096);
  MD_PARSER parser{};
  parser.flags = kFlags;
  parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* user) {
    return renderer(user).enter_block(type, detail);
  };
  parser.leave_block = [](MD_BLOCKTYPE type, void*, void* user) { return renderer(user).leave_block(type); };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
    return renderer(user).enter_span(type, detail);
  };
  parser.leave_span = [](MD_SPANTYPE type, void*, void* user) { return renderer(user).leave_span(type); };
  parser.text = [](MD_TEXTTYPE type, const MD_CHAR* data, MD_SIZE size, void* user) {
    return renderer(user).text(type, view(data, size));
  };
  const int stopped = md_parse(shown.data(), static_cast<MD_SIZE>(shown.size()), &parser, &out);
  if (cut != nullptr) *cut = stopped != 0 || shown.size() < markdown.size();
  return out.finish();
}

std::vector<std::string> markdown_links(std::string_view markdown, std::size_t max_bytes) {
  const auto shown = bounded(markdown, max_bytes);
  std::vector<std::string> links;
  MD_PARSER parser{};
  parser.flags = kFlags;
  parser.enter_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
  parser.leave_block = [](MD_BLOCKTYPE, void*, void*) { return 0; };
  parser.enter_span = [](MD_SPANTYPE type, void* detail, void* user) {
    if (type != MD_SPAN_A) return 0;
    auto& found = *static_cast<std::vector<std::string>*>(user);
    auto target = attribute_text(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
    if (!target.starts_with('#')) found.push_back(std::move(target));
    return found.size() > 4'096 ? 1 : 0;
  };
  parser.leave_span = [](MD_SPANTYPE, void*, void*) { return 0; };
  parser.text = [](MD_TEXTTYPE, const MD_CHAR*, MD_SIZE, void*) { return 0; };
  md_parse(shown.data(), static_cast<MD_SIZE>(shown.size()), &parser, &links);
  return links;
}

}  // namespace skein::text
