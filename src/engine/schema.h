// One `describe` per type, and everything else follows from it: reading JSON, writing JSON, JSON Schema, flags, help.
//
//   struct DocsInput {
//     std::string dir = ".";
//     std::optional<Bytes> limit;
//     template <class V>
//     static void describe(V& v) {
//       v.field("dir", &DocsInput::dir, "The folder to document.", {.positional = true});
//       v.field("limit", &DocsInput::limit, "Leave out larger files.", {.value_name = "SIZE"});
//     }
//   };
//
// Members may be bool, integers, double, std::string, Bytes and other amounts, durations, Digest, enums (with
// `choices_of`, below), Json, described structs, and optional, vector and map of these. A type may not contain itself.
// The default of a field is the value that its member has in a new object.
#pragma once

#include <chrono>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/result.h"
#include "base/units.h"

namespace skein::engine {

/// Objects keep the order in which their fields are described.
using Json = nlohmann::ordered_json;

/// One value of an enum: `std::span<const Choice<Shell>> choices_of(Shell)`, found in the enum's namespace.
template <class E>
struct Choice {
  E value;
  std::string_view name;
  std::string_view doc = {};
};

/// What a description says of a field beyond its name, member and doc.
struct Traits {
  bool required = false;             ///< Refused where it is absent.
  bool positional = false;           ///< On the command line without a flag, in the order of description.
  char short_name = 0;               ///< -x on the command line.
  std::string_view value_name = {};  ///< In help: "DIR". Empty: made from the type.
  std::optional<double> min = {};    ///< Of a number, in the type's unit; inclusive.
  std::optional<double> max = {};
  bool optional_value = false;     ///< Of a text: the flag may stand alone and then means "".
  bool is_path = false;            ///< Completed as a path.
  bool selects_workspace = false;  ///< This folder, where given, is the workspace to work on.
  bool needs_trust = false;        ///< A setting that a repository may set only with the user's trust.
};

enum class Kind { any, boolean, integer, number, text, bytes, duration, choice, list, map, object };

struct FieldSpec;

/// A type as data.
struct TypeSpec {
  Kind kind = Kind::any;
  bool optional = false;             ///< May be absent or null.
  std::string_view unit = {};        ///< "bytes", "ms", "tokens" …: what an integer counts.
  std::vector<Choice<int>> choices;  ///< Of a choice; the numbers mean nothing.
  std::vector<TypeSpec> item;        ///< One, of a list or map.
  std::vector<FieldSpec> fields;     ///< Of an object.
};

struct FieldSpec {
  std::string_view name;
  std::string_view doc;
  TypeSpec type;
  Traits traits;
  Json default_value;  ///< Null where the field is required or has none.
};

/// JSON Schema (draft 2020-12) of a type. `id` names it ("skein.docs.input/1"); `closed`: unknown fields are refused.
[[nodiscard]] Json json_schema(const TypeSpec& type, std::string_view id, bool closed);

/// The value that a word of the command line or of an environment variable means for this type: lists are separated by
/// commas. Errors: `invalid_argument`, naming what was expected.
[[nodiscard]] Result<Json> json_of_text(const TypeSpec& type, std::string_view text);

/// What help calls a value of this type: "N", "SIZE", "DURATION", "a|b|c", "TEXT".
[[nodiscard]] std::string value_name_of(const FieldSpec& field);

/// A text as a JSON document. Errors: `invalid_argument`. Nesting over 200 levels is refused.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

// ---- Below: how a description is put to its uses.

/// Where a value stands in its document, for errors: "docs.exclude[2]".
struct JsonPlace {
  const JsonPlace* parent = nullptr;
  std::string_view name = {};
  std::size_t index = 0;
  [[nodiscard]] std::string text() const;
};

namespace detail {

std::unexpected<Error> wrong_type(const JsonPlace& place, std::string_view expected, const Json& got);
std::unexpected<Error> missing_field(const JsonPlace& place, std::string_view name);
std::unexpected<Error> wrong_choice(const JsonPlace& place, std::string_view got, std::span<const std::string> names);
Status check_fields(const Json& object, const JsonPlace& place, std::span<const std::string> known);
Status check_range(const JsonPlace& place, double value, const Traits& traits, std::string_view unit);
Result<std::int64_t> read_integer(const Json& json, const JsonPlace& place, std::int64_t lowest, std::uint64_t highest);
Result<std::int64_t> read_bytes(const Json& json, const JsonPlace& place);
/// In units of `unit_us` microseconds; below 1 for nanoseconds.
Result<std::int64_t> read_duration(const Json& json, const JsonPlace& place, double unit_us);

struct Probe {
  template <class M>
  void field(std::string_view, M, std::string_view, Traits = {}) {}
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool kIsDuration = false;
template <class R, class P>
inline constexpr bool kIsDuration<std::chrono::duration<R, P>> = true;
template <class T>
inline constexpr bool kIsAmount = false;
template <class Tag>
inline constexpr bool kIsAmount<Amount<Tag>> = true;
template <class T>
inline constexpr bool kNeverTrue = false;

}  // namespace detail

template <class T>
concept Described = std::is_class_v<T> && requires(detail::Probe& probe) { T::describe(probe); };
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires { choices_of(T{}); };

/// The name of an enum's value.
template <NamedEnum E>
[[nodiscard]] std::string_view name_of(E value) {
  for (const auto& choice : choices_of(value))
    if (choice.value == value) return choice.name;
  return {};
}

template <class T>
[[nodiscard]] Json write_json(const T& value);
template <class T>
[[nodiscard]] Status read_json(const Json& json, T& out, const JsonPlace& place = {}, const Traits& traits = {});
template <class T>
[[nodiscard]] TypeSpec type_spec();

namespace detail {

template <class T>
struct Writer {
  const T& object;
  Json json = Json::object();
  template <class M>
  void field(std::string_view name, M T::* member, std::string_view, Traits = {}) {
    if constexpr (kIsOptional<M>)
      if (!(object.*member).has_value()) return;
    json.push_back({std::string(name), write_json(object.*member)});
  }
};

template <class T>
struct Reader {
  T& object;
  const Json& json;
  const JsonPlace& place;
  Status status = {};
  std::vector<std::string> known = {};
  template <class M>
  void field(std::string_view name, M T::* member, std::string_view, Traits traits = {}) {
    known.emplace_back(name);
    if (!status) return;
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) {
      if (traits.required) status = missing_field(place, name);
      return;
    }
    status = read_json(*found, object.*member, JsonPlace{&place, name, 0}, traits);
  }
};

template <class T>
struct Specs {
  std::vector<FieldSpec>& fields;
  const T defaults{};
  template <class M>
  void field(std::string_view name, M T::* member, std::string_view doc, Traits traits = {}) {
    Json value;
    if (!traits.required) value = write_json(defaults.*member);
    fields.push_back({name, doc, type_spec<M>(), traits, std::move(value)});
  }
};

template <class Period>
constexpr std::string_view duration_unit() {
  if (std::ratio_equal_v<Period, std::nano>) return "ns";
  if (std::ratio_equal_v<Period, std::micro>) return "us";
  if (std::ratio_equal_v<Period, std::milli>) return "ms";
  if (std::ratio_equal_v<Period, std::ratio<60>>) return "min";
  if (std::ratio_equal_v<Period, std::ratio<3600>>) return "h";
  if (std::ratio_equal_v<Period, std::ratio<86400>>) return "d";
  return "s";
}

template <class T>
constexpr std::string_view amount_unit() {
  if (std::same_as<T, Bytes>) return "bytes";
  if (std::same_as<T, Tokens>) return "tokens";
  return "micro-dollars";
}

}  // namespace detail

template <class T>
Json write_json(const T& value) {
  if constexpr (std::same_as<T, Json> || std::same_as<T, bool> || std::is_arithmetic_v<T>) {
    return value;
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view>) {
    return Json(value);
  } else if constexpr (std::same_as<T, Digest>) {
    return Json(value.hex());
  } else if constexpr (detail::kIsAmount<T>) {
    return Json(value.value);
  } else if constexpr (detail::kIsDuration<T>) {
    return Json(value.count());
  } else if constexpr (NamedEnum<T>) {
    return Json(name_of(value));
  } else if constexpr (detail::kIsOptional<T>) {
    return value ? write_json(*value) : Json();
  } else if constexpr (detail::kIsVector<T>) {
    Json json = Json::array();
    for (const auto& item : value) json.push_back(write_json<typename T::value_type>(item));
    return json;
  } else if constexpr (detail::kIsMap<T>) {
    Json json = Json::object();
    for (const auto& [key, item] : value) json[key] = write_json(item);
    return json;
  } else if constexpr (Described<T>) {
    detail::Writer<T> writer{value};
    T::describe(writer);
    return std::move(writer.json);
  } else {
    static_assert(detail::kNeverTrue<T>, "this type has no description");
  }
}

/// Fills `out` from `json`; absent fields keep what they have. Errors: `invalid_argument`, naming the place: a wrong
/// type, a value out of range, a missing required field, an unknown field (with the nearest name).
template <class T>
Status read_json(const Json& json, T& out, const JsonPlace& place, const Traits& traits) {
  if constexpr (std::same_as<T, Json>) {
    out = json;
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) return detail::wrong_type(place, "true or false", json);
    out = json.template get<bool>();
  } else if constexpr (std::integral<T>) {
    SKEIN_TRY(const std::int64_t number,
              detail::read_integer(json, place, static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                                   static_cast<std::uint64_t>(std::numeric_limits<T>::max())));
    out = static_cast<T>(number);
    SKEIN_DO(detail::check_range(place, static_cast<double>(out), traits, ""));
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number()) return detail::wrong_type(place, "a number", json);
    out = json.template get<T>();
    SKEIN_DO(detail::check_range(place, static_cast<double>(out), traits, ""));
  } else if constexpr (std::same_as<T, std::string>) {
    if (!json.is_string()) return detail::wrong_type(place, "a text", json);
    out = json.template get_ref<const std::string&>();
  } else if constexpr (std::same_as<T, Digest>) {
    const auto digest = json.is_string() ? Digest::parse(json.template get_ref<const std::string&>()) : std::nullopt;
    if (!digest) return detail::wrong_type(place, "a digest of 64 hexadecimal digits", json);
    out = *digest;
  } else if constexpr (std::same_as<T, Bytes>) {
    SKEIN_TRY(out.value, detail::read_bytes(json, place));
    SKEIN_DO(detail::check_range(place, static_cast<double>(out.value), traits, "bytes"));
  } else if constexpr (detail::kIsAmount<T>) {
    SKEIN_TRY(out.value, detail::read_integer(json, place, 0,
                                              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
    SKEIN_DO(detail::check_range(place, static_cast<double>(out.value), traits, detail::amount_unit<T>()));
  } else if constexpr (detail::kIsDuration<T>) {
    using Period = typename T::period;
    SKEIN_TRY(
        const std::int64_t count,
        detail::read_duration(json, place, 1e6 * static_cast<double>(Period::num) / static_cast<double>(Period::den)));
    out = T(static_cast<typename T::rep>(count));
    SKEIN_DO(detail::check_range(place, static_cast<double>(count), traits, detail::duration_unit<Period>()));
  } else if constexpr (NamedEnum<T>) {
    if (!json.is_string()) return detail::wrong_type(place, "a text", json);
    std::vector<std::string> names;
    for (const auto& choice : choices_of(T{})) {
      if (choice.name == json.template get_ref<const std::string&>()) {
        out = choice.value;
        return {};
      }
      names.emplace_back(choice.name);
    }
    return detail::wrong_choice(place, json.template get_ref<const std::string&>(), names);
  } else if constexpr (detail::kIsOptional<T>) {
    if (json.is_null()) {
      out.reset();
      return {};
    }
    typename T::value_type value{};
    SKEIN_DO(read_json(json, value, place, traits));
    out = std::move(value);
  } else if constexpr (detail::kIsVector<T>) {
    if (!json.is_array()) return detail::wrong_type(place, "a list", json);
    T list;
    list.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
      typename T::value_type value{};
      SKEIN_DO(read_json(json[i], value, JsonPlace{&place, {}, i}, traits));
      list.push_back(std::move(value));
    }
    out = std::move(list);
  } else if constexpr (detail::kIsMap<T>) {
    if (!json.is_object()) return detail::wrong_type(place, "an object", json);
    T map;
    for (const auto& [key, item] : json.items()) SKEIN_DO(read_json(item, map[key], JsonPlace{&place, key, 0}, traits));
    out = std::move(map);
  } else if constexpr (Described<T>) {
    if (!json.is_object()) return detail::wrong_type(place, "an object", json);
    detail::Reader<T> reader{out, json, place};
    T::describe(reader);
    SKEIN_DO(detail::check_fields(json, place, reader.known));
    return std::move(reader.status);
  } else {
    static_assert(detail::kNeverTrue<T>, "this type has no description");
  }
  return {};
}

template <class T>
TypeSpec type_spec() {
  TypeSpec spec;
  if constexpr (std::same_as<T, Json>) {
    spec.kind = Kind::any;
  } else if constexpr (std::same_as<T, bool>) {
    spec.kind = Kind::boolean;
  } else if constexpr (std::integral<T>) {
    spec.kind = Kind::integer;
  } else if constexpr (std::floating_point<T>) {
    spec.kind = Kind::number;
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::string_view> || std::same_as<T, Digest>) {
    spec.kind = Kind::text;
  } else if constexpr (detail::kIsAmount<T>) {
    spec.kind = std::same_as<T, Bytes> ? Kind::bytes : Kind::integer;
    spec.unit = detail::amount_unit<T>();
  } else if constexpr (detail::kIsDuration<T>) {
    spec.kind = Kind::duration;
    spec.unit = detail::duration_unit<typename T::period>();
  } else if constexpr (NamedEnum<T>) {
    spec.kind = Kind::choice;
    for (const auto& choice : choices_of(T{})) spec.choices.push_back({0, choice.name, choice.doc});
  } else if constexpr (detail::kIsOptional<T>) {
    spec = type_spec<typename T::value_type>();
    spec.optional = true;
  } else if constexpr (detail::kIsVector<T>) {
    spec.kind = Kind::list;
    spec.item.push_back(type_spec<typename T::value_type>());
  } else if constexpr (detail::kIsMap<T>) {
    spec.kind = Kind::map;
    spec.item.push_back(type_spec<typename T::mapped_type>());
  } else if constexpr (Described<T>) {
    spec.kind = Kind::object;
    detail::Specs<T> specs{spec.fields};
    T::describe(specs);
  } else {
    static_assert(detail::kNeverTrue<T>, "this type has no description");
  }
  return spec;
}

}  // namespace skein::engine
