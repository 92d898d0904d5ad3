#include "text/secret_rules.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>

#include "base/check.h"
#include "base/embedded.h"
#include "text/toml.h"
#include "text/word_search.h"

namespace skein::text_secrets::data {
std::span<const EmbeddedFile> files();  // Made by skein_embed.
}  // namespace skein::text_secrets::data

namespace skein::text {
namespace {

constexpr std::size_t kAnchorBytes = 3;     // Hashed.
constexpr std::size_t kFewBytes = 4 << 10;  // Less than that is looked through without the search.
/// Two bytes and one: a copy of three at once has to wait for itself.
std::uint32_t three_at(const char* bytes) {
  std::uint16_t two = 0;
  std::memcpy(&two, bytes, sizeof two);
  return two | std::uint32_t{static_cast<unsigned char>(bytes[2])} << 16U;
}

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

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

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
  const bool can_be_found = std::ranges::all_of(rule.anchors, [](const std::string& anchor) {
    return anchor.size() >= kAnchorBytes &&
           std::ranges::all_of(anchor, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  });
  if (rule.anchors.empty() || !can_be_found)
    return fail(Code::invalid_argument, "the rule \"{}\" needs anchors of at least {} bytes of ASCII", rule.name,
                kAnchorBytes);
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

struct SecretRules::Search {
  const WordSearch& of(const SecretRules& rules) {
    std::call_once(once, [&] {
      std::vector<WordSearch::Word> words;
      for (const SecretRule& rule : rules.rules())
        for (const std::string& anchor : rule.anchors) words.push_back({anchor, rule.any_case});
      search.emplace(std::move(words));
    });
    return *search;
  }
  std::once_flag once;
  std::optional<WordSearch> search;
};

SecretRules::SecretRules() = default;
SecretRules::~SecretRules() = default;
SecretRules::SecretRules(SecretRules&&) noexcept = default;
SecretRules& SecretRules::operator=(SecretRules&&) noexcept = default;

Result<SecretRules> SecretRules::parse(std::string_view text) {
  SecretRules made;
  made.search_ = std::make_unique<Search>();
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
      made.longest_ = std::max(made.longest_, made.rules_[r].anchors[a].size());
      std::uint8_t& bucket = made.table_[slot(three_at(made.rules_[r].anchors[a].data()))];
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

void SecretRules::candidates(std::string_view text, std::size_t from, std::vector<std::size_t>& places) const {
  places.clear();
  const auto look_at_each = [&](std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; ++at)
      if (!anchors_at(text.data() + at).empty()) places.push_back(at);
  };
  if (text.size() < kAnchorBytes) return;
  const std::size_t end = text.size() - (kAnchorBytes - 1);
  if (end < from + kFewBytes) return look_at_each(from, end);
  std::vector<WordSearch::Hit> hits;
  search_->of(*this).find(text.substr(from), hits);
  // Of anchors that are cut off, the beginning is looked for.
  const std::size_t cut = end - std::min(end - from, longest_);
  for (const WordSearch::Hit& hit : hits)
    if (from + hit.begin < cut) places.push_back(from + hit.begin);
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  look_at_each(cut, end);
}

std::size_t SecretRules::begun(std::string_view text) const {
  for (std::size_t size = std::min(text.size(), kAnchorBytes - 1); size > 0; --size) {
    const std::string_view last = text.substr(text.size() - size);
    for (const SecretRule& rule : rules_)
      for (const std::string& anchor : rule.anchors)
        if (std::ranges::equal(last, std::string_view(anchor).substr(0, size), {},
                               [&](char c) { return rule.any_case ? lower(c) : c; }))
          return size;
  }
  return 0;
}

const std::vector<SecretRules::Anchor>& SecretRules::anchors_at(const char* three_bytes) const {
  return buckets_[table_[slot(three_at(three_bytes))]];
}

}  // namespace skein::text
