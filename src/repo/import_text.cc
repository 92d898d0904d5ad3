#include "repo/import_text.h"

#include <algorithm>

namespace skein::repo {
namespace {

constexpr std::size_t kMaxTargets = 1000;
constexpr std::size_t kMaxText = 64 << 10;
constexpr int kMaxDepth = 16;
constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed_white(std::string_view text) {
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view without_words(std::string_view text, const std::vector<std::string>& words) {
  for (bool more = true; more;) {
    more = false;
    text = trimmed_white(text);
    for (const auto& word : words) {
      if (!text.starts_with(word) || text.size() == word.size() || is_word(text[word.size()])) continue;
      text = trimmed_white(text.substr(word.size()));
      if (text.starts_with('(')) text.remove_prefix(std::min(text.find(')'), text.size() - 1) + 1);  // "pub(crate)"
      more = true;
    }
  }
  return text;
}

/// The target that `text` names: "a::b as c" gives "a::b".
std::string target_of(std::string_view text) {
  if (const auto alias = text.find(" as "); alias != text.npos) text = text.substr(0, alias);
  if (const auto alias = text.find(" AS "); alias != text.npos) text = text.substr(0, alias);
  std::string out;
  for (const char c : text) {
    if (kWhite.find(c) == kWhite.npos) out += c;
  }
  return out;
}

void expand(const std::string& prefix, std::string_view text, const std::vector<std::string>& words, int depth,
            std::vector<std::string>& out) {
  while (!text.empty() && out.size() < kMaxTargets) {
    std::size_t end = 0;
    std::size_t open = text.npos;
    int braces = 0;
    for (; end < text.size(); ++end) {
      if (text[end] == '{' && braces++ == 0 && open == text.npos) open = end;
      if (text[end] == '}') --braces;
      if (text[end] == ',' && braces <= 0) break;
    }
    std::string_view piece = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (open != text.npos && open < piece.size()) {
      if (depth == kMaxDepth) continue;
      const auto close = piece.rfind('}');
      const auto inner = piece.substr(open + 1, close == piece.npos || close < open ? piece.npos : close - open - 1);
      expand(prefix + target_of(piece.substr(0, open)), inner, words, depth + 1, out);
      continue;
    }
    std::string target = target_of(without_words(piece, words));
    if (target.empty()) continue;
    target.insert(0, prefix);
    if (target.ends_with("::self")) target.resize(target.size() - 6);  // "use a::{self}" is "use a".
    out.push_back(std::move(target));
  }
}

}  // namespace

std::vector<std::string> expanded_import(std::string_view text, const std::vector<std::string>& words) {
  text = trimmed_white(text.substr(0, kMaxText));
  while (text.ends_with(';')) text = trimmed_white(text.substr(0, text.size() - 1));
  text = without_words(text, words);
  if (const auto alias = text.find('='); alias != text.npos) text = text.substr(alias + 1);
  std::vector<std::string> out;
  expand("", text, words, 0, out);
  return out;
}

}  // namespace skein::repo
