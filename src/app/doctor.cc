// `skein doctor`: is everything there that skein needs, and where does each setting come from.
#include <algorithm>
#include <array>

#include "app/isolation_choice.h"
#include "app/operations.h"
#include "app/trust.h"
#include "base/platform/machine.h"
#include "base/platform/no_sockets.h"
#include "text/quantity.h"
#include "text/wrap.h"

namespace skein::app {

enum class CheckStatus { ok, note, failed };
std::span<const engine::Choice<CheckStatus>> choices_of(CheckStatus) {
  static constexpr std::array<engine::Choice<CheckStatus>, 3> kChoices{
      {{CheckStatus::ok, "ok"}, {CheckStatus::note, "note"}, {CheckStatus::failed, "failed"}}};
  return kChoices;
}

namespace {

using engine::Context;

constexpr Bytes kLittleSpace{1'000'000'000};

struct DoctorInput {
  bool settings = false;

  template <class V>
  static void describe(V& v) {
    v.field("config", &DoctorInput::settings, "Show every setting, and where its value came from.");
  }
};

struct Check {
  std::string name;
  CheckStatus status = CheckStatus::ok;
  std::string finding;
  std::string way_out;

  template <class V>
  static void describe(V& v) {
    v.field("name", &Check::name, "What was looked at.");
    v.field("status", &Check::status, "ok, note (works, but read it), failed.");
    v.field("finding", &Check::finding, "What was found.");
    v.field("way_out", &Check::way_out, "What to do; empty where nothing is to be done.");
  }
};

struct SettingRow {
  std::string key;
  engine::Json value;
  engine::Json default_value;
  Source source = Source::builtin;
  std::string place;
  std::vector<std::string> overrides;

  template <class V>
  static void describe(V& v) {
    v.field("key", &SettingRow::key, "The dotted key.");
    v.field("value", &SettingRow::value, "The value in force; null where it is not set.");
    v.field("default", &SettingRow::default_value, "The built-in value.");
    v.field("source", &SettingRow::source, "Who set it.");
    v.field("place", &SettingRow::place, "File and line, variable or flag.");
    v.field("overrides", &SettingRow::overrides, "Places that set it too, and lost.");
  }
};

struct DoctorOutput {
  std::vector<Check> checks;
  std::vector<SettingRow> settings;
  bool show_settings = false;

  template <class V>
  static void describe(V& v) {
    v.field("checks", &DoctorOutput::checks, "One per thing that was looked at.");
    v.field("config", &DoctorOutput::settings, "With --config: every setting.");
  }
  [[nodiscard]] bool succeeded() const {
    return std::ranges::none_of(checks, [](const Check& check) { return check.status == CheckStatus::failed; });
  }
};

Check from_error(std::string name, const Error& error) {
  return {std::move(name), CheckStatus::failed, error.to_string(), error.way_out()};
}

Check check_state(const Services& services, const std::string& workspace, const UserFolders& folders) {
  const auto located = locate_state_folder(workspace, folders.state, services.mount_of);
  if (!located) return from_error("state folder", located.error());
  const auto format = state_format(services.files, located->path);
  if (!format) return from_error("state folder", format.error());
  Check check{"state folder", CheckStatus::ok, located->path, {}};
  if (located->moved) {
    check.status = CheckStatus::note;
    check.finding += fmt::format(": {}, so the state is there", located->why_moved);
  }
  if (!format->has_value()) {
    check.finding += " (not made yet)";
  } else if (**format > kStateFormat) {
    check.status = CheckStatus::failed;
    check.finding += fmt::format(" has format {}, this skein knows {}", **format, kStateFormat);
    check.way_out = fmt::format("update skein, or remove {} to start afresh", located->path);
  } else if (**format < kStateFormat) {
    check.status = CheckStatus::note;
    check.finding += fmt::format(" has format {}: the next command moves it aside and rebuilds it", **format);
  } else {
    check.finding += fmt::format(", format {}", **format);
  }
  return check;
}

Check check_space(const Services& services, const std::string& workspace) {
  const auto mount = services.mount_of(workspace);
  if (!mount) return from_error("disk", mount.error());
  Check check{"disk", CheckStatus::ok, fmt::format("{} free on {}", text::format_bytes(mount->free), mount->kind), {}};
  if (mount->free < kLittleSpace) {
    check.status = CheckStatus::note;
    check.way_out = "free some space, or run `skein gc`";
  }
  return check;
}

Check check_trust(const Services& services, const Context& context, const UserFolders& folders) {
  const auto items = collect_trust_items(services.files, context.workspace, settings_of(context).guarded());
  if (!items) return from_error("trust", items.error());
  const TrustState state = TrustStore(services.files, folders.state).state(context.workspace, *items);
  switch (state) {
    case TrustState::nothing_to_trust:
      return {"trust", CheckStatus::ok, "the workspace brings nothing that needs trust", {}};
    case TrustState::trusted:
      return {"trust", CheckStatus::ok, fmt::format("{} things of the workspace are trusted", items->size()), {}};
    case TrustState::changed:
      return {"trust", CheckStatus::note, "what needs trust has changed since you trusted it, and is not used",
              "`skein trust`"};
    case TrustState::untrusted:
      return {"trust", CheckStatus::note,
              fmt::format("{} things of the workspace need trust and are not used", items->size()), "`skein trust`"};
  }
  return {};
}

/// How agents would be isolated, as the settings wish, and whether that holds everything.
Check check_isolation(const Settings& settings, const UserFolders& folders) {
  const auto abilities = agents::isolation_abilities(sandboxes_folder(folders));
  const agents::IsolationWish wish = isolation_wish(settings, {});
  const agents::IsolationPath path = wish.path.value_or(agents::best_path(abilities));
  Check check{"isolation of agents", CheckStatus::ok, fmt::format("{}: ", agents::to_string(path)), {}};
  switch (path) {
    case agents::IsolationPath::overlay:
      check.finding += "namespaces and overlayfs; all of docs/isolation.md is held";
      break;
    case agents::IsolationPath::copy:
      check.finding += "namespaces and a copy of the workspace; all of docs/isolation.md is held";
      break;
    case agents::IsolationPath::landlock:
      check.finding += fmt::format("a copy of the workspace, held by Landlock {}", abilities.landlock);
      break;
    case agents::IsolationPath::plain:
      check.finding += "a copy of the workspace, and filters of system calls";
      break;
  }
  if (!wish.path && !abilities.why_not_overlay.empty())
    check.finding += fmt::format(" ({})", abilities.why_not_overlay);
  if (path == agents::IsolationPath::overlay && abilities.why_not_overlay.empty()) return check;
  check.status = CheckStatus::note;
  if (const auto chosen = agents::chosen_path(wish, abilities, false); !chosen) {
    check.finding += "; agents are refused: " + chosen.error().message();
    check.way_out = chosen.error().way_out();
  } else {
    for (const std::string& open : agents::not_held(path, abilities, false)) check.finding += "; not held: " + open;
  }
  return check;
}

Result<DoctorOutput> doctor(const Services& services, const Context& context, const DoctorInput& input) {
  SKEIN_TRY(const UserFolders folders, user_folders(services.environment));
  const Settings& settings = settings_of(context);
  DoctorOutput output;
  output.show_settings = input.settings;
  auto& checks = output.checks;
  checks.push_back({"skein", CheckStatus::ok, std::string(skein_version()), {}});
  checks.push_back({"system",
                    CheckStatus::ok,
                    fmt::format("{}, {} processors, {} of memory", system_name(), usable_processors(),
                                text::format_bytes(physical_memory())),
                    {}});
  checks.push_back({"workspace", CheckStatus::ok, context.workspace, {}});
  checks.push_back(check_state(services, context.workspace, folders));
  checks.push_back(check_space(services, context.workspace));
  Check read{"settings", CheckStatus::ok, "read", {}};
  if (!settings.warnings().empty()) {
    read.status = CheckStatus::note;
    read.finding = fmt::format("{}", fmt::join(settings.warnings(), "; "));
  }
  checks.push_back(std::move(read));
  checks.push_back(check_trust(services, context, folders));
  const bool can_forbid = can_forbid_sockets();
  checks.push_back({"airgapped mode",
                    can_forbid ? CheckStatus::ok : CheckStatus::note,
                    can_forbid ? "the kernel can take the network away" : "the kernel has no seccomp filters",
                    {}});
  checks.push_back(check_isolation(settings, folders));
  if (!input.settings) return output;
  for (SettingReport& row : settings.report()) {
    SettingRow shown{row.key,           std::move(row.value), std::move(row.default_value),
                     row.origin.source, row.origin.place,     {}};
    for (const Origin& origin : row.overrides) shown.overrides.push_back(origin.place);
    output.settings.push_back(std::move(shown));
  }
  return output;
}

std::string mark(CheckStatus status, const engine::Style& style) {
  switch (status) {
    case CheckStatus::ok:
      return style.color ? "\x1b[32mok\x1b[0m    " : "ok    ";
    case CheckStatus::note:
      return style.color ? "\x1b[33mnote\x1b[0m  " : "note  ";
    case CheckStatus::failed:
      return style.color ? "\x1b[31mfailed\x1b[0m" : "failed";
  }
  return "";
}

std::string render(const DoctorOutput& output, const engine::Style& style) {
  std::string text;
  if (output.show_settings) {
    for (const SettingRow& row : output.settings) {
      const std::string value =
          row.value.is_null() ? "not set" : row.value.dump(-1, ' ', false, engine::Json::error_handler_t::replace);
      text += fmt::format("{:<28}{:<20}{}{}\n", row.key, value, engine::name_of(row.source),
                          row.place.empty() ? "" : " " + row.place);
      for (const std::string& place : row.overrides) text += fmt::format("{:<48}over {}\n", "", place);
    }
    return text;
  }
  for (const Check& check : output.checks) {
    text += fmt::format("{}  {:<15} {}\n", mark(check.status, style), check.name, check.finding);
    if (!check.way_out.empty()) text += fmt::format("{:<24}way out: {}\n", "", check.way_out);
  }
  return text;
}

}  // namespace

void register_doctor(engine::OperationTable& table, const Services& services) {
  table.add(engine::Operation::make<DoctorInput, DoctorOutput>(
      {.name = "doctor",
       .summary = "Check that everything is there, and show the settings",
       .description = "Looks at the system, the workspace, the state folder, the settings and trust, and says what is "
                      "wrong and what to do. Changes nothing.\n\nWith --config: every setting, its value in force, and "
                      "the file and line, variable or flag that set it.",
       .examples = {{"skein doctor", ""}, {"skein doctor --config", "where each setting came from"}}},
      [&services](const Context& context, const DoctorInput& input) { return doctor(services, context, input); },
      render));
}

}  // namespace skein::app
