#include "engine/schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "text/nearest.h"
#include "text/quantity.h"

namespace skein::engine {
namespace {

constexpr int kDeepestJson = 200;

std::string at(const JsonPlace& place) {
  const std::string text = place.text();
  return text.empty() ? "the input" : text;
}

/// A value as it can stand in an error: short, on one line.
std::string shown(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

void put_range(Json& schema, const Traits& traits) {
  if (traits.min)
    schema["minimum"] = *traits.min == std::floor(*traits.min) ? Json(std::llround(*traits.min)) : Json(*traits.min);
  if (traits.max)
    schema["maximum"] = *traits.max == std::floor(*traits.max) ? Json(std::llround(*traits.max)) : Json(*traits.max);
}

Json schema_of(const TypeSpec& type, bool closed) {
  Json schema = Json::object();
  switch (type.kind) {
    case Kind::any:
      break;
    case Kind::boolean:
      schema["type"] = "boolean";
      break;
    case Kind::integer:
      schema["type"] = "integer";
      if (!type.unit.empty()) schema["x-unit"] = type.unit;
      break;
    case Kind::number:
      schema["type"] = "number";
      break;
    case Kind::text:
      schema["type"] = "string";
      break;
    case Kind::bytes:
    case Kind::duration:
      // Input may be written as people write it; output is always a number.
      schema["type"] = closed ? Json::array({"integer", "string"}) : Json("integer");
      schema["minimum"] = 0;
      schema["x-unit"] = type.unit;
      break;
    case Kind::choice: {
      Json names = Json::array();
      for (const auto& choice : type.choices) names.push_back(choice.name);
      schema["enum"] = std::move(names);
      break;
    }
    case Kind::list:
      schema["type"] = "array";
      schema["items"] = schema_of(type.item.front(), closed);
      break;
    case Kind::map:
      schema["type"] = "object";
      schema["additionalProperties"] = schema_of(type.item.front(), closed);
      break;
    case Kind::object: {
      schema["type"] = "object";
      Json properties = Json::object();
      Json required = Json::array();
      for (const FieldSpec& field : type.fields) {
        Json property = schema_of(field.type, closed);
        property["description"] = field.doc;
        put_range(property, field.traits);
        if (closed && !field.default_value.is_null()) property["default"] = field.default_value;
        // An output always has its fields, but for optional ones.
        if (closed ? field.traits.required : !field.type.optional) required.push_back(field.name);
        properties[std::string(field.name)] = std::move(property);
      }
      schema["properties"] = std::move(properties);
      if (!required.empty()) schema["required"] = std::move(required);
      if (closed) schema["additionalProperties"] = false;
      break;
    }
  }
  return schema;
}

}  // namespace

std::string JsonPlace::text() const {
  std::string text = parent != nullptr ? parent->text() : std::string();
  if (!name.empty()) {
    if (!text.empty()) text += '.';
    text += name;
  } else if (parent != nullptr) {
    text += fmt::format("[{}]", index);
  }
  return text;
}

Json json_schema(const TypeSpec& type, std::string_view id, bool closed) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", id}};
  schema.update(schema_of(type, closed));
  return schema;
}

Result<Json> json_of_text(const TypeSpec& type, std::string_view text) {
  const auto number = [&]<class N>(N value, std::string_view expected) -> Result<Json> {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
      return fail(Code::invalid_argument, "\"{}\" is not {}", text, expected);
    return Json(value);
  };
  switch (type.kind) {
    case Kind::boolean:
      for (const std::string_view yes : {"true", "1", "yes", "on"})
        if (text == yes) return Json(true);
      for (const std::string_view no : {"false", "0", "no", "off"})
        if (text == no) return Json(false);
      return fail(Code::invalid_argument, "\"{}\" is not true or false", text);
    case Kind::integer:
      return number(std::int64_t{}, "a whole number");
    case Kind::number:
      return number(double{}, "a number");
    case Kind::text:
    case Kind::choice:
      return Json(text);
    case Kind::bytes: {
      SKEIN_TRY(const Bytes bytes, text::parse_bytes(text));
      return Json(bytes.value);
    }
    case Kind::duration: {
      if (auto checked = text::parse_duration(text); !checked) return std::unexpected(std::move(checked).error());
      return Json(text);
    }
    case Kind::list: {
      Json list = Json::array();
      while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(','));
        SKEIN_TRY(Json item, json_of_text(type.item.front(), word));
        list.push_back(std::move(item));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
      }
      return list;
    }
    case Kind::any:
    case Kind::map:
    case Kind::object:
      return parse_json(text);
  }
  return fail(Code::internal, "no such kind");
}

std::string value_name_of(const FieldSpec& field) {
  if (!field.traits.value_name.empty()) return std::string(field.traits.value_name);
  const TypeSpec& type = field.type.kind == Kind::list ? field.type.item.front() : field.type;
  switch (type.kind) {
    case Kind::boolean:
      return "true|false";
    case Kind::integer:
    case Kind::number:
      return "N";
    case Kind::bytes:
      return "SIZE";
    case Kind::duration:
      return "DURATION";
    case Kind::choice: {
      std::string names;
      for (const auto& choice : type.choices) {
        if (!names.empty()) names += '|';
        names += choice.name;
      }
      return names;
    }
    case Kind::text:
      return field.traits.is_path ? "PATH" : "TEXT";
    case Kind::any:
    case Kind::list:
    case Kind::map:
    case Kind::object:
      return "JSON";
  }
  return "TEXT";
}

Result<Json> parse_json(std::string_view text) {
  // The parser recurses into a tree whose destructor recurses too: depth is bounded before anything is built.
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepestJson)
        return fail(Code::invalid_argument, "the JSON is nested over {} levels", kDeepestJson);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Code::invalid_argument, "this is not JSON");
  return json;
}

namespace detail {

std::unexpected<Error> wrong_type(const JsonPlace& place, std::string_view expected, const Json& got) {
  return fail(Code::invalid_argument, "{} must be {}, not {}", at(place), expected, shown(got));
}

std::unexpected<Error> missing_field(const JsonPlace& place, std::string_view name) {
  const JsonPlace field{&place, name, 0};
  return fail(Code::invalid_argument, "{} is missing", field.text());
}

std::unexpected<Error> wrong_choice(const JsonPlace& place, std::string_view got, std::span<const std::string> names) {
  return fail(Code::invalid_argument, "{} must be one of {}, not \"{}\"{}", at(place), fmt::join(names, ", "), got,
              text::did_you_mean(got, names));
}

Status check_fields(const Json& object, const JsonPlace& place, std::span<const std::string> known) {
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const std::string inside = place.text();
    return fail(Code::invalid_argument, "there is no field \"{}\"{}{}", key, inside.empty() ? "" : " in " + inside,
                text::did_you_mean(key, known));
  }
  return {};
}

Status check_range(const JsonPlace& place, double value, const Traits& traits, std::string_view unit) {
  const std::string_view space = unit.empty() ? "" : " ";
  if (traits.min && value < *traits.min)
    return fail(Code::invalid_argument, "{} must be at least {}{}{}, not {}", at(place), *traits.min, space, unit,
                value);
  if (traits.max && value > *traits.max)
    return fail(Code::invalid_argument, "{} must be at most {}{}{}, not {}", at(place), *traits.max, space, unit,
                value);
  return {};
}

Result<std::int64_t> read_integer(const Json& json, const JsonPlace& place, std::int64_t lowest,
                                  std::uint64_t highest) {
  if (!json.is_number_integer()) return wrong_type(place, "a whole number", json);
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (number > highest) return fail(Code::invalid_argument, "{} is too large: {}", at(place), number);
    return static_cast<std::int64_t>(number);  // The caller's type gives it its sign back.
  }
  const auto number = json.get<std::int64_t>();
  if (number < lowest) return fail(Code::invalid_argument, "{} is too small: {}", at(place), number);
  if (number > 0 && static_cast<std::uint64_t>(number) > highest)
    return fail(Code::invalid_argument, "{} is too large: {}", at(place), number);
  return number;
}

Result<std::int64_t> read_bytes(const Json& json, const JsonPlace& place) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_string()) return read_integer(json, place, 0, kMost);
  auto bytes = text::parse_bytes(json.get_ref<const std::string&>());
  if (!bytes) return fail(Code::invalid_argument, "{}: {}", at(place), bytes.error().message());
  return bytes->value;
}

Result<std::int64_t> read_duration(const Json& json, const JsonPlace& place, double unit_us) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_string()) return read_integer(json, place, 0, kMost);
  auto duration = text::parse_duration(json.get_ref<const std::string&>());
  if (!duration) return fail(Code::invalid_argument, "{}: {}", at(place), duration.error().message());
  return std::llround(static_cast<double>(duration->count()) / unit_us);
}

}  // namespace detail
}  // namespace skein::engine
