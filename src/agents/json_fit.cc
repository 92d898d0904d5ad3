#include "agents/json_fit.h"

#include <algorithm>

namespace skein::agents {
namespace {

using engine::Json;

constexpr int kDeepest = 64;

const Json* member(const Json& schema, const char* key) {
  const auto found = schema.find(key);
  return found == schema.end() ? nullptr : &*found;
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

std::string at(const std::string& place, std::string_view what) {
  return fmt::format("{}: {}", place.empty() ? "/" : place, what);
}

std::string type_misfit(const Json& type, const Json& value, const std::string& place) {
  if (type.is_string() && !is_of_type(value, type.get<std::string>()))
    return at(place, fmt::format("is to be of type {}", type.get<std::string>()));
  if (type.is_array() && std::ranges::none_of(type, [&](const Json& one) {
        return one.is_string() && is_of_type(value, one.get<std::string>());
      }))
    return at(place, fmt::format("is to be of one of the types {}", type.dump()));
  return {};
}

std::string misfit_at(const Json& schema, const Json& value, const std::string& place, int depth);

std::string object_misfit(const Json& schema, const Json& value, const std::string& place, int depth) {
  static const Json kNone = Json::object();
  if (const Json* required = member(schema, "required"); required != nullptr && required->is_array())
    for (const Json& name : *required)
      if (name.is_string() && !value.contains(name.get<std::string>()))
        return at(place, fmt::format("\"{}\" is needed", name.get<std::string>()));
  const Json* properties = member(schema, "properties");
  if (properties == nullptr || !properties->is_object()) properties = &kNone;
  const Json* more = member(schema, "additionalProperties");
  for (const auto& [name, child] : value.items()) {
    const auto known = properties->find(name);
    if (known != properties->end()) {
      if (auto wrong = misfit_at(*known, child, place + "/" + name, depth + 1); !wrong.empty()) return wrong;
    } else if (more != nullptr && more->is_boolean() && !more->get<bool>()) {
      return at(place, fmt::format("there is no \"{}\"", name));
    }
  }
  return {};
}

std::string size_misfit(const Json& schema, const Json& value, const std::string& place) {
  const auto bound = [&](const char* key) -> const Json* {
    const Json* found = member(schema, key);
    return found != nullptr && found->is_number() ? found : nullptr;
  };
  if (value.is_number()) {
    if (const Json* least = bound("minimum"); least != nullptr && value.get<double>() < least->get<double>())
      return at(place, "is to be at least " + least->dump());
    if (const Json* most = bound("maximum"); most != nullptr && value.get<double>() > most->get<double>())
      return at(place, "is to be at most " + most->dump());
  }
  const auto is_shorter = [&](const char* key, std::size_t size) {
    const Json* least = bound(key);
    return least != nullptr && static_cast<double>(size) < least->get<double>();
  };
  if (value.is_string() && is_shorter("minLength", value.get_ref<const std::string&>().size()))
    return at(place, "is too short");
  if (value.is_array() && is_shorter("minItems", value.size())) return at(place, "has too few items");
  return {};
}

std::string misfit_at(const Json& schema, const Json& value, const std::string& place, int depth) {
  if (!schema.is_object() || depth > kDeepest) return {};
  if (const Json* type = member(schema, "type"))
    if (auto wrong = type_misfit(*type, value, place); !wrong.empty()) return wrong;
  if (const Json* all = member(schema, "enum"); all != nullptr && all->is_array())
    if (std::ranges::find(*all, value) == all->end()) return at(place, "is to be one of " + all->dump());
  if (auto wrong = size_misfit(schema, value, place); !wrong.empty()) return wrong;
  if (value.is_object()) return object_misfit(schema, value, place, depth);
  if (const Json* items = member(schema, "items"); items != nullptr && value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      if (auto wrong = misfit_at(*items, value[i], fmt::format("{}/{}", place, i), depth + 1); !wrong.empty())
        return wrong;
  return {};
}

}  // namespace

std::string misfit(const Json& schema, const Json& value) { return misfit_at(schema, value, {}, 0); }

}  // namespace skein::agents
