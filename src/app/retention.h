// What is too old or too much to keep: journals of runs and skein's own logs.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "base/units.h"

namespace skein::app {

/// A file that is kept for a while.
struct KeptFile {
  std::string path;
  std::string name;  ///< Of the run or log.
  std::string when;  ///< When it was last written, so that texts sort as times.
  Bytes size;
  bool in_use = false;  ///< Stays whatever its age.
  bool failed = false;  ///< The output of a command or step that failed.
};

struct Retention {
  std::string oldest;  ///< Files whose `when` is before this go.
  Bytes most;          ///< So do those beyond this in all, the oldest first.
};

/// Those of `files` that are to go. The newest always stays.
[[nodiscard]] std::vector<KeptFile> expired(std::vector<KeptFile> files, const Retention& retention);

/// The journals of a state folder, also those set aside as damaged. `when` is the beginning of the run's name.
[[nodiscard]] Result<std::vector<KeptFile>> journal_files(FileSystem& files, const std::string& state);
/// skein's own log and its older parts; the one that is being written is in use. `when` is the time of the last line.
[[nodiscard]] Result<std::vector<KeptFile>> log_files(FileSystem& files, const std::string& state);

/// Stored outputs of commands; `when` is the beginning of the command.
[[nodiscard]] Result<std::vector<KeptFile>> output_files(FileSystem& files, const std::string& state);

/// The `when` of journals and of logs at a time.
[[nodiscard]] std::string journal_when(WallTime at);
[[nodiscard]] std::string log_when(WallTime at);

}  // namespace skein::app
