// Runs that a workspace remembers, by the journals in its state folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/services.h"
#include "engine/journal.h"

namespace skein::app {

/// The state folder of the context's workspace, or nothing where it has none yet: no command that only looks makes one.
/// Errors: as `open_state`.
[[nodiscard]] Result<std::optional<StateFolder>> existing_state(const Services& services,
                                                                const engine::Context& context);

/// Names of all runs that have a journal, oldest first; those begun within one second in the order of their beginnings,
/// which their names do not tell. Errors: as `list_runs`.
[[nodiscard]] Result<std::vector<std::string>> runs_by_time(FileSystem& files, const std::string& state);
/// The part of a run's name that is its time.
[[nodiscard]] std::string_view time_of_run(std::string_view run);

/// The run that a user means: its whole name, the unique beginning of one, or "last".
/// Errors: `not_found`, `invalid_argument` for a beginning that several have.
[[nodiscard]] Result<std::string> find_run(FileSystem& files, const std::string& state, std::string_view name);

/// True while a process works on it.
[[nodiscard]] bool is_running(const std::string& state, const std::string& run);

/// Errors: `unavailable` while any run of the workspace goes on: it may need what somebody is about to remove.
Status refuse_while_running(FileSystem& files, const std::string& state);

/// "ok", "failed", "cancelled", "killed" or "running" of a run with this end.
[[nodiscard]] std::string status_of(const std::string& state, const std::string& run,
                                    const std::optional<engine::JournalEnd>& end);

/// A whole journal.
struct RunRecord {
  engine::JournalStart start;
  std::vector<engine::JournalStep> steps;   ///< That were done.
  std::vector<engine::JournalStep> reused;  ///< Answers of agents and models that were known; only of those.
  std::vector<engine::JournalFailure> failures;
  std::vector<engine::JournalCommit> commits;
  std::vector<engine::JournalOutput> outputs;
  std::optional<engine::JournalEnd> end;
};
/// Errors: as `read_journal`; `not_found` for one without a start: the run was killed at once.
[[nodiscard]] Result<RunRecord> read_run(FileSystem& files, const std::string& state, const std::string& run);

/// "2026-11-21 01:02:03", UTC.
[[nodiscard]] std::string shown_time(WallTime at);
/// `text` in at most `width` columns, the middle left out where it is longer.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

}  // namespace skein::app
