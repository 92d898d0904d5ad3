// The table of settings as text for people: a commented skein.toml, and the reference of docs/configuration.md.
#include "app/settings.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {
namespace {

using engine::FieldSpec;
using engine::Json;
using engine::Kind;

/// A size as people write it, so that it is read as the same number again.
std::string exact_bytes(Bytes bytes) {
  const std::string decimal = text::format_bytes(bytes);
  if (text::parse_bytes(decimal) == bytes) return decimal;
  std::int64_t amount = bytes.value;
  std::string_view unit = "B";
  for (const std::string_view larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (amount % 1024 != 0) break;
    amount /= 1024;
    unit = larger;
  }
  return fmt::format("{} {}", amount, unit);
}

/// A value as it is written in TOML; sizes as people write them.
std::string toml_value(const FieldSpec& field, const Json& value) {
  if (field.type.kind == Kind::bytes && value.is_number())
    return fmt::format("\"{}\"", exact_bytes(Bytes{value.get<std::int64_t>()}));
  return value.dump();
}

std::string type_name(const FieldSpec& field) {
  switch (field.type.kind) {
    case Kind::boolean:
      return "`true` or `false`";
    case Kind::integer:
      return "whole number";
    case Kind::number:
      return "number";
    case Kind::text:
      return "text";
    case Kind::bytes:
      return "size (`\"10KB\"` is 10,000 bytes, `\"10KiB\"` 10,240)";
    case Kind::duration:
      return "duration (`\"90s\"`, `\"30m\"`, `\"2h\"`)";
    case Kind::choice: {
      std::string names;
      for (const auto& choice : field.type.choices)
        names += fmt::format("{}`\"{}\"`", names.empty() ? "" : ", ", choice.name);
      return "one of " + names;
    }
    case Kind::list:
      return "list of texts";
    case Kind::any:
    case Kind::map:
    case Kind::object:
      return "table";
  }
  return "";
}

/// A value that can stand in an example: the default, or one of the right type.
std::string example_value(const FieldSpec& field, std::string_view project_name) {
  if (!field.default_value.is_null()) return toml_value(field, field.default_value);
  if (field.name == "name") return Json(project_name).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (field.type.kind == Kind::duration) return "\"30m\"";
  if (field.type.kind == Kind::choice) return fmt::format("\"{}\"", field.type.choices.front().name);
  return "\"\"";
}

std::string range_of(const FieldSpec& field) {
  const auto shown = [&](double value) {
    return field.type.kind == Kind::bytes ? text::format_bytes(Bytes{static_cast<std::int64_t>(value)})
           : field.type.unit.empty()      ? fmt::format("{}", value)
                                          : fmt::format("{} {}", value, field.type.unit);
  };
  if (field.traits.min && field.traits.max)
    return fmt::format(", {} to {}", shown(*field.traits.min), shown(*field.traits.max));
  if (field.traits.min) return fmt::format(", at least {}", shown(*field.traits.min));
  if (field.traits.max) return fmt::format(", at most {}", shown(*field.traits.max));
  return "";
}

}  // namespace

std::string commented_settings(std::string_view project_name) {
  std::string text =
      "# Settings of skein for this project. Every key stands here with its default, commented out.\n"
      "# `skein doctor --config` shows what is in force and where each value came from.\n";
  for (const FieldSpec& section : engine::type_spec<SettingsValues>().fields) {
    text += fmt::format("\n# {}\n[{}]\n", section.doc, section.name);
    for (const FieldSpec& field : section.type.fields) {
      text += text::wrap(field.doc, 98, "# ");
      text += fmt::format("# {} = {}\n", field.name, example_value(field, project_name));
    }
  }
  return text;
}

std::string settings_reference() {
  std::string text;
  for (const FieldSpec& section : engine::type_spec<SettingsValues>().fields) {
    text += fmt::format("## [{}]\n\n{}\n\n", section.name, section.doc);
    for (const FieldSpec& field : section.type.fields) {
      const std::string key = fmt::format("{}.{}", section.name, field.name);
      text += fmt::format("### `{}`\n\n{}\n\n", key, field.doc);
      text += fmt::format("- Type: {}{}\n", type_name(field), range_of(field));
      text +=
          fmt::format("- Default: {}\n",
                      field.default_value.is_null() ? "not set" : "`" + toml_value(field, field.default_value) + "`");
      text += fmt::format("- Variable: `{}`\n", variable_of(key));
      if (field.traits.needs_trust) text += "- In a repository's `skein.toml` it is used only after `skein trust`.\n";
      text += "\n";
    }
  }
  text.pop_back();
  return text;
}

}  // namespace skein::app
