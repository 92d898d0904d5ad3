#include "app/toml_entries.h"

#include <algorithm>
#include <sstream>

// toml++ 3.3 asserts that "[" is followed by a key before it looks whether it is: "[=]" would end the program. Without
// the assertion its own error follows. Another file includes the library with other settings: the functions of the two
// would be taken for each other by the linker, so this one's have a namespace of their own.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include "text/toml.h"

namespace skein::app {
namespace {

constexpr std::size_t kMostBytes = 1'000'000;
constexpr int kDeepest = 32;

engine::Json json_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return engine::Json(text->get());
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
    for (const auto& [key, item] : *table) json[std::string(key.str())] = json_of(item);
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
    const std::string key = prefix + std::string(name.str());
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
    flatten(toml::parse(text, file), "", entries);
  } catch (const toml::parse_error& error) {
    return std::unexpected(Error(Code::invalid_argument, fmt::format("this is not TOML: {}", error.description()))
                               .with(fmt::format("{}:{}:{}", file, error.source().begin.line, error.source().begin.column))
                               .or_do("mend that line; docs/configuration.md shows every key"));
  }
  std::ranges::stable_sort(entries, {}, &TomlEntry::line);
  return entries;
}

}  // namespace skein::app
