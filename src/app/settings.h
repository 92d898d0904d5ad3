// The settings of a workspace, put together from their sources; every value remembers where it came from.
// Order, later wins: built in, the user's config.toml, the workspace's skein.toml, --config FILE, SKEIN_… variables,
// flags of the command line.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings_values.h"
#include "base/file_system.h"
#include "base/platform/surroundings.h"
#include "cache/namespaces.h"

namespace skein::app {

enum class Source { builtin, user, workspace, file, environment, flag };
std::span<const engine::Choice<Source>> choices_of(Source);

/// Where a value came from.
struct Origin {
  Source source = Source::builtin;
  std::string place;  ///< "skein.toml:3", "SKEIN_DOCS_OUT", "--jobs"; empty for a built-in one.
};

struct SettingsFile {
  Source source = Source::workspace;
  std::string name;  ///< As shown in errors.
  std::string text;
};

struct SettingsFlag {
  std::string key;
  engine::Json value;
  std::string flag;  ///< "--jobs"
};

/// A setting of a repository that is used only with the user's trust.
struct GuardedSetting {
  std::string key;
  engine::Json value;
  std::string place;
};

struct SettingsSources {
  std::vector<SettingsFile> files;  ///< In their order.
  Environment environment;
  std::vector<SettingsFlag> flags;
  /// Asked once if the workspace's file sets what needs trust; none: not trusted.
  std::function<Result<bool>(const std::vector<GuardedSetting>&)> is_trusted;
};

/// One row of `skein doctor --config`.
struct SettingReport {
  std::string key;
  engine::Json value;
  engine::Json default_value;
  Origin origin;
  std::string doc;
  std::vector<Origin> overrides;  ///< Lower sources that set it too, the lowest first.
};

class Settings final : public engine::SettingsReader {
 public:
  /// Errors: `invalid_argument` for a value that does not fit its key, with its place, and for an unknown key (with the
  /// nearest name) in any file but the user's own, where it is a warning: another version of skein may know it.
  [[nodiscard]] static Result<Settings> load(const SettingsSources& sources);

  [[nodiscard]] const SettingsValues& values() const { return values_; }
  [[nodiscard]] engine::Json value(std::string_view key) const override;
  [[nodiscard]] Origin origin(std::string_view key) const;
  /// How what is remembered is kept: the built-in namespaces with the tables [cache.namespaces.NAME] of the files.
  [[nodiscard]] const std::vector<cache::Namespace>& namespaces() const { return namespaces_; }
  /// In the order of the table.
  [[nodiscard]] std::vector<SettingReport> report() const;
  /// Lines for the user: unknown keys of his file, settings that are not used because they are not trusted.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  /// What the workspace's file sets that needs trust, used or not.
  [[nodiscard]] const std::vector<GuardedSetting>& guarded() const { return guarded_; }

 private:
  /// One value of one source, before it is put in.
  struct Given {
    std::string key;
    engine::Json value;
    Origin origin;
  };
  Status put(Given given);

  SettingsValues values_;
  std::map<std::string, std::vector<Origin>, std::less<>> origins_;  // Per key, the lowest source first.
  std::vector<std::string> warnings_;
  std::vector<GuardedSetting> guarded_;
  std::vector<cache::Namespace> namespaces_ = cache::builtin_namespaces();
};

/// "SKEIN_DOCS_OUT" for "docs.out".
[[nodiscard]] std::string variable_of(std::string_view key);

/// The table as text: a skein.toml in which every key stands commented out with its default and doc.
[[nodiscard]] std::string commented_settings(std::string_view project_name);
/// The table as the reference in docs/configuration.md.
[[nodiscard]] std::string settings_reference();

}  // namespace skein::app
