#include "repo/toml_document.h"

#include <sstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "text/toml.h"

namespace skein::repo {
namespace {

using nlohmann::json;

// toml++ refuses documents nested deeper than its limit (256), so this recursion is bounded.
json converted(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    json object = json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = converted(value);
    return object;
  }
  if (const auto* array = node.as_array()) {
    json list = json::array();
    for (const auto& value : *array) list.push_back(converted(value));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  std::ostringstream out;
  if (const auto* date = node.as_date()) out << date->get();
  if (const auto* time = node.as_time()) out << time->get();
  if (const auto* moment = node.as_date_time()) out << moment->get();
  return out.str();
}

}  // namespace

Result<json> parse_toml(std::string_view text) {
  const auto document = text::parse_toml(text);
  if (!document) return fail(Code::invalid_argument, "line {}: {}", document.error().line, document.error().reason);
  return converted(*document);
}

}  // namespace skein::repo
