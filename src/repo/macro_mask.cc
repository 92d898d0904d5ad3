#include "repo/macro_mask.h"

#include <algorithm>
#include <utility>
#include <vector>

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

/// "NOEXCEPT", "__THROW".
bool is_macro_name(std::string_view word) {
  const std::size_t first = word.find_first_not_of('_');
  return word.size() > 1 && first < 3 && word[first] >= 'A' && word[first] <= 'Z' &&
         std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

void blank_out(std::string& masked, std::string_view text, std::size_t begin, std::size_t end) {
  if (masked.empty()) masked = text;
  for (; begin < end; ++begin) {
    if (masked[begin] != '\n') masked[begin] = ' ';
  }
}

/// Past blanks and comments.
std::size_t skip_space(std::string_view text, std::size_t at) {
  for (;;) {
    at = skip_blanks(text, at);
    const bool line = text.substr(std::min(at, text.size())).starts_with("//");
    if (!line && !text.substr(std::min(at, text.size())).starts_with("/*")) return at;
    const std::size_t end = line ? text.find('\n', at) : text.find("*/", at + 2);
    if (end == std::string_view::npos) return text.size();
    at = end + (line ? 1 : 2);
  }
}

/// Where the blanks before `end` begin.
std::size_t back_blanks(std::string_view text, std::size_t end) {
  while (end > 0 && is_blank(text[end - 1])) --end;
  return end;
}
std::size_t back_word(std::string_view text, std::size_t end) {
  while (end > 0 && is_word(text[end - 1])) --end;
  return end;
}

/// The "(" of the ")" at `close`; `npos` where it is far away.
std::size_t opening(std::string_view text, std::size_t close) {
  constexpr std::size_t kLongest = 4000;
  int depth = 0;
  for (std::size_t at = close + 1; at > 0 && close - (at - 1) < kLongest; --at) {
    if (text[at - 1] == ')') ++depth;
    if (text[at - 1] == '(' && --depth == 0) return at - 1;
  }
  return std::string_view::npos;
}

/// Whether the ")" at `close` ends the parameters of a function.
bool ends_parameters(std::string_view text, std::size_t close, const std::vector<std::string>& no_function) {
  const std::size_t open = opening(text, close);
  if (open == std::string_view::npos) return false;
  const std::size_t end = back_blanks(text, open);
  const std::size_t begin = back_word(text, end);
  if (begin < end) {
    const std::string_view word = text.substr(begin, end - begin);
    return !is_macro_name(word) && std::ranges::find(no_function, word) == no_function.end();
  }
  if (end == 0) return false;
  if (text[end - 1] == '>') return true;
  if (text[end - 1] == ')' && end > 1 && is_word(text[end - 2])) {  // "(max)()"
    const std::size_t name = back_word(text, end - 1);
    return name > 0 && text[name - 1] == '(';
  }
  // "operator==(", "operator()(", "operator T*(".
  constexpr std::string_view kSigns = "+-*/%^&|~!=<>,()[] ";
  std::size_t sign = end;
  while (sign > 0 && end - sign < 8 && kSigns.contains(text[sign - 1])) --sign;
  for (int words = 0; words < 4; ++words) {
    const std::size_t word = back_word(text, sign);
    if (word == sign) return false;
    if (text.substr(word, sign - word) == "operator") return true;
    sign = back_blanks(text, word);
  }
  return false;
}

/// What may follow the macros behind parameters: a body, an initializer, "= default", a result type or the end.
bool ends_declarator(std::string_view rest) {
  return rest.starts_with(';') || rest.starts_with('=') || rest.starts_with("->");
}

/// A body, or what stands before it: bases of a class, initializers of a constructor.
bool starts_body(std::string_view rest) {
  return rest.starts_with('{') || (rest.starts_with(':') && !rest.starts_with("::"));
}

/// What a parser trips over between the head of a definition and what follows it.
struct Tail {
  static constexpr std::size_t kMost = 8;
  std::pair<std::size_t, std::size_t> found[kMost];
  std::size_t count = 0;
  std::size_t end = 0;  ///< Where what follows starts; the end of the text where that is unknown.
};

/// Macros and whole "#if … #endif", among words of `known`, from `at` on. Nothing where a "#if" is still open.
Tail tail_from(std::string_view text, std::size_t at, const std::vector<std::string>& known) {
  const Tail nothing{.found = {}, .end = text.size()};
  Tail tail;
  int open = 0;
  at = skip_space(text, at);
  while (at < text.size()) {
    std::size_t end = skip_word(text, at);
    const bool directive = text[at] == '#';
    if (directive) {
      end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(skip_blanks(text, at + 1));
      open += line.starts_with("if") ? 1 : line.starts_with("endif") ? -1 : 0;
      const bool condition = line.starts_with("if") || line.starts_with("el") || line.starts_with("endif");
      if (!condition || open < 0 || text[end - 1] == '\\') break;
    }
    while (end == at && text[end] == '&') ++end;
    if (directive || is_macro_name(text.substr(at, end - at))) {
      if (tail.count == Tail::kMost) return nothing;
      if (!directive) end = skip_arguments(text, end);
      tail.found[tail.count++] = {at, end};
    } else if (end == at || std::ranges::find(known, text.substr(at, end - at)) == known.end()) {
      break;
    }
    at = skip_space(text, end);
  }
  if (open != 0) return nothing;
  tail.end = at;
  return tail;
}

void mask_tail(std::string& masked, std::string_view text, const Tail& tail) {
  for (std::size_t i = 0; i < tail.count; ++i) blank_out(masked, text, tail.found[i].first, tail.found[i].second);
}

/// The end of the macro that stands before the name of a definition, from `at` on; 0 if there is none. Only what goes
/// on as a definition counts: "struct FILE file;" has no macro.
std::size_t macro_end(std::string_view text, std::size_t at, const LanguageSpec::Macros& macros) {
  const std::size_t macro = skip_word(text, at);
  if (!is_macro_name(text.substr(at, macro - at))) return 0;
  const std::size_t end = skip_arguments(text, macro);
  const std::size_t name = skip_blanks(text, end);
  const std::size_t name_end = skip_word(text, name);
  if (name == end || name_end == name || (text[name] >= '0' && text[name] <= '9')) return 0;
  if (std::ranges::find(macros.behind, text.substr(name, name_end - name)) != macros.behind.end()) return 0;
  return starts_body(text.substr(tail_from(text, name_end, macros.behind).end)) ? end : 0;
}

/// Blanks out what stands behind the parameters that end at `close`.
void mask_behind(std::string& masked, std::string_view text, std::size_t close, const LanguageSpec::Macros& macros) {
  const Tail tail = tail_from(text, close + 1, macros.behind);
  if (tail.count == 0) return;
  const std::string_view rest = text.substr(tail.end);
  if (!starts_body(rest) && !ends_declarator(rest)) return;
  if (ends_parameters(text, close, macros.no_function)) mask_tail(masked, text, tail);
}

/// Blanks out what stands behind the name of a class, from `name` on.
void mask_behind_name(std::string& masked, std::string_view text, std::size_t name,
                      const LanguageSpec::Macros& macros) {
  const std::size_t end = skip_word(text, name);
  if (end == name || macros.behind.empty()) return;
  const Tail tail = tail_from(text, end, macros.behind);
  if (tail.count > 0 && starts_body(text.substr(tail.end))) mask_tail(masked, text, tail);
}

}  // namespace

std::string mask_macros(std::string_view text, const LanguageSpec::Macros& macros) {
  std::string masked;
  for (const auto& keyword : macros.after) {
    for (std::size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
      const std::size_t end = at + keyword.size();
      if ((at > 0 && is_word(text[at - 1])) || end >= text.size() || !is_blank(text[end])) continue;
      const std::size_t macro = skip_blanks(text, end);
      const std::size_t stop = macro_end(text, macro, macros);
      if (stop != 0) blank_out(masked, text, macro, stop);
      mask_behind_name(masked, text, skip_blanks(text, std::max(stop, macro)), macros);
    }
  }
  if (macros.behind.empty()) return masked;
  for (std::size_t at = text.find(')'); at != std::string_view::npos; at = text.find(')', at + 1)) {
    const std::size_t next = skip_blanks(text, at + 1);
    if (next < text.size() && (is_word(text[next]) || std::string_view("&/#").contains(text[next]))) {
      mask_behind(masked, text, at, macros);
    }
  }
  return masked;
}

}  // namespace skein::repo
