#include "docs/links.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "text/markdown_html.h"

namespace skein::docs {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+' ||
         c == '-';
}

void append_escaped(std::string& out, char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  out += '~';
  out += kHex[byte >> 4];
  out += kHex[byte & 0xf];
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  if (text.size() < end.size()) return false;
  text.remove_prefix(text.size() - end.size());
  return std::ranges::equal(text, end, [](char a, char b) { return (is_upper(a) ? a - 'A' + 'a' : a) == b; });
}

// "~u" and one bit for each byte of `name`, first byte first, four to a digit, without zeros at the end.
void append_case(std::string& out, std::string_view name) {
  std::string digits;
  for (std::size_t i = 0; i < name.size(); i += 4) {
    unsigned nibble = 0;
    for (std::size_t k = 0; k < 4 && i + k < name.size(); ++k) {
      if (is_upper(name[i + k])) nibble |= 8U >> k;
    }
    digits += kHex[nibble];
  }
  digits.erase(digits.find_last_not_of('0') + 1);
  if (!digits.empty()) (out += "~u") += digits;
}

void append_name(std::string& out, std::string_view name, bool folder) {
  const std::size_t start = out.size();
  // A folder may not have the name of a page, nor one that a file system reads in a way of its own ("..").
  std::size_t escaped_dot = name.npos;
  if (folder && (name.ends_with('.') || ends_with_ignoring_case(name, ".html") ||
                 ends_with_ignoring_case(name, ".md") || ends_with_ignoring_case(name, ".json"))) {
    escaped_dot = name.rfind('.');
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (is_safe(c) && i != escaped_dot && !(i == 0 && c == '.')) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  append_case(out, name);
  if (out.size() - start > kMaxPageName) {
    const Digest digest = sha256(name);
    out.resize(start + kMaxPageName - 34);
    (out += "~h") += digest.short_hex(32);
  }
}

// `top` + the escaped folders and last name of `path` + `end`; the path's digest where that is too long.
std::string site_path(std::string_view top, std::string_view path, bool folder, std::string_view end) {
  std::string out(top);
  out.reserve(top.size() + path.size() + end.size() + 16);
  for (std::string_view rest = path; !rest.empty() && out.size() <= kMaxPagePath;) {
    const auto slash = rest.find('/');
    append_name(out, rest.substr(0, slash), folder || slash != rest.npos);
    if (slash == rest.npos) break;
    out += '/';
    rest.remove_prefix(slash + 1);
  }
  if (out.size() + end.size() > kMaxPagePath) {
    out = top;
    (out += "~hashed/") += sha256(path).hex();
  }
  return out += end;
}

}  // namespace

std::string file_page(std::string_view path, PageForm form) {
  return site_path("files/", path, false, form == PageForm::html ? ".html" : ".md");
}

std::string module_page(std::string_view path, PageForm form) {
  const std::string_view name = form == PageForm::html ? "index.html" : "index.md";
  if (path.empty()) return "modules/" + std::string(name);
  return site_path("modules/", path, true, "/" + std::string(name));
}

std::string module_shard(std::string_view path) {
  if (path.empty()) return "modules/index.json";
  return site_path("modules/", path, true, "/index.json");
}

std::string page_of(const PathRef& ref, PageForm form) {
  return ref.folder ? module_page(ref.path, form) : file_page(ref.path, form);
}

std::string relative_link(std::string_view from, std::string_view to) {
  std::size_t shared = 0;  // Up to and with the last "/" that both have.
  for (std::size_t i = 0; i < from.size() && i < to.size() && from[i] == to[i]; ++i) {
    if (from[i] == '/') shared = i + 1;
  }
  std::string out;
  for (char c : from.substr(shared)) {
    if (c == '/') out += "../";
  }
  return out += to.substr(shared);
}

void append_anchor(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_safe(text[end]) && text[end] != '+') ++end;
    out.append(text, i, end - i);
    if (end < text.size()) append_escaped(out, text[end++]);
    i = end;
  }
}

bool resolve_readme_link(std::string_view readme_path, std::string_view href, std::string& path) {
  href = href.substr(0, href.find_first_of("?#"));
  if (href.empty() || href.find('\\') != href.npos) return false;
  const auto colon = href.find(':');
  if (colon != href.npos && colon < href.find('/')) return false;  // A scheme.
  if (href.starts_with("//")) return false;                        // A host.
  std::string decoded;
  for (std::size_t i = 0; i < href.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      const char c = at < href.size() ? href[at] : '\0';
      const auto lower = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
      return lower == '\0' ? kHex.npos : kHex.find(lower);
    };
    if (href[i] == '%' && digit(i + 1) != kHex.npos && digit(i + 2) != kHex.npos) {
      decoded += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else {
      decoded += href[i];
    }
  }
  path.clear();
  if (!decoded.starts_with('/')) {
    const auto slash = readme_path.rfind('/');
    if (slash != readme_path.npos) path = readme_path.substr(0, slash);
  }
  for (std::string_view rest = decoded; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash);
    rest.remove_prefix(slash == rest.npos ? rest.size() : slash + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (path.empty()) return false;
      const auto last = path.rfind('/');
      path.resize(last == path.npos ? 0 : last);
      continue;
    }
    if (!path.empty()) path += '/';
    path += name;
  }
  return true;
}

std::vector<std::string> readme_links(const Readme& readme) {
  std::vector<std::string> paths;
  std::string path;
  for (const auto& href : text::markdown_links(readme.markdown, Readme::kReadmeBytes)) {
    if (resolve_readme_link(readme.path, href, path)) paths.push_back(path);
  }
  std::ranges::sort(paths);
  const auto doubles = std::ranges::unique(paths);
  paths.erase(doubles.begin(), doubles.end());
  return paths;
}

}  // namespace skein::docs
