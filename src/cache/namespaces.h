// Namespaces: what is remembered, sorted by who makes it, with how it is kept. They are data (data/cache).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein::cache {

enum class Tier : std::uint8_t { memory, disk, shared };
[[nodiscard]] std::string_view to_string(Tier tier);

struct Namespace {
  std::string name;
  std::string key;                  ///< The pattern of its keys, for people.
  std::vector<std::string> agents;  ///< Names of agents whose results it holds; "x.*" and "*" are patterns.
  Tier tier = Tier::disk;
  std::optional<Micros> ttl;         ///< Of what is not keyed by content.
  std::optional<Micros> memory_ttl;  ///< Of copies in memory.
  bool compressed = true;
  std::int64_t schema = 1;
  std::string doc;
};

/// Errors: `invalid_argument` with the line or the namespace's name.
[[nodiscard]] Result<std::vector<Namespace>> parse_namespaces(std::string_view toml);
/// Those that skein brings along.
[[nodiscard]] const std::vector<Namespace>& builtin_namespaces();
/// The first with a pattern that fits `agent`, with or without "@version"; null where none does.
[[nodiscard]] const Namespace* namespace_of(const std::vector<Namespace>& all, std::string_view agent);

}  // namespace skein::cache
