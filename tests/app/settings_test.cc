#include "app/settings.h"

#include <gtest/gtest.h>

#include "app/toml_entries.h"

namespace skein::app {
namespace {

SettingsFile workspace(std::string text) { return {Source::workspace, "skein.toml", std::move(text)}; }

std::string error_of(std::string text) {
  const auto settings =
      Settings::load({.files = {workspace(std::move(text))}, .environment = {}, .flags = {}, .is_trusted = {}});
  return settings ? "fine" : settings.error().to_string();
}

TEST(Settings, HaveTheirDefaults) {
  const auto settings = Settings::load({});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->values().docs.out, ".skein/docs");
  EXPECT_EQ(settings->values().retention.journals_size.value, 200'000'000);
  EXPECT_EQ(settings->values().retention.audit_days, 2555);
  EXPECT_EQ(settings->values().mode.preset, engine::Mode::local);
  EXPECT_EQ(settings->value("retention.journals_days"), 90);
  EXPECT_TRUE(settings->value("no.such").is_null());
  EXPECT_EQ(settings->origin("docs.out").source, Source::builtin);
}

TEST(Settings, LaterSourcesWinAndEachValueKnowsItsPlace) {
  SettingsSources sources;
  sources.files = {{Source::user, "/home/u/config.toml", "[engine]\njobs = 1\n[docs]\nexclude = [\"a\"]\n"},
                   workspace("[engine]\njobs = 2\n[log]\nlevel = \"info\"\n"),
                   {Source::file, "ci.toml", "\n\n[engine]\njobs = 3\n"}};
  sources.environment = {
      {"SKEIN_ENGINE_JOBS", "4"}, {"SKEIN_RETENTION_LOGS_SIZE", "5MB"}, {"SKEIN_DOCS_EXCLUDE", "x,y"}};
  sources.flags = {{"engine.jobs", 5, "--jobs"}};
  const auto settings = Settings::load(sources);
  ASSERT_TRUE(settings) << settings.error().to_string();
  EXPECT_EQ(settings->values().engine.jobs, 5);
  EXPECT_EQ(settings->origin("engine.jobs").place, "--jobs");
  EXPECT_EQ(settings->values().log.level, LogLevel::info);
  EXPECT_EQ(settings->origin("log.level").place, "skein.toml:4");
  EXPECT_EQ(settings->values().retention.logs_size.value, 5'000'000);
  EXPECT_EQ(settings->origin("retention.logs_size").place, "SKEIN_RETENTION_LOGS_SIZE");
  EXPECT_EQ(settings->values().docs.exclude, (std::vector<std::string>{"x", "y"}));
  for (const SettingReport& row : settings->report()) {
    if (row.key != "engine.jobs") continue;
    std::vector<std::string> places;
    for (const Origin& origin : row.overrides) places.push_back(origin.place);
    EXPECT_EQ(places,
              (std::vector<std::string>{"/home/u/config.toml:2", "skein.toml:2", "ci.toml:4", "SKEIN_ENGINE_JOBS"}));
  }
}

TEST(Settings, NameTheNearestKeyAndThePlaceOfAMistake) {
  EXPECT_EQ(error_of("[docs]\nuot = 1\n"),
            "there is no setting \"docs.uot\" (did you mean \"docs.out\"?) (skein.toml:2)");
  EXPECT_EQ(error_of("[dosc]\n"), "there is no setting \"dosc\" (did you mean \"docs\"?) (skein.toml:1)");
  EXPECT_EQ(error_of("jobs = 2\n"), "there is no setting \"jobs\" (did you mean \"engine.jobs\"?) (skein.toml:1)");
  EXPECT_TRUE(error_of("docs = 2\n").starts_with("there is no setting \"docs\""));
  EXPECT_EQ(error_of("[nothing.like.it]\na = 1\n"), "there is no setting \"nothing.like.it.a\" (skein.toml:2)");
  EXPECT_EQ(error_of("[engine]\njobs = -1\n"), "engine.jobs must be at least 0, not -1 (skein.toml:2)");
  EXPECT_EQ(error_of("[engine]\nprofile = \"larg\"\n"),
            "engine.profile must be one of small, medium, large, enterprise, not \"larg\" (did you mean \"large\"?) "
            "(skein.toml:2)");
  EXPECT_EQ(error_of("[retention]\nlogs_size = \"lots\"\n"),
            "retention.logs_size: \"lots\" is not a size such as 200MB, 10KiB or 4096 (skein.toml:2)");
  EXPECT_EQ(error_of("[docs]\nexclude = \"a\"\n"), "docs.exclude must be a list, not \"a\" (skein.toml:2)");
}

TEST(Settings, OnlyWarnOfAnUnknownKeyInTheUsersOwnFile) {
  const auto settings = Settings::load(
      {.files = {{Source::user, "u.toml", "[docs]\nlater = 1\n"}}, .environment = {}, .flags = {}, .is_trusted = {}});
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->warnings().size(), 1U);
  EXPECT_NE(settings->warnings()[0].find("u.toml:2"), std::string::npos);
}

TEST(Settings, NameTheVariableWithAWrongValue) {
  const auto settings =
      Settings::load({.files = {}, .environment = {{"SKEIN_ENGINE_JOBS", "many"}}, .flags = {}, .is_trusted = {}});
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().to_string(), "\"many\" is not a whole number (SKEIN_ENGINE_JOBS)");
}

TEST(Settings, UseWhatNeedsTrustOnlyWithIt) {
  const std::string text = "[mode]\ndefault = \"burst\"\n[docs]\nout = \"../elsewhere\"\n";
  int asked = 0;
  SettingsSources sources{.files = {workspace(text)}, .environment = {}, .flags = {}, .is_trusted = {}};
  auto settings = Settings::load(sources);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->values().mode.preset, engine::Mode::local);
  EXPECT_EQ(settings->values().docs.out, ".skein/docs");
  EXPECT_EQ(settings->guarded().size(), 2U);
  EXPECT_EQ(settings->warnings().size(), 2U);
  sources.is_trusted = [&](const std::vector<GuardedSetting>&) -> Result<bool> {
    ++asked;
    return true;
  };
  settings = Settings::load(sources);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->values().mode.preset, engine::Mode::burst);
  EXPECT_EQ(settings->values().docs.out, "../elsewhere");
  EXPECT_TRUE(settings->warnings().empty());
  EXPECT_EQ(asked, 1);
}

TEST(Settings, NeedNoTrustForWhatIsHarmlessOrTheUsersOwn) {
  bool asked = false;
  SettingsSources sources{
      .files = {{Source::user, "u.toml", "[mode]\ndefault = \"burst\"\n"},
                workspace("[docs]\nout = \"a/../b\"\n[mode]\ndefault = \"local\"\n")},
      .environment = {},
      .flags = {},
      .is_trusted = [&](const std::vector<GuardedSetting>&) -> Result<bool> { return asked = true; }};
  const auto settings = Settings::load(sources);
  ASSERT_TRUE(settings);
  EXPECT_FALSE(asked);
  EXPECT_EQ(settings->values().docs.out, "a/../b");
}

TEST(Settings, TheCommentedFileIsValidAndSaysTheDefaults) {
  std::string text = commented_settings("a \"quoted\" name");
  // Every key switched on must be readable too, and change nothing but what has no default.
  std::string on;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    if (line.starts_with("# ") && line.find(" = ") != std::string::npos && line.find(". ") == std::string::npos)
      line.erase(0, 2);
    on += line + "\n";
    at = end + 1;
  }
  const auto off = Settings::load({.files = {workspace(text)}, .environment = {}, .flags = {}, .is_trusted = {}});
  ASSERT_TRUE(off) << off.error().to_string();
  const auto trusted = [](const std::vector<GuardedSetting>&) -> Result<bool> { return true; };
  const auto all = Settings::load({.files = {workspace(on)}, .environment = {}, .flags = {}, .is_trusted = trusted});
  ASSERT_TRUE(all) << all.error().to_string() << on;
  const std::vector<SettingReport> before = off->report();
  const std::vector<SettingReport> after = all->report();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].origin.source, Source::workspace) << before[i].key << on;
    if (!before[i].value.is_null()) {
      EXPECT_EQ(before[i].value, after[i].value) << before[i].key;
    }
  }
}

}  // namespace
}  // namespace skein::app
