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

Result<std::optional<Micros>> parse_age(const toml::table& table, std::string_view key) {
  const auto text = table[key].value<std::string>();
  if (!text) return std::optional<Micros>();
  SKEIN_TRY(const auto age, text::parse_duration(*text));
  return std::optional(age);
}

Result<Namespace> parse_one(const toml::table& table) {
  Namespace made;
  made.name = table["name"].value_or(std::string());
  if (made.name.empty()) return fail(Code::invalid_argument, "a namespace has no name");
  const auto read = [&]() -> Status {
    SKEIN_TRY(made.tier, parse_tier(table["tier"].value_or(std::string("disk"))));
    SKEIN_TRY(made.ttl, parse_age(table, "ttl"));
    SKEIN_TRY(made.memory_ttl, parse_age(table, "memory_ttl"));
    return {};
  };
  if (auto status = read(); !status) return pass(std::move(status).error(), "in namespace " + made.name);
  made.key = table["key"].value_or(std::string());
  made.compressed = table["compressed"].value_or(true);
  made.schema = table["schema"].value_or(std::int64_t{1});
  made.doc = table["doc"].value_or(std::string());
  if (const auto* agents = table["agents"].as_array())
    for (const auto& agent : *agents)
      if (auto name = agent.value<std::string>()) made.agents.push_back(std::move(*name));
  return made;
}

bool fits(std::string_view pattern, std::string_view agent) {
  if (pattern.ends_with('*')) return agent.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == agent;
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
  try {
    const toml::table document = toml::parse(text);
    std::vector<Namespace> all;
    const auto* list = document["namespace"].as_array();
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
  } catch (const toml::parse_error& error) {
    return fail(Code::invalid_argument, "line {}: {}", error.source().begin.line, error.description());
  }
}

const std::vector<Namespace>& builtin_namespaces() {
  static const std::vector<Namespace> kAll = [] {
    const auto files = data::files();
    SKEIN_CHECK(files.size() == 1);
    auto all = parse_namespaces(files.front().bytes);
    SKEIN_CHECK(all.has_value());
    return std::move(*all);
  }();
  return kAll;
}

const Namespace* namespace_of(const std::vector<Namespace>& all, std::string_view agent) {
  agent = agent.substr(0, agent.find('@'));
  for (const auto& one : all)
    if (std::ranges::any_of(one.agents, [&](const auto& pattern) { return fits(pattern, agent); })) return &one;
  return nullptr;
}

}  // namespace skein::cache
