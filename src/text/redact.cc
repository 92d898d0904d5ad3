#include "text/redact.h"

#include <algorithm>
#include <array>
#include <optional>

namespace skein::text {
namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool is_key(char c) { return is_word(c) || c == '-'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_any_case(std::string_view text, std::string_view lower_word) {
  if (text.size() < lower_word.size()) return false;
  for (std::size_t i = 0; i < lower_word.size(); ++i)
    if (lower(text[i]) != lower_word[i]) return false;
  return true;
}

std::size_t count_while(std::string_view text, std::size_t from, bool (*accept)(char)) {
  std::size_t end = from;
  while (end < text.size() && accept(text[end])) ++end;
  return end - from;
}

/// A key that is known by its first letters.
struct Shape {
  std::string_view prefix;
  std::size_t min_rest;  ///< Key characters after the prefix.
  std::string_view kind;
};

constexpr std::array<Shape, 19> kShapes{{
    {"AKIA", 16, "aws-key"},        {"ASIA", 16, "aws-key"},
    {"ghp_", 20, "github-token"},   {"gho_", 20, "github-token"},
    {"ghu_", 20, "github-token"},   {"ghs_", 20, "github-token"},
    {"ghr_", 20, "github-token"},   {"github_pat_", 20, "github-token"},
    {"glpat-", 16, "gitlab-token"}, {"sk-", 16, "api-key"},
    {"sk_live_", 16, "api-key"},    {"sk_test_", 16, "api-key"},
    {"rk_live_", 16, "api-key"},    {"xoxb-", 10, "slack-token"},
    {"xoxp-", 10, "slack-token"},   {"xoxa-", 10, "slack-token"},
    {"AIza", 30, "api-key"},        {"npm_", 30, "npm-token"},
    {"hf_", 24, "api-key"},
}};

/// Words before "=" or ":" that say the value is secret, without separators ("api_key", "api-key", "apiKey").
constexpr std::array<std::string_view, 12> kSecretNames{"password",   "passwd",      "pwd",       "secret",
                                                        "token",      "apikey",      "accesskey", "secretkey",
                                                        "privatekey", "accesstoken", "authtoken", "credential"};

/// True if the name, its separators dropped and in lower case, ends with one of the secret names.
bool names_secret(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != '_' && c != '-' && c != '.') plain += lower(c);
  return std::ranges::any_of(kSecretNames, [&](std::string_view secret) { return plain.ends_with(secret); });
}

std::optional<SecretSpan> known_shape(std::string_view text, std::size_t at) {
  for (const Shape& shape : kShapes) {
    if (!text.substr(at).starts_with(shape.prefix)) continue;
    const std::size_t rest = count_while(text, at + shape.prefix.size(), is_key);
    if (rest >= shape.min_rest) return SecretSpan{at, shape.prefix.size() + rest, shape.kind};
  }
  return std::nullopt;
}

/// A JSON web token: three parts of base64url.
std::optional<SecretSpan> web_token(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("eyJ")) return std::nullopt;
  std::size_t end = at;
  for (int part = 0; part < 3; ++part) {
    const std::size_t size = count_while(text, end, is_key);
    if (size < 8) return std::nullopt;
    end += size;
    if (part == 2) break;
    if (end >= text.size() || text[end] != '.') return std::nullopt;
    ++end;
  }
  return SecretSpan{at, end - at, "web-token"};
}

std::optional<SecretSpan> bearer(std::string_view text, std::size_t at) {
  for (const std::string_view word : {std::string_view("bearer "), std::string_view("basic ")}) {
    if (!starts_with_any_case(text.substr(at), word)) continue;
    const std::size_t begin = at + word.size();
    const std::size_t size = count_while(
        text, begin, [](char c) { return is_key(c) || c == '.' || c == '+' || c == '/' || c == '=' || c == '~'; });
    // "Basic knowledge" is prose: a token is long, and not of letters alone.
    const std::string_view value = text.substr(begin, size);
    const bool mixed =
        std::ranges::any_of(value, [](char c) { return (c >= '0' && c <= '9') || c == '=' || c == '.'; });
    if (size >= 12 && mixed) return SecretSpan{begin, size, word == "basic " ? "basic" : "bearer"};
  }
  return std::nullopt;
}

std::optional<SecretSpan> private_key(std::string_view text, std::size_t at) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (!text.substr(at).starts_with(kBegin)) return std::nullopt;
  const std::size_t line_end = std::min(text.find('\n', at), std::min(text.size(), at + 100));
  if (text.substr(at, line_end - at).find("PRIVATE KEY-----") == std::string_view::npos) return std::nullopt;
  const std::size_t last = text.find("-----END ", line_end);
  if (last == std::string_view::npos) return SecretSpan{at, text.size() - at, "private-key"};
  const std::size_t closing = text.find("-----", last + 9);
  return SecretSpan{at, (closing == std::string_view::npos ? text.size() : closing + 5) - at, "private-key"};
}

/// The value after a name at [begin, end): `name = "value"`, `name: value`, `"name":"value"`.
std::optional<SecretSpan> named_value(std::string_view text, std::size_t begin, std::size_t end) {
  if (!names_secret(text.substr(begin, end - begin))) return std::nullopt;
  std::size_t at = end;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size() || (text[at] != '=' && text[at] != ':')) return std::nullopt;
  ++at;
  while (at < text.size() && text[at] == ' ') ++at;
  char quote = 0;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) quote = text[at++];
  std::size_t stop = at;
  while (stop < text.size() && text[stop] != '\n' && text[stop] != '\r') {
    if (quote != 0
            ? text[stop] == quote
            : text[stop] == ' ' || text[stop] == '\t' || text[stop] == ',' || text[stop] == ';' || text[stop] == '&' ||
                  text[stop] == '"' || text[stop] == '\'' || text[stop] == '}' || text[stop] == ')')
      break;
    ++stop;
  }
  // Too short for a secret, or an environment variable's name in its place.
  if (stop - at < 4 || text[at] == '$' || text[at] == '[') return std::nullopt;
  return SecretSpan{at, stop - at, "password"};
}

/// The password in "//user:password@host"; `at` stands on "://".
std::optional<SecretSpan> url_password(std::string_view text, std::size_t at) {
  std::size_t colon = 0;
  for (std::size_t i = at + 3; i < text.size() && i < at + 515; ++i) {
    const char c = text[i];
    if (c == ':' && colon == 0) colon = i;
    if (c == '@')
      return colon != 0 && i > colon + 1 ? std::optional(SecretSpan{colon + 1, i - colon - 1, "url-password"})
                                         : std::nullopt;
    if (c == '/' || c == ' ' || c == '\n' || c == '"' || c == '\'' || c == '<') break;
  }
  return std::nullopt;
}

}  // namespace

std::vector<SecretSpan> find_secrets(std::string_view text) {
  std::vector<SecretSpan> spans;
  std::size_t at = 0;
  const auto take = [&](const std::optional<SecretSpan>& span) {
    if (!span) return false;
    spans.push_back(*span);
    at = span->offset + span->size;
    return true;
  };
  while (at < text.size()) {
    const char c = text[at];
    if (c == '-') {
      if (!take(private_key(text, at))) ++at;
      continue;
    }
    if (c == ':' && text.substr(at).starts_with("://")) {
      if (!take(url_password(text, at))) at += 3;
      continue;
    }
    if (!is_word(c)) {
      ++at;
      continue;
    }
    if (take(known_shape(text, at)) || take(web_token(text, at)) || take(bearer(text, at))) continue;
    // A run of key characters is one name; a shape may still begin inside it after a "-" or "_".
    const std::size_t size = count_while(text, at, is_key);
    if (take(named_value(text, at, at + size))) continue;
    at += std::max<std::size_t>(1, count_while(text, at, is_word));
  }
  return spans;
}

std::string redact(std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    out.append(text.substr(done, span.offset - done)).append("[redacted:").append(span.kind).append("]");
    done = span.offset + span.size;
  }
  return out.append(text.substr(done));
}

}  // namespace skein::text
