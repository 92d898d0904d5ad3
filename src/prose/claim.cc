#include "prose/claim.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/embedded.h"

namespace skein::prose {
namespace data {
std::span<const EmbeddedFile> files();
}
namespace {

constexpr std::size_t kLongest = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_path_byte(char c) {
  return is_word(c) || c == '.' || c == '-' || c == '+' || c == '@' || c == '/' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The words of a data file; "#" begins a comment.
std::set<std::string, std::less<>> words_of(std::string_view name) {
  std::set<std::string, std::less<>> words;
  for (const auto& file : data::files()) {
    if (!name.ends_with(file.path.substr(file.path.rfind('/') + 1))) continue;
    std::string_view text = file.bytes;
    while (!text.empty()) {
      auto line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      line = line.substr(0, line.find('#'));
      while (!line.empty()) {
        const auto word = line.substr(0, line.find(' '));
        if (!word.empty()) words.emplace(word);
        line.remove_prefix(std::min(line.size(), word.size() + 1));
      }
    }
  }
  return words;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value == 0) return {};
  return value;
}

/// "10", "10-20", "10:4": false for anything else.
bool read_lines(std::string_view text, PathClaim& claim) {
  if (text.starts_with('L')) text.remove_prefix(1);
  const auto end = std::ranges::find_if_not(text, is_digit) - text.begin();
  const auto line = number(text.substr(0, static_cast<std::size_t>(end)));
  if (!line) return false;
  text.remove_prefix(static_cast<std::size_t>(end));
  if (text.starts_with('C'))  // GitHub's column: L10C4.
    text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text.substr(1), is_digit) - text.begin()));
  if (!text.empty()) {
    const char how = text.front();
    if (how != '-' && how != ':') return false;
    text.remove_prefix(1);
    if (text.starts_with('L')) text.remove_prefix(1);
    text = text.substr(0, text.find('C'));
    const auto second = number(text);
    if (!second) return false;
    if (how == '-') claim.last_line = *second;
  }
  claim.line = *line;
  return true;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_word);
}

void take_folder(std::string_view written, PathClaim& claim) {
  while (written.size() > 1 && written.ends_with('/')) {
    claim.folder = true;
    written.remove_suffix(1);
  }
  claim.path_size = written.size();
}

}  // namespace

std::string_view extension_of(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return {};
  return name.substr(dot);
}

std::string percent_decoded(std::string_view text) {
  const auto hex = [](char c) {
    return is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (is_path_byte(c) || c == '~' || c == ',' || c == '=')
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

bool is_placeholder(std::string_view path) {
  static const auto kWords = words_of("placeholders.txt");
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part.find_first_not_of('.') == std::string_view::npos) continue;
    const auto stem = part.substr(0, part.find('.', 1));
    if (kWords.contains(stem) || part.starts_with("your-") || part.starts_with("my-") || part.starts_with("your_") ||
        part.starts_with("my_") || part.contains("xxx") || part.contains("XXX") || part.contains("YYYY"))
      return true;
    // "NAME/page.md", but not "README" or "LICENSE", which stand alone and are there.
    if (stem.size() >= 2 && part == stem && path.size() > part.size() &&
        std::ranges::all_of(stem, [](char c) { return is_upper(c) || c == '_'; }))
      return true;
  }
  return false;
}

bool is_external_scope(std::string_view name) {
  static const auto kWords = words_of("external-scopes.txt");
  return kWords.contains(name);
}

std::optional<PathClaim> path_in_link(std::string_view target) {
  if (target.empty() || target.size() > kLongest * 4 || target == "#" || target.front() == '?' ||
      target.starts_with("//") || target.find_first_of("{}<>$\\\n\0") != std::string_view::npos)
    return {};
  // A scheme: letters, then ":" before any slash.
  const auto colon = target.find(':');
  if (colon != std::string_view::npos && colon > 1 && target.find('/') > colon &&
      std::ranges::all_of(target.substr(0, colon), [](char c) { return is_word(c) || c == '+' || c == '-'; }))
    return {};
  PathClaim claim;
  claim.link = true;
  const auto written = target.substr(0, target.find_first_of("?#"));
  take_folder(written, claim);
  claim.path = percent_decoded(written.substr(0, claim.path_size));
  claim.rest = target.substr(claim.path_size);
  if (const auto hash = target.find('#'); hash != std::string_view::npos && target.size() > hash + 2 &&
                                          target[hash + 1] == 'L' && is_digit(target[hash + 2]))
    read_lines(target.substr(hash + 1), claim);
  if (const auto hash = target.find('#'); hash != std::string_view::npos && claim.line == 0)
    claim.anchor = percent_decoded(target.substr(hash + 1));
  if ((claim.path.empty() && claim.anchor.empty()) || claim.path.find('\0') != std::string::npos) return {};
  return claim;
}

std::optional<PathClaim> path_in_code(std::string_view text) {
  if (text.size() < 3 || text.size() > kLongest || text.starts_with('-') || text.starts_with('/') ||
      text.starts_with('~') || text.starts_with('@') || text.starts_with('+'))
    return {};
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_path_byte) - text.begin());
  const auto written = text.substr(0, end);
  PathClaim claim;
  take_folder(written, claim);
  claim.path = written.substr(0, claim.path_size);
  claim.rest = text.substr(claim.path_size);
  const auto& path = claim.path;
  if (path.empty() || path.contains("//") || path.contains("...") || path.ends_with('.') || path == "..") return {};
  const bool has_slash = path.contains('/') || claim.folder;
  if (!has_slash && extension_of(path).empty()) return {};
  // A number with a point, a version, a host's name.
  if (std::ranges::none_of(path, [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; })) return {};
  auto rest = claim.rest;
  if (claim.folder) rest = text.substr(written.size());
  if (rest.empty()) return claim;
  if (claim.folder) return {};
  if (rest.starts_with("::")) {
    rest.remove_prefix(2);
  } else if (rest.starts_with(':') || rest.starts_with('#')) {
    const bool hash = rest.front() == '#';
    rest.remove_prefix(1);
    if ((!hash || rest.starts_with('L')) && read_lines(rest, claim)) return claim;
  } else {
    return {};
  }
  if (extension_of(path).empty()) return {};
  if (rest.ends_with("()")) rest.remove_suffix(2);
  // The last name of "Class.method" or "Class::method".
  const auto symbol = symbol_in_code(rest);
  if (!symbol) return {};
  claim.symbol = symbol->name;
  return claim;
}

std::optional<SymbolClaim> symbol_in_code(std::string_view text) {
  if (text.size() < 3 || text.size() > 200) return {};
  SymbolClaim claim;
  if (text.ends_with("()")) {
    claim.call = true;
    text.remove_suffix(2);
  }
  while (true) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_word) - text.begin());
    const auto name = text.substr(0, end);
    if (!is_identifier(name)) return {};
    text.remove_prefix(end);
    if (text.empty()) {
      claim.name = name;
      return claim;
    }
    claim.scopes.emplace_back(name);
    if (text.starts_with("::"))
      text.remove_prefix(2);
    else if (text.front() == '.' || text.front() == '#')
      text.remove_prefix(1);
    else
      return {};
  }
}

}  // namespace skein::prose
