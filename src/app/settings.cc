#include "app/settings.h"

#include <algorithm>
#include <array>

#include "app/toml_entries.h"
#include "text/nearest.h"

namespace skein::app {
namespace {

using engine::FieldSpec;
using engine::Json;
using engine::Kind;
using engine::TypeSpec;

/// The section's and the key's description, or nothing.
const FieldSpec* find_field(const TypeSpec& table, std::string_view key) {
  const std::size_t dot = key.find('.');
  for (const FieldSpec& section : table.fields) {
    if (section.name != key.substr(0, dot)) continue;
    if (dot == std::string_view::npos) return &section;
    for (const FieldSpec& field : section.type.fields)
      if (field.name == key.substr(dot + 1)) return &field;
  }
  return nullptr;
}

std::vector<std::string> all_keys(const TypeSpec& table) {
  std::vector<std::string> keys;
  for (const FieldSpec& section : table.fields)
    for (const FieldSpec& field : section.type.fields) keys.push_back(fmt::format("{}.{}", section.name, field.name));
  return keys;
}

/// The nearest key; for a right key in a wrong section, that one.
std::string meant(const TypeSpec& table, std::string_view key) {
  const std::vector<std::string> keys = all_keys(table);
  const std::string_view last = key.substr(key.rfind('.') == std::string_view::npos ? 0 : key.rfind('.') + 1);
  for (const std::string& candidate : keys)
    if (std::string_view(candidate).substr(candidate.find('.') + 1) == last)
      return fmt::format(" (did you mean \"{}\"?)", candidate);
  // A key without its section, or the section itself.
  std::vector<std::string> sections;
  for (const FieldSpec& section : table.fields) sections.emplace_back(section.name);
  const std::string whole = text::did_you_mean(key, keys);
  return whole.empty() ? text::did_you_mean(key.substr(0, key.find('.')), sections) : whole;
}

bool leaves_folder(std::string_view path) {
  if (path.starts_with('/') || path.starts_with('~')) return true;
  int depth = 0;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part == "..")
      --depth;
    else if (!part.empty() && part != ".")
      ++depth;
    if (depth < 0) return true;
  }
  return false;
}

bool is_guarded(const FieldSpec& field, const Json& value) {
  if (field.traits.needs_trust) return value != field.default_value;
  return field.traits.is_path && value.is_string() && leaves_folder(value.get_ref<const std::string&>());
}

constexpr std::string_view kNamespaces = "cache.namespaces.";

/// "cache.namespaces.NAME.FIELD" of a settings file.
Result<cache::NamespaceSetting> namespace_setting(const TomlEntry& entry, const std::string& place) {
  const std::string_view rest = std::string_view(entry.key).substr(kNamespaces.size());
  const std::size_t dot = rest.rfind('.');
  const auto bad = [&](std::string_view why) {
    return std::unexpected(Error(Code::invalid_argument, fmt::format("{} {}", entry.key, why))
                               .with(place)
                               .or_do("docs/caching.md shows what a namespace may say"));
  };
  if (dot == std::string_view::npos || dot == 0) return bad("is a table: [cache.namespaces.NAME]");
  cache::NamespaceSetting setting{std::string(rest.substr(0, dot)), std::string(rest.substr(dot + 1)), {}, place};
  if (entry.value.is_string()) {
    setting.value = entry.value.get<std::string>();
  } else if (entry.value.is_boolean()) {
    setting.value = entry.value.get<bool>();
  } else if (entry.value.is_number_integer()) {
    setting.value = entry.value.get<std::int64_t>();
  } else if (entry.value.is_number()) {
    setting.value = entry.value.get<double>();
  } else {
    if (!entry.value.is_array() || !std::ranges::all_of(entry.value, [](const Json& one) { return one.is_string(); }))
      return bad("is a list of texts");
    setting.value = entry.value.get<std::vector<std::string>>();
  }
  return setting;
}

}  // namespace

std::span<const engine::Choice<Source>> choices_of(Source) {
  static constexpr std::array<engine::Choice<Source>, 6> kChoices{{
      {Source::builtin, "default"},
      {Source::user, "user"},
      {Source::workspace, "workspace"},
      {Source::file, "file"},
      {Source::environment, "environment"},
      {Source::flag, "flag"},
  }};
  return kChoices;
}

Status Settings::put(Given given) {
  const std::size_t dot = given.key.find('.');
  Json nested = Json::object();
  nested[given.key.substr(0, dot)][given.key.substr(dot + 1)] = std::move(given.value);
  if (Status status = engine::read_json(nested, values_); !status)
    return std::unexpected(std::move(status)
                               .error()
                               .with(given.origin.place)
                               .or_do("see `skein doctor --config` and docs/configuration.md for what is allowed"));
  origins_[given.key].push_back(std::move(given.origin));
  return {};
}

Result<Settings> Settings::load(const SettingsSources& sources) {
  Settings settings;
  const TypeSpec table = engine::type_spec<SettingsValues>();
  std::vector<Given> all;
  std::vector<cache::NamespaceSetting> namespaces;
  for (const SettingsFile& file : sources.files) {
    SKEIN_TRY(const std::vector<TomlEntry> entries, parse_toml(file.text, file.name));
    for (const TomlEntry& entry : entries) {
      const std::string place = fmt::format("{}:{}", file.name, entry.line);
      if (entry.key.starts_with(kNamespaces)) {
        SKEIN_TRY(auto setting, namespace_setting(entry, place));
        namespaces.push_back(std::move(setting));
        continue;
      }
      const FieldSpec* field = find_field(table, entry.key);
      if (field == nullptr || (field->type.kind == Kind::object && !entry.value.is_null())) {
        std::string what = fmt::format("there is no setting \"{}\"{}", entry.key, meant(table, entry.key));
        if (file.source != Source::user)
          return std::unexpected(Error(Code::invalid_argument, std::move(what))
                                     .with(place)
                                     .or_do("mend or remove that line; docs/configuration.md shows every key"));
        settings.warnings_.push_back(fmt::format("{} ({})", what, place));
        continue;
      }
      if (field->type.kind == Kind::object) continue;  // An empty section.
      if (file.source == Source::workspace && is_guarded(*field, entry.value))
        settings.guarded_.push_back({entry.key, entry.value, place});
      all.push_back({entry.key, entry.value, {file.source, place}});
    }
  }

  SKEIN_TRY(settings.namespaces_, cache::with_settings(std::move(settings.namespaces_), namespaces));

  bool trusted = false;
  if (!settings.guarded_.empty() && sources.is_trusted) {
    SKEIN_TRY(trusted, sources.is_trusted(settings.guarded_));
  }
  if (!trusted) {
    for (const GuardedSetting& guarded : settings.guarded_) {
      std::erase_if(
          all, [&](const Given& given) { return given.origin.place == guarded.place && given.key == guarded.key; });
      settings.warnings_.push_back(fmt::format(
          "{} is not used: you have not trusted this workspace, see `skein trust` ({})", guarded.key, guarded.place));
    }
  }

  for (const std::string& key : all_keys(table)) {
    const std::string variable = variable_of(key);
    const auto text = find_variable(sources.environment, variable);
    if (!text) continue;
    auto value = engine::json_of_text(find_field(table, key)->type, *text);
    if (!value) return pass(std::move(value).error(), variable);
    all.push_back({key, std::move(*value), {Source::environment, variable}});
  }
  for (const SettingsFlag& flag : sources.flags) all.push_back({flag.key, flag.value, {Source::flag, flag.flag}});
  for (Given& given : all) SKEIN_DO(settings.put(std::move(given)));
  return settings;
}

Json Settings::value(std::string_view key) const {
  const Json json = engine::write_json(values_);
  const std::size_t dot = key.find('.');
  const auto section = json.find(key.substr(0, dot));
  if (section == json.end() || dot == std::string_view::npos) return {};
  const auto found = section->find(key.substr(dot + 1));
  return found == section->end() ? Json() : *found;
}

Origin Settings::origin(std::string_view key) const {
  const auto found = origins_.find(key);
  return found == origins_.end() ? Origin{} : found->second.back();
}

std::vector<SettingReport> Settings::report() const {
  std::vector<SettingReport> rows;
  const TypeSpec table = engine::type_spec<SettingsValues>();
  for (const std::string& key : all_keys(table)) {
    const FieldSpec* field = find_field(table, key);
    SettingReport row{key, value(key), field->default_value, origin(key), std::string(field->doc), {}};
    if (const auto found = origins_.find(key); found != origins_.end())
      row.overrides.assign(found->second.begin(), found->second.end() - 1);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string variable_of(std::string_view key) {
  std::string name = "SKEIN_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace skein::app
