#include "app/toml_entries.h"

#include <algorithm>
#include <sstream>

#include "text/toml.h"
#include "text/toml_letters.h"

namespace skein::app {
namespace {

constexpr std::size_t kMostBytes = 1'000'000;
constexpr int kDeepest = 32;

engine::Json json_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return engine::Json(text::unshielded(text->get()));
  if (const auto* number = node.as_integer()) return engine::Json(number->get());
  if (const auto* real = node.as_floating_point()) return engine::Json(real->get());
  if (const auto* truth = node.as_boolean()) return engine::Json(truth->get());
  if (const auto* array = node.as_array()) {
    engine::Json json = engine::Json::array();
    for (const toml::node& item : *array) json.push_back(json_of(item));
    return json;
  }
  if (const auto* table = node.as_table()) {
    engine::Json json = engine::Json::object();
    for (const auto& [key, item] : *table) json[text::unshielded(key.str())] = json_of(item);
    return json;
  }
  std::ostringstream date;
  if (const auto* day = node.as_date()) date << day->get();
  if (const auto* time = node.as_time()) date << time->get();
  if (const auto* both = node.as_date_time()) date << both->get();
  return engine::Json(date.str());
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlEntry>& entries) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + text::unshielded(name.str());
    if (const toml::table* inner = node.as_table()) {
      if (inner->empty() && prefix.empty()) {
        // An empty section is no setting, but its name must be a known one.
        entries.push_back({key, engine::Json(), static_cast<int>(name.source().begin.line)});
      }
      flatten(*inner, key + ".", entries);
    } else {
      entries.push_back({key, json_of(node), static_cast<int>(name.source().begin.line)});
    }
  }
}

/// The library recurses into brackets: their depth is bounded first. Brackets in texts count too, which only makes
/// this stricter.
bool too_deep(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '\n' && depth < 0) depth = 0;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kDeepest) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<TomlEntry>> parse_toml(std::string_view text, std::string_view file) {
  if (text.size() > kMostBytes) return fail(Code::invalid_argument, "{} is over 1 MB: this is no settings file", file);
  if (too_deep(text)) return fail(Code::invalid_argument, "{} nests values over {} levels", file, kDeepest);
  std::vector<TomlEntry> entries;
  try {
    flatten(toml::parse(text::shielded(text), file), "", entries);
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        Error(Code::invalid_argument, fmt::format("this is not TOML: {}", text::unshielded(error.description())))
            .with(fmt::format("{}:{}:{}", file, error.source().begin.line, error.source().begin.column))
            .or_do("mend that line; docs/configuration.md shows every key"));
  }
  std::ranges::stable_sort(entries, {}, &TomlEntry::line);
  return entries;
}

}  // namespace skein::app
