#include "engine/toml_json.h"

#include <sstream>

namespace skein::engine {

Json json_of_toml(const toml::node& node) {
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* number = node.as_integer()) return Json(number->get());
  if (const auto* real = node.as_floating_point()) return Json(real->get());
  if (const auto* truth = node.as_boolean()) return Json(truth->get());
  if (const auto* array = node.as_array()) {
    Json json = Json::array();
    for (const toml::node& item : *array) json.push_back(json_of_toml(item));
    return json;
  }
  if (const auto* table = node.as_table()) {
    Json json = Json::object();
    for (const auto& [key, item] : *table) json[std::string(key.str())] = json_of_toml(item);
    return json;
  }
  std::ostringstream date;
  if (const auto* day = node.as_date()) date << day->get();
  if (const auto* time = node.as_time()) date << time->get();
  if (const auto* both = node.as_date_time()) date << both->get();
  return Json(date.str());
}

}  // namespace skein::engine
