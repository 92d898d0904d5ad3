// skein's own log: JSON lines in the state folder, for the day when something must be found out. Rotated, redacted, and
// free where nothing is logged: the file is opened by the first line that its level lets through.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/settings_values.h"
#include "base/clock.h"

namespace skein::app {

/// What a line is about; empty fields are left out.
struct LogFields {
  std::string_view run;
  std::string_view step;
  std::string_view key;
};

struct OwnLogOptions {
  std::string folder;  ///< The state folder; the log is its `log/skein.jsonl`.
  LogLevel level = LogLevel::warning;
  bool keep_secrets = false;
  Bytes most{200'000'000};  ///< Of all its files together.
};

/// Thread-safe. Nothing is written while the folder has no `format`. A log that cannot be written is silent: it must
/// not make work fail.
class OwnLog {
 public:
  OwnLog(OwnLogOptions options, const Clock& clock);
  ~OwnLog();
  OwnLog(OwnLog&&) noexcept;
  OwnLog& operator=(OwnLog&&) noexcept;

  [[nodiscard]] bool lets_through(LogLevel level) const { return level >= options_.level && level != LogLevel::off; }
  void write(LogLevel level, std::string_view message, const LogFields& fields = {});

 private:
  struct File;
  OwnLogOptions options_;
  const Clock* clock_;
  std::unique_ptr<File> file_;
};

}  // namespace skein::app
