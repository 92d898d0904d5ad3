// Every setting of skein.toml: its key, type, default, range and doc. Nothing else says what settings there are:
// reading, `skein init`, `skein doctor --config` and docs/configuration.md follow this file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/isolation.h"
#include "engine/operation.h"

namespace skein::app {

enum class Profile { small, medium, large, enterprise };
enum class LogLevel { debug, info, warning, error, off };
enum class HistoryBy { commits, months };
enum class TaskChecks { off, warn, refuse };
std::span<const engine::Choice<TaskChecks>> choices_of(TaskChecks);
std::span<const engine::Choice<Profile>> choices_of(Profile);
enum class IsolationLevel { full, weak };
std::span<const engine::Choice<IsolationLevel>> choices_of(IsolationLevel);
enum class CachePolicy { worth, s3_fifo, lru };
enum class CacheWrites { back, through, none };
std::span<const engine::Choice<LogLevel>> choices_of(LogLevel);
std::span<const engine::Choice<CachePolicy>> choices_of(CachePolicy);
std::span<const engine::Choice<CacheWrites>> choices_of(CacheWrites);
std::span<const engine::Choice<HistoryBy>> choices_of(HistoryBy);

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

struct HistorySettings {
  HistoryBy by = HistoryBy::commits;
  int commits = 1'000;
  int months = 12;

  template <class V>
  static void describe(V& v) {
    v.field("by", &HistorySettings::by,
            "Which commits count for owners and hot spots: the newest ones (commits), or those not much older than the "
            "newest one (months).");
    v.field("commits", &HistorySettings::commits, "How many count where history.by is \"commits\".",
            {.min = 1, .max = 20'000});
    v.field(
        "months", &HistorySettings::months,
        "How many before the newest commit count where history.by is \"months\"; at most 20,000 commits all the same.",
        {.min = 1, .max = 1'200});
  }
};

struct EngineSettings {
  int jobs = 0;
  std::optional<Profile> profile;
  bool keep_going = false;
  int agents = 8;
  std::optional<std::chrono::seconds> time_limit;

  template <class V>
  static void describe(V& v) {
    v.field("jobs", &EngineSettings::jobs, "Threads to compute on. 0: as many as the machine has processors.",
            {.min = 0, .max = 1024});
    v.field("profile", &EngineSettings::profile,
            "How much of the machine runs may take. Not set: sized from the machine.");
    v.field("keep_going", &EngineSettings::keep_going,
            "After a step failed, still run the steps that do not need it. The run fails either way.");
    v.field("agents", &EngineSettings::agents,
            "How many agents of a plan work at the same time. They take no thread of engine.jobs.",
            {.min = 1, .max = 1'000});
    v.field("time_limit", &EngineSettings::time_limit,
            "The longest a run may take, such as \"30m\". Not set: no limit.", {.min = 1});
  }
};

struct AgentSettings {
  TaskChecks task_checks = TaskChecks::warn;
  bool private_files = true;
  bool prove_checks = true;
  std::vector<std::string> person_command;
  std::optional<std::string> person_webhook;
  std::chrono::seconds person_wait{std::chrono::hours(24)};

  template <class V>
  static void describe(V& v) {
    v.field(
        "task_checks", &AgentSettings::task_checks,
        "A task that names paths which are not there, or says not when it is done: a note (warn), no start (refuse), "
        "or not looked at (off).");
    v.field("private_files", &AgentSettings::private_files,
            "The workspace's files are not for everybody. An agent that would have private data, input of others and a "
            "network at once is not started.",
            {.needs_trust = true});
    v.field("prove_checks", &AgentSettings::prove_checks,
            "After the checks of an agent's work passed, look whether they can fail: they run once more with syntax "
            "errors in the changed files. Those that pass that, too, are named.");
    v.field("person_command", &AgentSettings::person_command,
            "A program and its arguments that tell you when a step needs a person; it gets the question as JSON on its "
            "standard input.",
            {.needs_trust = true});
    v.field("person_webhook", &AgentSettings::person_webhook,
            "An address of this machine that gets the same by POST: http://127.0.0.1:PORT/PATH.",
            {.value_name = "URL", .needs_trust = true});
    v.field("person_wait", &AgentSettings::person_wait, "How long a step waits for a person.", {.min = 1});
  }
};

struct BudgetSettings {
  std::optional<std::string> day;
  std::optional<std::string> month;

  template <class V>
  static void describe(V& v) {
    v.field("day", &BudgetSettings::day,
            "The most that models may cost in a day (UTC), over all runs and workspaces of yours: \"$5\", \"2M "
            "tokens\". A request that could cross it is not sent.",
            {.value_name = "MONEY|TOKENS", .needs_trust = true});
    v.field("month", &BudgetSettings::month, "The same for a month.",
            {.value_name = "MONEY|TOKENS", .needs_trust = true});
  }
};

struct CacheSettings {
  Bytes memory_size{std::int64_t{1} << 30};
  CachePolicy memory_policy = CachePolicy::worth;
  Bytes disk_size{std::int64_t{1} << 30};
  std::optional<std::string> url;
  std::string prefix = "skein";
  CacheWrites writes = CacheWrites::back;
  int time_limit_ms = 50;
  int budget_ms = 500;
  std::chrono::seconds ttl{std::chrono::hours(24 * 7)};
  bool encrypt = false;
  bool user_tier = false;
  bool single_flight = true;
  int warm_after_days = 30;
  int cold_after_days = 365;

  template <class V>
  static void describe(V& v) {
    v.field("memory_size", &CacheSettings::memory_size,
            "What a process keeps in memory takes no more than this; 0 B: nothing is kept.", {.min = 0});
    v.field("memory_policy", &CacheSettings::memory_policy,
            "What goes first when memory is full: by use and by what it costs to make again (worth), by use alone "
            "(s3-fifo), or what was not used for the longest time (lru).");
    v.field("disk_size", &CacheSettings::disk_size, "`skein cache gc` keeps results and blobs below this.", {.min = 0});
    v.field("url", &CacheSettings::url,
            "A Redis server that a team shares: redis://host:port, rediss://host:port (TLS) or unix:///path/to/socket. "
            "Not set: the variable REDIS_URL, else none. In mode local only this machine's are used, in mode airgapped "
            "none.",
            {.value_name = "URL", .needs_trust = true});
    v.field("prefix", &CacheSettings::prefix, "The team's: keys of other prefixes are not seen on the shared server.");
    v.field("writes", &CacheSettings::writes,
            "When the shared server gets what was made: with each group that becomes durable here (back), before the "
            "step counts as done (through), or never (none).");
    v.field("time_limit_ms", &CacheSettings::time_limit_ms, "The longest wait for one answer of the shared server.",
            {.min = 1, .max = 60'000});
    v.field("budget_ms", &CacheSettings::budget_ms,
            "What may be waited for the shared server beyond what its answers save; then it is left alone for 30 s.",
            {.min = 1, .max = 600'000});
    v.field("ttl", &CacheSettings::ttl, "Values on the shared server are not used after this long.", {.min = 1});
    v.field(
        "encrypt", &CacheSettings::encrypt,
        "Encrypt values on the shared server, by the secret SKEIN_CACHE_SECRET of a team, else by your own key: then "
        "only you, on this machine, can use them.");
    v.field(
        "user_tier", &CacheSettings::user_tier,
        "Keep results in your cache folder too, for all your workspaces: what one of them made no other makes again. "
        "Takes the disk's space twice.");
    v.field("warm_after_days", &CacheSettings::warm_after_days,
            "`skein cache gc` packs results smaller that were made longer ago than this.", {.min = 1, .max = 36'500});
    v.field("cold_after_days", &CacheSettings::cold_after_days, "And as small as can be after this.",
            {.min = 1, .max = 36'500});
    v.field("single_flight", &CacheSettings::single_flight,
            "Wait for another process that is just making the same result, where making it takes long or costs money.");
  }
};

struct RetentionSettings {
  int journals_days = 90;
  Bytes journals_size{200'000'000};
  int logs_days = 90;
  Bytes logs_size{200'000'000};
  int failed_logs_days = 180;
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
    v.field("failed_logs_days", &RetentionSettings::failed_logs_days,
            "Outputs of commands and steps that failed are kept this many days.", {.min = 1, .max = 36'500});
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

struct IsolationSettings {
  IsolationLevel level = IsolationLevel::full;
  std::optional<agents::IsolationPath> path;

  template <class V>
  static void describe(V& v) {
    v.field("level", &IsolationSettings::level,
            "Whether agents are refused where this machine cannot hold all that docs/isolation.md says (full), or run "
            "with what it can hold (weak).",
            {.needs_trust = true});
    v.field("path", &IsolationSettings::path,
            "How agents are kept apart: see docs/isolation.md. Not set: the best that this machine has.",
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
  HistorySettings history;
  EngineSettings engine;
  AgentSettings agents;
  BudgetSettings budget;
  CacheSettings cache;
  RetentionSettings retention;
  ModeSettings mode;
  IsolationSettings isolation;
  LogSettings log;

  template <class V>
  static void describe(V& v) {
    v.field("project", &SettingsValues::project, "What the project is.");
    v.field("docs", &SettingsValues::docs, "The documentation site, `skein docs`.");
    v.field("history", &SettingsValues::history, "What git's last commits say: owners and hot spots.");
    v.field("engine", &SettingsValues::engine, "How runs are executed.");
    v.field("agents", &SettingsValues::agents, "How agents do tasks.");
    v.field("budget", &SettingsValues::budget, "What models may cost, beside a run's own --budget.");
    v.field("cache", &SettingsValues::cache, "What is remembered: in memory, on disk, and with a team.");
    v.field("retention", &SettingsValues::retention, "How long `skein gc` keeps what.");
    v.field("mode", &SettingsValues::mode, "The network.");
    v.field("isolation", &SettingsValues::isolation, "What agents can reach.");
    v.field("log", &SettingsValues::log, "skein's own log.");
  }
};

}  // namespace skein::app
