#include "text/secret_rules.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "base/check.h"
#include "base/embedded.h"
#include "text/toml.h"

namespace skein::text_secrets::data {
std::span<const EmbeddedFile> files();  // Made by skein_embed.
}  // namespace skein::text_secrets::data

namespace skein::text {
namespace {

constexpr std::size_t kAnchorBytes = 3;  // Hashed.
constexpr std::string_view kSchema = "skein.secrets/1";

std::optional<SecretForm> form_of(std::string_view name) {
  if (name == "token") return SecretForm::token;
  if (name == "segments") return SecretForm::segments;
  if (name == "after") return SecretForm::after;
  if (name == "assignment") return SecretForm::assignment;
  if (name == "url") return SecretForm::url;
  if (name == "block") return SecretForm::block;
  return std::nullopt;
}

/// "A-Za-z0-9_-": ranges and single characters; a "-" at the end is itself.
std::bitset<256> alphabet_of(std::string_view text) {
  std::bitset<256> set;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (i + 2 < text.size() && text[i + 1] == '-') {
      for (unsigned c = first; c <= static_cast<unsigned char>(text[i + 2]); ++c) set.set(c);
      i += 2;
    } else {
      set.set(first);
    }
  }
  return set;
}

std::vector<std::string> texts_of(const toml::table& table, std::string_view key) {
  std::vector<std::string> texts;
  if (const auto* array = table[key].as_array())
    for (const auto& item : *array)
      if (const auto text = item.value<std::string>()) texts.push_back(*text);
  return texts;
}

Result<SecretRule> rule_of(const toml::table& table) {
  SecretRule rule;
  rule.name = table["name"].value_or(std::string());
  if (rule.name.empty()) return fail(Code::invalid_argument, "a rule for secrets has no name");
  const auto form = form_of(table["form"].value_or(std::string_view()));
  if (!form) return fail(Code::invalid_argument, "the rule \"{}\" has no known form", rule.name);
  rule.form = *form;
  rule.anchors = texts_of(table, "anchors");
  const bool long_enough =
      std::ranges::all_of(rule.anchors, [](const std::string& anchor) { return anchor.size() >= kAnchorBytes; });
  if (rule.anchors.empty() || !long_enough)
    return fail(Code::invalid_argument, "the rule \"{}\" needs anchors of at least {} bytes", rule.name, kAnchorBytes);
  rule.any_case = table["any_case"].value_or(false);
  rule.alphabet = alphabet_of(table["alphabet"].value_or(std::string_view()));
  rule.least = table["least"].value_or(rule.least);
  rule.most = table["most"].value_or(rule.most);
  rule.parts = table["parts"].value_or(rule.parts);
  rule.mixed = table["mixed"].value_or(false);
  rule.entropy = table["entropy"].value_or(0.0);
  rule.names = texts_of(table, "names");
  rule.except = texts_of(table, "except");
  rule.line = table["line"].value_or(std::string());
  rule.until = table["until"].value_or(std::string());
  if (rule.least < 1 || rule.most < rule.least || rule.most > (1U << 20U))
    return fail(Code::invalid_argument, "the rule \"{}\": 1 <= least <= most <= 1048576 must hold", rule.name);
  const bool needs_alphabet =
      rule.form == SecretForm::token || rule.form == SecretForm::segments || rule.form == SecretForm::after;
  if (needs_alphabet && rule.alphabet.none())
    return fail(Code::invalid_argument, "the rule \"{}\" needs an alphabet", rule.name);
  if (rule.form == SecretForm::block && (rule.line.empty() || rule.until.empty()))
    return fail(Code::invalid_argument, "the rule \"{}\" needs `line` and `until`", rule.name);
  if (rule.form == SecretForm::assignment && rule.names.empty())
    return fail(Code::invalid_argument, "the rule \"{}\" needs names", rule.name);
  return rule;
}

}  // namespace

Result<SecretRules> SecretRules::parse(std::string_view text) {
  SecretRules made;
  const auto parsed = parse_toml(text);
  if (!parsed)
    return fail(Code::invalid_argument, "rules for secrets, line {}: {}", parsed.error().line, parsed.error().reason);
  const toml::table& document = *parsed;
  if (document["schema"].value_or(std::string_view()) != kSchema)
    return fail(Code::unsupported_version, "the rules for secrets are not of schema {}", kSchema);
  const auto* rules = document["rule"].as_array();
  if (rules == nullptr) return fail(Code::invalid_argument, "there are no rules for secrets");
  for (const auto& item : *rules) {
    const auto* table = item.as_table();
    if (table == nullptr) return fail(Code::invalid_argument, "a rule for secrets is no table");
    SKEIN_TRY(SecretRule rule, rule_of(*table));
    made.rules_.push_back(std::move(rule));
  }
  for (std::size_t r = 0; r < made.rules_.size(); ++r)
    for (std::size_t a = 0; a < made.rules_[r].anchors.size(); ++a) {
      made.add_places(made.rules_[r].anchors[a]);
      std::uint32_t bytes = 0;
      std::memcpy(&bytes, made.rules_[r].anchors[a].data(), kAnchorBytes);
      std::uint8_t& bucket = made.table_[slot(bytes)];
      if (bucket == 0) {
        if (made.buckets_.size() > 255) return fail(Code::invalid_argument, "there are too many rules for secrets");
        bucket = static_cast<std::uint8_t>(made.buckets_.size());
        made.buckets_.emplace_back();
      }
      made.buckets_[bucket].push_back({static_cast<std::uint16_t>(r), static_cast<std::uint16_t>(a)});
    }
  return made;
}

const SecretRules& SecretRules::builtin() {
  static const SecretRules kRules = [] {
    for (const EmbeddedFile& file : text_secrets::data::files())
      if (file.path == "rules.toml") {
        auto parsed = parse(file.bytes);
        SKEIN_CHECK(parsed.has_value());
        return std::move(*parsed);
      }
    SKEIN_CHECK(false);
    return SecretRules();
  }();
  return kRules;
}

/// An anchor at an even place is found by its first four bytes; one at an odd place by its second to fifth byte, or, if
/// it has three bytes only, from the place before it.
void SecretRules::add_places(const std::string& anchor) {
  const auto add = [&](const std::string& four, Begins where) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, four.data(), sizeof bytes);
    std::uint8_t& entry = places_[slot_of_four(bytes)];
    entry = static_cast<std::uint8_t>(entry | where);
  };
  const auto add_all = [&](const std::string& before, const std::string& behind, Begins where) {
    // All bytes there are, as they are folded.
    for (int c = 0x20; c < 0x80; c = c == 0x3F ? 0x60 : c + 1) add(before + static_cast<char>(c) + behind, where);
  };
  if (anchor.size() == kAnchorBytes) {
    add_all(anchor, "", kHere);
    add_all("", anchor, kBehind);
    return;
  }
  add(anchor, kHere);
  if (anchor.size() > 4)
    add(anchor.substr(1), kBefore);
  else
    add_all(anchor.substr(1), "", kBefore);
}

std::size_t SecretRules::next_candidate(std::string_view text, std::size_t from) const {
  const std::size_t size = text.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::uint8_t* table = places_.data();
  const auto at_place = [&](std::size_t at) -> unsigned {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes + at, sizeof value);
    return table[slot_of_four(value)];
  };
  const auto begins = [&](std::size_t at) { return at >= from && !anchors_at(text.data() + at).empty(); };
  // The first place from which `from` may be found.
  std::size_t at = from + (from & 1U);
  if (at > from && at >= 2) at -= 2;
  for (; at + 12 <= size; at += 8) {
    // Four places without a branch between them.
    if ((at_place(at) | at_place(at + 2) | at_place(at + 4) | at_place(at + 6)) == 0) continue;
    for (std::size_t i = at; i < at + 8; i += 2) {
      const unsigned where = at_place(i);
      if (where == 0) continue;
      if ((where & kBefore) != 0 && i > 0 && begins(i - 1)) return i - 1;
      if ((where & kHere) != 0 && begins(i)) return i;
      if ((where & kBehind) != 0 && begins(i + 1)) return i + 1;
    }
  }
  for (at = std::max(from, at == 0 ? 0 : at - 1); at + kAnchorBytes <= size; ++at)
    if (!anchors_at(text.data() + at).empty()) return at;
  return size;
}

const std::vector<SecretRules::Anchor>& SecretRules::anchors_at(const char* three_bytes) const {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, three_bytes, kAnchorBytes);
  return buckets_[table_[slot(bytes)]];
}

}  // namespace skein::text
