#include "text/secret_match.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace skein::text {
namespace {

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostBlanks = 8;
constexpr std::string_view kMark = "[redacted:";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

/// The text behind an anchor. Reading past its end gives 0 and is remembered: then more bytes could change the answer.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at, bool final) : text_(text), at_(at), final_(final) {}

  [[nodiscard]] char peek() {
    if (at_ < text_.size()) return text_[at_];
    past_end_ = true;
    return 0;
  }
  [[nodiscard]] bool at_end() {
    static_cast<void>(peek());
    return at_ >= text_.size();
  }
  void skip() { ++at_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool undecided() const { return past_end_ && !final_; }
  [[nodiscard]] std::string_view from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  bool take(char c) {
    if (at_end() || peek() != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word, bool any_case) {
    for (const char expected : word) {
      if (at_end()) return false;
      const char c = any_case ? lower(text_[at_]) : text_[at_];
      if (c != expected) return false;
      ++at_;
    }
    return true;
  }
  std::size_t take_while(std::size_t most, auto accept) {
    const std::size_t begin = at_;
    while (at_ - begin < most && !at_end() && accept(text_[at_])) ++at_;
    return at_ - begin;
  }

 private:
  std::string_view text_;
  std::size_t at_;
  bool final_;
  bool past_end_ = false;
};

bool is_mixed(std::string_view value) {
  return std::ranges::any_of(value, is_digit) && std::ranges::any_of(value, is_letter);
}

/// Shannon's entropy of the bytes, in bits a byte.
double entropy(std::string_view value) {
  std::array<unsigned, 256> counts{};
  for (const char c : value) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : counts)
    if (count > 0) {
      const double share = count / static_cast<double>(value.size());
      bits -= share * std::log2(share);
    }
  return bits;
}

bool fits_conditions(const SecretRule& rule, std::string_view value) {
  return (!rule.mixed || is_mixed(value)) && (rule.entropy <= 0 || entropy(value) >= rule.entropy);
}

bool is_inside_word(std::string_view text, std::size_t at) {
  return at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]));
}

struct Found {
  std::size_t offset = 0, size = 0;
};

Found token(const SecretRule& rule, std::string_view text, std::size_t at, std::string_view anchor, Cursor& cursor) {
  if (is_inside_word(text, at) || !cursor.take(anchor, rule.any_case)) return {};
  const std::size_t begin = cursor.at();
  const auto in_alphabet = [&](char c) { return rule.alphabet.test(static_cast<unsigned char>(c)); };
  if (cursor.take_while(rule.most, in_alphabet) < rule.least) return {};
  const std::string_view rest = cursor.from(begin);
  // A rule of fixed length is not met by a longer word.
  if (rule.most == rule.least && !cursor.at_end() && in_alphabet(cursor.peek())) return {};
  return fits_conditions(rule, rest) ? Found{at, cursor.at() - at} : Found{};
}

Found segments(const SecretRule& rule, std::string_view text, std::size_t at, Cursor& cursor) {
  if (is_inside_word(text, at)) return {};
  for (std::size_t part = 0; part < rule.parts; ++part) {
    if (part > 0 && !cursor.take('.')) return {};
    const auto in_alphabet = [&](char c) { return rule.alphabet.test(static_cast<unsigned char>(c)); };
    if (cursor.take_while(rule.most, in_alphabet) < rule.least) return {};
  }
  return {at, cursor.at() - at};
}

Found after(const SecretRule& rule, std::string_view text, std::size_t at, std::string_view anchor, Cursor& cursor) {
  if (is_inside_word(text, at) || !cursor.take(anchor, rule.any_case)) return {};
  if (cursor.take_while(kMostBlanks, is_blank) == 0) return {};
  const std::size_t begin = cursor.at();
  const auto in_alphabet = [&](char c) { return rule.alphabet.test(static_cast<unsigned char>(c)); };
  if (cursor.take_while(rule.most, in_alphabet) < rule.least) return {};
  return fits_conditions(rule, cursor.from(begin)) ? Found{begin, cursor.at() - begin} : Found{};
}

bool ends_unquoted(char c) {
  return is_blank(c) || c == '\n' || c == '\r' || c == ',' || c == ';' || c == '&' || c == '"' || c == '\'' ||
         c == '}' || c == ')' || c == '<' || c == '\x1b';
}

bool is_no_secret(const SecretRule& rule, std::string_view value) {
  // A variable in the secret's place, a mark, a mask.
  if (value.front() == '$' || value.front() == '[' || value.front() == '<' || value.front() == '{' ||
      value.front() == '%')
    return true;
  if (std::ranges::all_of(value, [&](char c) { return c == value.front(); })) return true;
  std::string plain;
  for (const char c : value.substr(0, 16)) plain += lower(c);
  return std::ranges::any_of(rule.except, [&](const std::string& word) { return plain == word; });
}

Found assignment(const SecretRule& rule, std::string_view text, std::size_t at, std::string_view anchor,
                 Cursor& cursor) {
  if (!cursor.take(anchor, rule.any_case)) return {};
  if (!cursor.at_end() && is_name(cursor.peek())) return {};  // The name goes on.
  std::size_t name_at = at;
  while (name_at > 0 && at - name_at < kLongestName && is_name(text[name_at - 1])) --name_at;
  std::string name;
  for (std::size_t i = name_at; i < cursor.at(); ++i)
    if (is_letter(text[i]) || is_digit(text[i])) name += lower(text[i]);
  if (std::ranges::none_of(rule.names, [&](const std::string& secret) { return name.ends_with(secret); })) return {};

  const bool is_flag = text.substr(name_at).starts_with("--");
  const bool name_is_quoted = cursor.take_while(1, is_quote) == 1;
  const std::size_t before = cursor.take_while(kMostBlanks, is_blank);
  bool is_strict = false;  // The value says by itself that it is one: prose and code have such lines, too.
  if (cursor.take('=')) {
    static_cast<void>(cursor.take('>'));
    is_strict = before > 0;
  } else if (cursor.take(':')) {
    if (!cursor.at_end() && cursor.peek() == ':') return {};  // A name's path: "Password::Reset".
    is_strict = !cursor.take('=') && !name_is_quoted;
  } else if (!is_flag || before == 0) {
    return {};
  } else {
    is_strict = true;
  }
  const std::size_t blanks = cursor.take_while(kMostBlanks, is_blank);
  is_strict = is_strict && (blanks > 0 || before > 0);
  const char quote = !cursor.at_end() && is_quote(cursor.peek()) ? cursor.peek() : '\0';
  if (quote != 0) cursor.skip();
  const std::size_t begin = cursor.at();
  const std::size_t size = cursor.take_while(
      rule.most, [&](char c) { return quote != 0 ? c != quote && c != '\n' && c != '\r' : !ends_unquoted(c); });
  if (size < rule.least) return {};
  const std::string_view value = cursor.from(begin);
  if (is_no_secret(rule, value)) return {};
  const bool is_call = value.find('(') != std::string_view::npos || value.find("::") != std::string_view::npos;
  if (quote == 0 && is_call) return {};
  if (quote == 0 && is_strict && (size < 6 || !is_mixed(value))) return {};
  return {begin, size};
}

/// "//user:secret@host": the cursor stands on "://".
Found url(const SecretRule& rule, Cursor& cursor) {
  cursor.take("://", false);
  const auto in_authority = [](char c) {
    return c != '/' && !is_blank(c) && c != '\n' && c != '\r' && c != '"' && c != '\'' && c != '<' && c != '@';
  };
  if (cursor.take_while(rule.most, [&](char c) { return in_authority(c) && c != ':'; }) == rule.most) return {};
  if (!cursor.take(':')) return {};
  const std::size_t begin = cursor.at();
  const std::size_t size = cursor.take_while(rule.most, in_authority);
  if (size == 0 || cursor.at_end() || cursor.peek() != '@') return {};
  const std::string_view value = cursor.from(begin);
  if (value.front() == '$' || value.starts_with(kMark)) return {};
  return {begin, size};
}

Found block(const SecretRule& rule, std::size_t at, std::string_view anchor, Cursor& cursor) {
  if (!cursor.take(anchor, false)) return {};
  const std::size_t title = cursor.at();
  cursor.take_while(100, [](char c) { return c != '\n'; });
  if (cursor.from(title).find(rule.line) == std::string_view::npos) return {};
  while (cursor.at() - at < rule.most && !cursor.at_end()) {
    const std::size_t mark_at = cursor.at();
    if (cursor.take(rule.until, false)) {
      cursor.take_while(100, [](char c) { return c != '\n' && c != '\r' && c != '"' && c != '\''; });
      return {at, cursor.at() - at};
    }
    if (cursor.at() == mark_at) cursor.skip();
  }
  return {at, cursor.at() - at};
}

Found try_rule(const SecretRule& rule, std::string_view text, std::size_t at, std::string_view anchor, Cursor& cursor) {
  switch (rule.form) {
    case SecretForm::token:
      return token(rule, text, at, anchor, cursor);
    case SecretForm::segments:
      return segments(rule, text, at, cursor);
    case SecretForm::after:
      return after(rule, text, at, anchor, cursor);
    case SecretForm::assignment:
      return assignment(rule, text, at, anchor, cursor);
    case SecretForm::url:
      return url(rule, cursor);
    case SecretForm::block:
      return block(rule, at, anchor, cursor);
  }
  return {};
}

bool begins_with(std::string_view text, const std::string& anchor, bool any_case) {
  for (std::size_t i = 0; i < std::min(text.size(), anchor.size()); ++i)
    if ((any_case ? lower(text[i]) : text[i]) != anchor[i]) return false;
  return true;  // As far as the text goes.
}

}  // namespace

SecretMatch match_secret(const SecretRules& rules, std::string_view text, std::size_t at, bool final) {
  for (const SecretRules::Anchor& one : rules.anchors_at(text.data() + at)) {
    const SecretRule& rule = rules.rules()[one.rule];
    const std::string& anchor = rule.anchors[one.anchor];
    if (!begins_with(text.substr(at, anchor.size()), anchor, rule.any_case)) continue;
    Cursor cursor(text, at, final);
    const Found found = try_rule(rule, text, at, anchor, cursor);
    if (cursor.undecided()) return {SecretMatch::undecided, one.rule, at, 0};
    if (found.size > 0) return {SecretMatch::found, one.rule, found.offset, found.size};
  }
  return {};
}

}  // namespace skein::text
