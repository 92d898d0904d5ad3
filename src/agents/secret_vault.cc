#include "agents/secret_vault.h"

#include <algorithm>
#include <array>

#include "text/json_string.h"
#include "text/redact.h"

namespace skein::agents {
namespace {

using engine::Json;

constexpr int kDeepest = 64;  // The relay refuses what is deeper.
constexpr char kEnd = 'Z';

/// The secret as it stands in a string of JSON, without quotes.
std::string escaped(const std::string& text) {
  std::string made;
  text::append_json_string(made, text);
  return made.substr(1, made.size() - 2);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

bool is_left_alone(std::string_view key) {
  static constexpr std::array<std::string_view, 10> kNames{
      "data",  "id",   "call_id", "tool_call_id", "tool_use_id", "signature", "encrypted_content",
      "model", "type", "role"};
  return std::ranges::find(kNames, key) != kNames.end();
}

}  // namespace

bool holds_json(std::string_view key) { return key == "arguments" || key == "partial_json"; }

std::string SecretVault::placeholder(std::size_t index) const { return prefix_ + std::to_string(index) + kEnd; }

std::string SecretVault::hidden(std::string text, bool in_json) {
  if (text.size() < 6 || text.starts_with("data:")) return text;
  for (std::size_t i = 0; i < secrets_.size(); ++i)
    replace_all(text, in_json ? escaped(secrets_[i]) : secrets_[i], placeholder(i));
  const auto spans = text::find_secrets(text);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    std::string secret = text.substr(span->offset, span->size);
    if (secret.contains(prefix_)) continue;  // It is one already.
    std::size_t index = secrets_.size();
    if (in_json) {
      const Json plain = Json::parse("\"" + secret + "\"", nullptr, false);
      if (!plain.is_string()) continue;  // It ends in the middle of an escape: no secret that could be put back.
      secret = plain.get<std::string>();
    }
    const auto known = std::ranges::find(secrets_, secret);
    if (known == secrets_.end())
      secrets_.push_back(std::move(secret));
    else
      index = static_cast<std::size_t>(known - secrets_.begin());
    text.replace(span->offset, span->size, placeholder(index));
  }
  return text;
}

void SecretVault::hide(Json& request) { hide(request, false, 0); }

void SecretVault::hide(Json& node, bool in_json, int depth) {
  if (depth > kDeepest) return;
  if (node.is_string()) {
    auto& text = node.get_ref<std::string&>();
    text = hidden(std::move(text), in_json);
  } else if (node.is_array()) {
    for (Json& child : node) hide(child, in_json, depth + 1);
  } else if (node.is_object()) {
    for (auto& [key, child] : node.items())
      if (!(child.is_string() && is_left_alone(key))) hide(child, holds_json(key), depth + 1);
  }
}

std::string SecretVault::restored(std::string_view text, bool in_json) const {
  std::string made(text);
  // The last first: none of their names begins with another's, for each ends with a letter.
  for (std::size_t i = secrets_.size(); i-- > 0;)
    replace_all(made, placeholder(i), in_json ? escaped(secrets_[i]) : secrets_[i]);
  return made;
}

void SecretVault::restore(Json& answer) const { restore(answer, false, 0); }

void SecretVault::restore(Json& node, bool in_json, int depth) const {
  if (depth > kDeepest) return;
  if (node.is_string()) {
    auto& text = node.get_ref<std::string&>();
    if (text.contains(prefix_)) text = restored(text, in_json);
  } else if (node.is_array()) {
    for (Json& child : node) restore(child, in_json, depth + 1);
  } else if (node.is_object()) {
    for (auto& [key, child] : node.items()) restore(child, holds_json(key), depth + 1);
  }
}

std::size_t SecretVault::open_end(std::string_view text) const {
  // A placeholder is the prefix, digits and the end; the longest tail that may still become one.
  const std::size_t longest = prefix_.size() + 20;
  for (std::size_t size = std::min(text.size(), longest); size > 0; --size) {
    const std::string_view tail = text.substr(text.size() - size);
    if (tail.size() <= prefix_.size()) {
      if (prefix_.starts_with(tail)) return size;
      continue;
    }
    if (!tail.starts_with(prefix_)) continue;
    const auto digits = tail.substr(prefix_.size());
    if (std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return size;
  }
  return 0;
}

}  // namespace skein::agents
