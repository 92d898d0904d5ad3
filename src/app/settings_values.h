// Every setting of skein.toml: its key, type, default, range and doc. Nothing else says what settings there are:
// reading, `skein init`, `skein doctor --config` and docs/configuration.md follow this file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/operation.h"

namespace skein::app {

enum class Profile { small, medium, large, enterprise };
enum class LogLevel { debug, info, warning, error, off };
std::span<const engine::Choice<Profile>> choices_of(Profile);
std::span<const engine::Choice<LogLevel>> choices_of(LogLevel);

struct ProjectSettings {
  std::optional<std::string> name;
  std::optional<std::string> description;

  template <class V>
  static void describe(V& v) {
    v.field("name", &ProjectSettings::name,
            "What the project is called in its pages. Not set: the manifest's name, else the README's title, the git "
            "remote's name, the folder's name.");
    v.field("description", &ProjectSettings::description,
            "One sentence about the project. Not set: the manifest's, else the README's first sentence.");
  }
};

struct DocsSettings {
  std::string out = ".skein/docs";
  std::vector<std::string> exclude;

  template <class V>
  static void describe(V& v) {
    v.field("out", &DocsSettings::out,
            "The folder for the pages, relative to the workspace. One that lies outside of it needs trust.",
            {.value_name = "DIR", .is_path = true});
    v.field("exclude", &DocsSettings::exclude, "Files and folders to leave out, as lines of a .gitignore file.");
  }
};

struct EngineSettings {
  int jobs = 0;
  std::optional<Profile> profile;
  bool keep_going = false;
  std::optional<std::chrono::seconds> time_limit;

  template <class V>
  static void describe(V& v) {
    v.field("jobs", &EngineSettings::jobs, "Threads to compute on. 0: as many as the machine has processors.",
            {.min = 0, .max = 1024});
    v.field("profile", &EngineSettings::profile,
            "How much of the machine runs may take. Not set: sized from the machine.");
    v.field("keep_going", &EngineSettings::keep_going,
            "After a step failed, still run the steps that do not need it. The run fails either way.");
    v.field("time_limit", &EngineSettings::time_limit,
            "The longest a run may take, such as \"30m\". Not set: no limit.", {.min = 1});
  }
};

struct RetentionSettings {
  int journals_days = 90;
  Bytes journals_size{200'000'000};
  int logs_days = 90;
  Bytes logs_size{200'000'000};
  int audit_days = 2555;

  template <class V>
  static void describe(V& v) {
    v.field("journals_days", &RetentionSettings::journals_days, "Journals of runs are kept this many days.",
            {.min = 1, .max = 36'500});
    v.field("journals_size", &RetentionSettings::journals_size,
            "And no more of them than this in all, the newest first.", {.min = 1e6});
    v.field("logs_days", &RetentionSettings::logs_days, "Logs and outputs of steps are kept this many days.",
            {.min = 1, .max = 36'500});
    v.field("logs_size", &RetentionSettings::logs_size, "And no more of them than this in all.", {.min = 1e6});
    v.field("audit_days", &RetentionSettings::audit_days,
            "The record of who changed what is kept this many days (7 years).", {.min = 1, .max = 36'500});
  }
};

struct ModeSettings {
  engine::Mode preset = engine::Mode::local;

  template <class V>
  static void describe(V& v) {
    v.field("default", &ModeSettings::preset,
            "How far skein may reach: loopback and unix sockets only (local), remote providers too (burst), no socket "
            "at all (airgapped).",
            {.needs_trust = true});
  }
};

struct LogSettings {
  LogLevel level = LogLevel::warning;
  bool keep_secrets = false;

  template <class V>
  static void describe(V& v) {
    v.field("level", &LogSettings::level, "What skein's own log in the state folder holds, from this level on.");
    v.field(
        "keep_secrets", &LogSettings::keep_secrets,
        "Write what looks like a password or key into skein's own log and the stored outputs of commands as it is, not "
        "as a marked span. Whoever can read the state folder can then read them.",
        {.needs_trust = true});
  }
};

struct SettingsValues {
  ProjectSettings project;
  DocsSettings docs;
  EngineSettings engine;
  RetentionSettings retention;
  ModeSettings mode;
  LogSettings log;

  template <class V>
  static void describe(V& v) {
    v.field("project", &SettingsValues::project, "What the project is.");
    v.field("docs", &SettingsValues::docs, "The documentation site, `skein docs`.");
    v.field("engine", &SettingsValues::engine, "How runs are executed.");
    v.field("retention", &SettingsValues::retention, "How long `skein gc` keeps what.");
    v.field("mode", &SettingsValues::mode, "The network.");
    v.field("log", &SettingsValues::log, "skein's own log.");
  }
};

}  // namespace skein::app
