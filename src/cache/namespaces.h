// Namespaces: what is remembered, sorted by who makes it, with how it is kept. They are data: those of skein and its
// products are the files of data/cache; people change or add some in their settings.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace skein::cache {

/// The farthest place to which values go, where there is one.
enum class Tier : std::uint8_t { memory, disk, shared };
[[nodiscard]] std::string_view to_string(Tier tier);

struct Namespace {
  std::string name;
  std::string key;                  ///< The pattern of its keys, for people.
  std::vector<std::string> agents;  ///< Names of agents whose results it holds; "x.*" and "*" are patterns.
  Tier tier = Tier::shared;
  std::optional<Micros> ttl;         ///< Results are not used after it; none: what is keyed by content never ages.
  std::optional<Micros> memory_ttl;  ///< Of copies in memory.
  bool compressed = true;            ///< False: outputs lie as they are until they are old.
  double share = 1;                  ///< The part of the disk's limit that it may take.
  std::int64_t schema = 1;           ///< Of what is stored; goes with its agents' result versions.
  std::string doc;
  std::string origin = "default";              ///< Where the namespace came from.
  std::map<std::string, std::string> changed;  ///< By field: where a value that is not its origin's came from.
};

/// A value of a settings file.
using NamespaceValue = std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;
struct NamespaceSetting {
  std::string name;
  std::string field;
  NamespaceValue value;
  std::string place;  ///< "skein.toml:7".
};

/// Errors: `invalid_argument` with the line or the namespace's name.
[[nodiscard]] Result<std::vector<Namespace>> parse_namespaces(std::string_view toml);
/// Those of skein and its products: all files of data/cache.
[[nodiscard]] const std::vector<Namespace>& builtin_namespaces();
/// `base` as the settings want it, later ones win; a name that is not there is a new namespace, and must say `agents`.
/// Errors: `invalid_argument` with the setting's place.
[[nodiscard]] Result<std::vector<Namespace>> with_settings(std::vector<Namespace> base,
                                                           const std::vector<NamespaceSetting>& settings);
/// The one with the closest pattern for `agent`, with or without "@version": its whole name before the longest
/// beginning; of equal ones the first. Null where none fits.
[[nodiscard]] const Namespace* namespace_of(const std::vector<Namespace>& all, std::string_view agent);

}  // namespace skein::cache
