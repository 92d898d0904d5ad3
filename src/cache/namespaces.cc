#include "cache/namespaces.h"

#include <algorithm>

#include "base/check.h"
#include "base/embedded.h"
#include "text/quantity.h"
#include "text/toml.h"

namespace skein::cache {
namespace data {
std::span<const EmbeddedFile> files();
}

namespace {

Result<Tier> parse_tier(std::string_view name) {
  for (const auto tier : {Tier::memory, Tier::disk, Tier::shared})
    if (to_string(tier) == name) return tier;
  return fail(Code::invalid_argument, "no tier '{}'; there are memory, disk and shared", name);
}

Result<Micros> parse_age(const std::string& text) {
  SKEIN_TRY(const auto age, text::parse_duration(text));
  if (age.count() <= 0) return fail(Code::invalid_argument, "an age is longer than nothing, as in \"1h\"");
  return age;
}

/// One field of a namespace, from a file of data or of settings.
Status put_field(Namespace& made, std::string_view field, const NamespaceValue& value) {
  const auto text = [&]() -> Result<std::string> {
    if (const auto* found = std::get_if<std::string>(&value)) return *found;
    return fail(Code::invalid_argument, "{} is a text", field);
  };
  if (field == "tier") {
    SKEIN_TRY(const auto name, text());
    SKEIN_TRY(made.tier, parse_tier(name));
  } else if (field == "ttl" || field == "memory_ttl") {
    SKEIN_TRY(const auto age, text());
    auto& ttl = field == "ttl" ? made.ttl : made.memory_ttl;
    if (age == "never") {
      ttl.reset();
    } else {
      SKEIN_TRY(ttl, parse_age(age));
    }
  } else if (field == "compressed") {
    const auto* truth = std::get_if<bool>(&value);
    if (truth == nullptr) return fail(Code::invalid_argument, "compressed is true or false");
    made.compressed = *truth;
  } else if (field == "share") {
    const auto* real = std::get_if<double>(&value);
    const auto* whole = std::get_if<std::int64_t>(&value);
    made.share = real != nullptr ? *real : whole != nullptr ? static_cast<double>(*whole) : -1;
    if (!(made.share >= 0 && made.share <= 1))
      return fail(Code::invalid_argument, "share is a part of the whole, from 0 to 1");
  } else if (field == "schema") {
    const auto* whole = std::get_if<std::int64_t>(&value);
    if (whole == nullptr || *whole < 1) return fail(Code::invalid_argument, "schema is a number from 1 on");
    made.schema = *whole;
  } else if (field == "agents") {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return fail(Code::invalid_argument, "agents is a list of texts");
    made.agents = *list;
  } else if (field == "key") {
    SKEIN_TRY(made.key, text());
  } else if (field == "doc") {
    SKEIN_TRY(made.doc, text());
  } else {
    return fail(Code::invalid_argument,
                "a namespace has no '{}'; it has agents, tier, ttl, memory_ttl, compressed, share, key and doc", field);
  }
  return {};
}

Result<NamespaceValue> value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return NamespaceValue(text->get());
  if (const auto* truth = node.as_boolean()) return NamespaceValue(truth->get());
  if (const auto* whole = node.as_integer()) return NamespaceValue(whole->get());
  if (const auto* real = node.as_floating_point()) return NamespaceValue(real->get());
  std::vector<std::string> list;
  const auto* array = node.as_array();
  if (array == nullptr) return fail(Code::invalid_argument, "a value of a kind that no field has");
  for (const auto& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) return fail(Code::invalid_argument, "a list that holds more than texts");
    list.push_back(text->get());
  }
  return NamespaceValue(std::move(list));
}

Result<Namespace> parse_one(const toml::table& table) {
  Namespace made;
  made.name = table["name"].value_or(std::string());
  if (made.name.empty()) return fail(Code::invalid_argument, "a namespace has no name");
  for (const auto& [field, node] : table) {
    if (field.str() == "name") continue;
    const auto value = value_of(node);
    auto put = value ? put_field(made, field.str(), *value) : Status(std::unexpected(value.error()));
    if (!put) return pass(std::move(put).error(), "in namespace " + made.name);
  }
  return made;
}

/// How close a pattern is to an agent's name: 0: it does not fit.
std::size_t closeness(std::string_view pattern, std::string_view agent) {
  if (pattern == agent) return std::string_view::npos;
  if (!pattern.ends_with('*') || !agent.starts_with(pattern.substr(0, pattern.size() - 1))) return 0;
  return pattern.size();
}

}  // namespace
std::string_view to_string(Tier tier) {
  switch (tier) {
    case Tier::memory:
      return "memory";
    case Tier::disk:
      return "disk";
    case Tier::shared:
      return "shared";
  }
  return "unknown";
}

Result<std::vector<Namespace>> parse_namespaces(std::string_view text) {
  const auto document = text::parse_toml(text);
  if (!document) return fail(Code::invalid_argument, "line {}: {}", document.error().line, document.error().reason);
  std::vector<Namespace> all;
  const auto* list = (*document)["namespace"].as_array();
  if (list == nullptr) return all;
  for (const auto& one : *list) {
    const auto* table = one.as_table();
    if (table == nullptr) return fail(Code::invalid_argument, "a namespace is not a table");
    SKEIN_TRY(auto made, parse_one(*table));
    if (std::ranges::any_of(all, [&](const auto& other) { return other.name == made.name; }))
      return fail(Code::invalid_argument, "namespace {} is there twice", made.name);
    all.push_back(std::move(made));
  }
  return all;
}

const std::vector<Namespace>& builtin_namespaces() {
  static const std::vector<Namespace> kAll = [] {
    std::vector<Namespace> all;
    for (const auto& file : data::files()) {
      auto some = parse_namespaces(file.bytes);
      SKEIN_CHECK(some.has_value());
      for (auto& one : *some) {
        SKEIN_CHECK(std::ranges::none_of(all, [&](const auto& other) { return other.name == one.name; }));
        all.push_back(std::move(one));
      }
    }
    return all;
  }();
  return kAll;
}

Result<std::vector<Namespace>> with_settings(std::vector<Namespace> base,
                                             const std::vector<NamespaceSetting>& settings) {
  std::map<std::string, std::string> added;  // Name and place of those that are new.
  for (const auto& setting : settings) {
    auto found = std::ranges::find(base, setting.name, &Namespace::name);
    if (found == base.end()) {
      added.emplace(setting.name, setting.place);
      base.emplace_back();
      base.back().name = setting.name;
      base.back().origin = setting.place;
      found = base.end() - 1;
    }
    if (auto put = put_field(*found, setting.field, setting.value); !put)
      return pass(std::move(put).error().with("in namespace " + setting.name), setting.place);
    if (found->origin == "default") found->changed[setting.field] = setting.place;
  }
  for (const auto& [name, place] : added)
    if (std::ranges::find(base, name, &Namespace::name)->agents.empty())
      return std::unexpected(
          Error(Code::invalid_argument, fmt::format("there is no namespace '{}', and a new one must say agents", name))
              .with(place)
              .or_do("`skein cache namespaces` lists them"));
  return base;
}

const Namespace* namespace_of(const std::vector<Namespace>& all, std::string_view agent) {
  agent = agent.substr(0, agent.find('@'));
  const Namespace* best = nullptr;
  std::size_t most = 0;
  for (const auto& one : all)
    for (const auto& pattern : one.agents)
      if (const auto close = closeness(pattern, agent); close > most) {
        best = &one;
        most = close;
      }
  return best;
}

}  // namespace skein::cache
