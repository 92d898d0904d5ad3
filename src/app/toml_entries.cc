#include "app/toml_entries.h"

#include <algorithm>

#include "engine/toml_json.h"
#include "text/toml.h"

namespace skein::app {
namespace {

constexpr std::size_t kMostBytes = 1'000'000;
constexpr int kDeepest = 32;

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
      entries.push_back({key, engine::json_of_toml(node), static_cast<int>(name.source().begin.line)});
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
  const auto document = text::parse_toml(text);
  if (!document) {
    const text::TomlFault& fault = document.error();
    return std::unexpected(Error(Code::invalid_argument, fmt::format("this is not TOML: {}", fault.reason))
                               .with(fmt::format("{}:{}:{}", file, fault.line, fault.column))
                               .or_do("mend that line; docs/configuration.md shows every key"));
  }
  flatten(*document, "", entries);
  std::ranges::stable_sort(entries, {}, &TomlEntry::line);
  return entries;
}

}  // namespace skein::app
