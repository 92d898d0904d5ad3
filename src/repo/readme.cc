#include "repo/readme.h"

#include <algorithm>
#include <array>
#include <vector>

namespace skein::repo {
namespace {

constexpr std::size_t kHead = 64 << 10;  // A title and a first paragraph stand in the beginning.
constexpr std::size_t kLongest = 600;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\f\v";
  const std::size_t begin = text.find_first_not_of(kWhite);
  return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    lines.push_back(trim(text.substr(0, newline)));
    text = newline == text.npos ? std::string_view{} : text.substr(newline + 1);
  }
  return lines;
}

// "====" or "----" under a title.
bool is_underline(std::string_view line) {
  return line.size() >= 3 && std::string_view("=-~^*#").find(line.front()) != std::string_view::npos &&
         line.find_first_not_of(line.front()) == line.npos;
}

// The text of "# Title", "== Title" (AsciiDoc has one "=") or "<h1>Title</h1>".
std::string_view heading_of(std::string_view line) {
  const std::size_t marks = std::min(line.find_first_not_of("#="), line.size());
  if (marks >= 1 && marks <= 6 && marks < line.size() && line[marks] == ' ') {
    std::string_view title = trim(line.substr(marks));
    while (title.ends_with('#')) title.remove_suffix(1);
    return trim(title);
  }
  if (line.starts_with("<h1") || line.starts_with("<h2")) return line;
  return {};
}

/// Where a bracket that is open at `at` closes, other ones within it counted; npos: nowhere.
std::size_t closing(std::string_view text, std::size_t at) {
  const char open = text[at];
  const char close = open == '[' ? ']' : ')';
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == open) {
      ++depth;
    } else if (text[i] == close && --depth == 0) {
      return i;
    }
  }
  return text.npos;
}

/// Markdown without its images, and without links of which nothing is left: badges, over however many lines.
std::string without_images(std::string_view text) {
  constexpr std::size_t kLongestImage = 4096;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool image = text.substr(at).starts_with("![");
    const bool badge = text.substr(at).starts_with("[![");
    if (!image && !badge) {
      out += text[at];
      continue;
    }
    const auto whole = text.substr(0, std::min(text.size(), at + kLongestImage));
    const std::size_t end = closing(whole, image ? at + 1 : at);
    const bool linked = end != whole.npos && end + 1 < whole.size() && (whole[end + 1] == '(' || whole[end + 1] == '[');
    const std::size_t after = linked ? closing(whole, end + 1) : end;
    // "[![badge] and words](target)" has words to keep.
    if (after == whole.npos || (badge && !trim(without_images(whole.substr(at + 1, end - at - 1))).empty())) {
      out += text[at];
      continue;
    }
    at = after;
  }
  return out;
}

/// Under such a heading stands what the thing is; under others ("Getting started", "Sponsors") something else.
bool tells_what_it_is(std::string_view heading) {
  std::string lower;
  for (const char c : heading) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::ranges::any_of(std::array<std::string_view, 9>{"about", "overview", "introduction", "description",
                                                             "what ", "summary", "abstract", "background", "synopsis"},
                             [&](auto word) { return lower.contains(word); });
}

// Badges, pictures, tags, tables, lists, directives: no prose.
bool is_prose(std::string_view line) {
  if (line.empty()) return false;
  for (const std::string_view mark : {"[![", "![", "<", "|", "- ", "* ", "+ ", ".. ", "```", "~~~", ":", "[//]", "[#",
                                      "---", "===", "1. ", "image::", "> [!"})
    if (line.starts_with(mark)) return false;
  const std::string plain = without_markup(line);
  return std::count_if(plain.begin(), plain.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80u) != 0;
         }) >= 8;
}

// Cut behind a sentence where there is one, never inside a letter of several bytes.
std::string shortened(std::string text) {
  if (text.size() <= kLongest) return text;
  std::size_t end = text.rfind(". ", kLongest);
  if (end != text.npos && end > kLongest / 3) return text.substr(0, end + 1);
  end = text.rfind(' ', kLongest);
  if (end == text.npos) {
    end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  }
  return text.substr(0, end) + " …";
}

}  // namespace

std::string without_markup(std::string_view line) {
  std::string plain;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '\\' && at + 1 < line.size()) {
      plain += line[++at];
    } else if (c == '!' && line.substr(at + 1).starts_with('[')) {
      continue;
    } else if (c == '[' || c == '`') {
      continue;
    } else if (c == ']') {
      // "](target)" and "][name]" go with the bracket; "`text <target>`_" of reStructuredText with the tag rule.
      if (at + 1 < line.size() && (line[at + 1] == '(' || line[at + 1] == '[')) {
        const std::size_t end = line.find(line[at + 1] == '(' ? ')' : ']', at + 2);
        if (end != line.npos) at = end;
      }
    } else if (c == '<') {
      const std::size_t end = line.find('>', at);
      if (end == line.npos)
        plain += c;
      else
        at = end;
    } else if (c == '*' ||
               (c == '_' && (at == 0 || line[at - 1] == ' ' || line[at - 1] == '_' || at + 1 == line.size() ||
                             std::string_view(" _.,:;`").find(line[at + 1]) != std::string_view::npos))) {
      continue;
    } else {
      plain += c;
    }
  }
  return std::string(trim(plain));
}

Readme read_readme(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string head = without_images(text.substr(0, kHead));
  const auto lines = lines_of(head);
  Readme readme;
  bool elsewhere = false;  // Below a heading that is not about what the project is.
  bool fenced = false;
  bool comment = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    if (line.starts_with("```") || line.starts_with("~~~")) fenced = !fenced;
    if (line.starts_with("<!--")) comment = true;
    if (comment || fenced) {
      if (line.find("-->") != line.npos) comment = false;
      continue;
    }
    const bool underlined = i + 1 < lines.size() && !line.empty() && is_underline(lines[i + 1]) && !is_underline(line);
    const std::string_view heading = underlined ? line : heading_of(line);
    if (!heading.empty()) {
      std::string title = without_markup(heading);
      elsewhere = !readme.title.empty() && title != readme.title && !tells_what_it_is(title);
      if (readme.title.empty()) readme.title = std::move(title);
      if (underlined) ++i;
      continue;
    }
    if (elsewhere || !is_prose(line)) continue;
    std::string paragraph;
    for (; i < lines.size() && !lines[i].empty() && !lines[i].starts_with("```"); ++i) {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph += without_markup(lines[i].starts_with("> ") ? lines[i].substr(2) : lines[i]);
    }
    readme.paragraph = shortened(std::move(paragraph));
    break;
  }
  return readme;
}

}  // namespace skein::repo
