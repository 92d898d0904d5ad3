#include "repo/macro_mask.h"

#include <algorithm>

namespace skein::repo {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}
std::size_t skip_word(std::string_view text, std::size_t at) {
  while (at < text.size() && is_word(text[at])) ++at;
  return at;
}

/// The end of "(…)" at `at`; `at` itself where there is none, or a long one.
std::size_t skip_arguments(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 500;
  if (at >= text.size() || text[at] != '(') return at;
  int depth = 0;
  for (std::size_t i = at; i < text.size() && i < at + kLongest; ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
  }
  return at;
}

bool is_macro_name(std::string_view word) {
  return word.size() > 1 && word[0] >= 'A' && word[0] <= 'Z' &&
         std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// The end of the macro that stands before the name of a definition, from `at` on; 0 if there is none. Only what goes
/// on as a definition counts: "struct FILE file;" has no macro.
std::size_t macro_end(std::string_view text, std::size_t at) {
  const std::size_t macro = skip_word(text, at);
  if (!is_macro_name(text.substr(at, macro - at))) return 0;
  const std::size_t end = skip_arguments(text, macro);
  const std::size_t name = skip_blanks(text, end);
  const std::size_t name_end = skip_word(text, name);
  if (name == end || name_end == name || (text[name] >= '0' && text[name] <= '9')) return 0;
  const std::string_view word = text.substr(name, name_end - name);
  if (word == "final") return 0;
  std::size_t next = skip_blanks(text, name_end);
  if (text.substr(next).starts_with("final")) next = skip_blanks(text, next + 5);
  if (next >= text.size()) return 0;
  const bool base = text[next] == ':' && !text.substr(next).starts_with("::");
  return text[next] == '{' || base ? end : 0;
}

}  // namespace

std::string mask_macros(std::string_view text, const std::vector<std::string>& keywords) {
  std::string masked;
  for (const auto& keyword : keywords) {
    for (std::size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
      const std::size_t end = at + keyword.size();
      if ((at > 0 && is_word(text[at - 1])) || end >= text.size() || !is_blank(text[end])) continue;
      std::size_t macro = skip_blanks(text, end);
      const std::size_t stop = macro_end(text, macro);
      if (stop == 0) continue;
      if (masked.empty()) masked = text;
      for (; macro < stop; ++macro) {
        if (masked[macro] != '\n') masked[macro] = ' ';
      }
    }
  }
  return masked;
}

}  // namespace skein::repo
